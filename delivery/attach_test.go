package delivery_test

import (
	"context"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/voorpoort/voorpoort/delivery"
)

// TestReloadWithCallsInFlight: they end with the sender that they began with,
// which is closed after the last of them; everything else goes to the new one;
// and nothing is sent twice.
func TestReloadWithCallsInFlight(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newScene(t, delivery.Options{})
		first, second := takes(10*time.Second), takes(time.Second)
		detach := s.lane(delivery.Lane{ID: "a", Sender: first, MaxConcurrent: 2})
		s.appendMany("a", 20)
		pass(5 * time.Second)
		require.Equal(t, 2, first.count())

		s.lane(delivery.Lane{ID: "a", Sender: second, MaxConcurrent: 2})
		detach()
		detach()
		pass(4 * time.Second)
		require.Zero(t, first.isClosed())
		pass(time.Minute)
		require.Equal(t, 1, first.isClosed())
		require.Zero(t, second.isClosed())
		require.Equal(t, 2, first.count())
		require.Equal(t, 18, second.count())
		require.Len(t, s.where("a", delivery.Delivered), 20)
	})
}

// TestNewestConfigurationWins, and the one before it when the newest is taken
// back, as after a reload that failed.
func TestNewestConfigurationWins(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newScene(t, delivery.Options{})
		first, second := takes(0), takes(0)
		s.engine.Attach([]delivery.Lane{{ID: "a", Name: "old", Sender: first}, {ID: "b", Sender: first}})
		detach := s.lane(delivery.Lane{ID: "a", Name: "new", Sender: second})
		s.append(message("m1", "a", "b"))
		synctest.Wait()
		require.Equal(t, []int{1, 1}, []int{first.count(), second.count()}, "lane b is in the older one only")
		st, _ := s.engine.Status("a")
		require.Equal(t, "new", st.Name)
		detach()
		require.Equal(t, 1, second.isClosed())
		s.append(message("m2", "a"))
		synctest.Wait()
		require.Equal(t, []int{2, 1}, []int{first.count(), second.count()})
		require.Len(t, s.engine.Lanes(), 2)
	})
}

// TestUnknownLane: its deliveries stay, which is told once, until a
// configuration has it.
func TestUnknownLane(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newScene(t, delivery.Options{})
		s.append(message("m1", "lost"))
		synctest.Wait()
		require.Empty(t, s.told.states("lost"), "no configuration is there yet")
		detach := s.lane(delivery.Lane{ID: "a", Sender: takes(0)})
		s.append(message("m2", "lost"))
		s.lane(delivery.Lane{ID: "a", Sender: takes(0)})
		detach()
		pass(time.Hour)
		require.Equal(t, []delivery.LaneState{delivery.LaneUnknown}, s.told.states("lost"))
		require.Len(t, s.where("lost", delivery.Pending), 2)

		r := takes(0)
		detach = s.lane(delivery.Lane{ID: "lost", Sender: r})
		synctest.Wait()
		require.Equal(t, 2, r.count())
		pass(time.Hour)
		detach()
		require.Equal(t, []delivery.LaneState{delivery.LaneUnknown, delivery.LaneOpen}, s.told.states("lost"))
		_, known := s.engine.Status("lost")
		require.False(t, known, "nothing is left of it")
	})
}

// TestLaneThatIsTakenAway while its calls run and retries wait.
func TestLaneThatIsTakenAway(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newScene(t, delivery.Options{})
		r := newReceiver(func(ctx context.Context, _ []delivery.Lease) delivery.Result {
			return after(ctx, time.Second, status(500))
		})
		keep := s.lane(delivery.Lane{ID: "other", Sender: takes(0)})
		detach := s.lane(delivery.Lane{ID: "a", Sender: r})
		s.append(message("m1", "a"))
		synctest.Wait()
		detach()
		pass(time.Hour)
		require.Equal(t, 1, r.count())
		require.Equal(t, 1, r.isClosed())
		require.Equal(t, delivery.LaneUnknown, s.state("a"))
		s.lane(delivery.Lane{ID: "a", Sender: takes(0)})
		synctest.Wait()
		require.Equal(t, []string{"m1"}, s.where("a", delivery.Delivered))
		keep()
	})
}

// TestChangedConfigurationStartsAfresh: a pause ends when the webhook was
// changed, not when something else was.
func TestChangedConfigurationStartsAfresh(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newScene(t, delivery.Options{})
		s.lane(delivery.Lane{ID: "a", Sender: answers(429), Version: "1"})
		s.append(message("m1", "a"))
		synctest.Wait()
		s.append(message("m2", "a"))
		second, third := takes(0), takes(0)
		s.lane(delivery.Lane{ID: "a", Sender: second, Version: "1"})
		synctest.Wait()
		require.Zero(t, second.count())
		s.lane(delivery.Lane{ID: "a", Sender: third, Version: "2"})
		synctest.Wait()
		require.Equal(t, map[string]int{"m2": 1}, third.perMessage())
	})
}

// TestReloadsAllTheTime neither lose, nor repeat, nor stop anything.
func TestReloadsAllTheTime(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newScene(t, delivery.Options{})
		counts := map[string]int{}
		var receivers []*receiver
		detach := func() {}
		for i := range 500 {
			r := takes(25 * time.Millisecond)
			receivers = append(receivers, r)
			next := s.lane(delivery.Lane{ID: "a", Sender: r, Version: fmt.Sprint(i / 7), Batch: 1 + i%3})
			detach()
			detach = next
			s.append(message(fmt.Sprint("m", i), "a"))
			pass(7 * time.Millisecond)
		}
		pass(time.Minute)
		detach()
		for _, r := range receivers {
			require.Equal(t, 1, r.isClosed())
			for id, n := range r.perMessage() {
				counts[id] += n
			}
		}
		require.Len(t, counts, 500)
		for id, n := range counts {
			require.Equal(t, 1, n, id)
		}
		require.Len(t, s.where("a", delivery.Delivered), 500)
	})
}

// TestCallsOfAnOldConfiguration say nothing about a changed one: the old address
// was gone, the new one is not.
func TestCallsOfAnOldConfiguration(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newScene(t, delivery.Options{})
		first := newReceiver(func(ctx context.Context, _ []delivery.Lease) delivery.Result {
			return after(ctx, time.Second, status(410))
		})
		s.lane(delivery.Lane{ID: "a", Sender: first, Version: "1"})
		s.append(message("m1", "a"))
		synctest.Wait()
		s.lane(delivery.Lane{ID: "a", Sender: takes(0), Version: "2"})
		pass(2 * time.Second)
		require.Equal(t, delivery.LaneOpen, s.state("a"))
		s.append(message("m2", "a"))
		synctest.Wait()
		require.Equal(t, []string{"m2"}, s.where("a", delivery.Delivered))
	})
}
