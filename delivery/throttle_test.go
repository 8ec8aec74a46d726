package delivery_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/voorpoort/voorpoort/delivery"
)

// asks is a receiver that first asks to be left alone, and then takes all.
func asks(s int, wait time.Duration) *receiver {
	n := 0
	return newReceiver(func(context.Context, []delivery.Lease) delivery.Result {
		if n++; n > 1 {
			return status(204)
		}
		r := status(s)
		r.RetryAfter = wait
		return r
	})
}

// TestRetryAfterPausesTheWholeLane: ON-16 and WH-10. Nothing goes to the
// receiver until then, and then both messages do.
func TestRetryAfterPausesTheWholeLane(t *testing.T) {
	t.Parallel()
	for _, code := range []int{429, 503} {
		synctest.Test(t, func(t *testing.T) {
			s := newScene(t, delivery.Options{})
			r := asks(code, 20*time.Minute) // longer than the schedule
			s.lane(delivery.Lane{ID: "a", Sender: r})
			s.append(message("m1", "a"))
			synctest.Wait()
			require.Equal(t, delivery.LaneThrottled, s.state("a"))
			s.append(message("m2", "a"))
			pass(time.Hour)
			require.Equal(t, []time.Duration{0, 20 * time.Minute, 20 * time.Minute}, r.times())
			require.Equal(t, map[string]int{"m1": 2, "m2": 1}, r.perMessage())
			require.Equal(t, []delivery.LaneState{delivery.LaneThrottled, delivery.LaneOpen}, s.told.states("a"))
		})
	}
}

// TestBoundsOfAThrottle: how long another message waits.
func TestBoundsOfAThrottle(t *testing.T) {
	t.Parallel()
	for asked, want := range map[time.Duration]time.Duration{
		0:                    delivery.DefaultThrottle,
		time.Millisecond:     delivery.MinThrottle,
		2 * time.Minute:      2 * time.Minute,
		365 * 24 * time.Hour: delivery.MaxThrottle,
	} {
		synctest.Test(t, func(t *testing.T) {
			s := newScene(t, delivery.Options{})
			r := asks(429, asked)
			s.lane(delivery.Lane{ID: "a", Sender: r})
			s.append(message("m1", "a"))
			synctest.Wait()
			s.append(message("m2", "a"))
			pass(48 * time.Hour)
			require.Equal(t, want, r.times()[1], "asked %v", asked)
		})
	}
}

// TestRetryAfterOnlyDelays: one that is shorter than the schedule changes
// nothing for the message, and one of another failure is about it alone.
func TestRetryAfterOnlyDelays(t *testing.T) {
	t.Parallel()
	for asked, want := range map[time.Duration]time.Duration{
		time.Second: 2 * time.Minute, 10 * time.Minute: 10 * time.Minute, 1000 * time.Hour: delivery.MaxThrottle,
	} {
		synctest.Test(t, func(t *testing.T) {
			s := newScene(t, delivery.Options{})
			r := asks(500, asked)
			s.lane(delivery.Lane{ID: "a", Sender: r})
			s.append(message("m1", "a"))
			synctest.Wait()
			require.Equal(t, delivery.LaneOpen, s.state("a"))
			pass(48 * time.Hour)
			require.Equal(t, []time.Duration{0, want}, r.times())
		})
	}
}

// TestGone: after a 410 nothing goes to the receiver, whatever is due, until its
// webhook was changed or a person says so.
func TestGone(t *testing.T) {
	t.Parallel()
	for name, again := range map[string]func(s *scene, r *receiver){
		"resumed": func(s *scene, _ *receiver) { require.True(s.t, s.engine.Resume("a")) },
		"changed": func(s *scene, r *receiver) { s.lane(delivery.Lane{ID: "a", Sender: r, Version: "2"}) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := newScene(t, delivery.Options{})
				r := answers(410, 204)
				s.lane(delivery.Lane{ID: "a", Sender: r, Version: "1"})
				s.append(message("m1", "a"))
				synctest.Wait()
				s.append(message("m2", "a"))
				s.lane(delivery.Lane{ID: "a", Sender: r, Version: "1"}) // a reload that changes nothing
				pass(100 * time.Hour)
				require.Equal(t, 1, r.count())
				require.Equal(t, delivery.LaneGone, s.state("a"))
				require.Equal(t, []string{"m1"}, s.where("a", delivery.Dead))

				again(s, r)
				synctest.Wait()
				require.Equal(t, []string{"m2"}, s.where("a", delivery.Delivered))
				require.Equal(t, []delivery.LaneState{delivery.LaneGone, delivery.LaneOpen}, s.told.states("a"))
			})
		})
	}
}

func TestResumeOfAnUnknownLane(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newScene(t, delivery.Options{})
		require.False(t, s.engine.Resume("a"))
		_, known := s.engine.Status("a")
		require.False(t, known)
		require.Empty(t, s.engine.Lanes())
	})
}

// TestThrottledDeliveryIsNotDueBefore: other gateways do not know of the pause
// of this one, but they see when the delivery is due.
func TestThrottledDeliveryIsNotDueBefore(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newScene(t, delivery.Options{})
		s.lane(delivery.Lane{ID: "a", Sender: asks(429, 0), Schedule: schedule(t, "open-notificaties", 7)})
		s.append(message("m1", "a"))
		synctest.Wait()
		a := s.told.finished()[0]
		require.Equal(t, delivery.DefaultThrottle, a.Next.Sub(a.Time), "not 25 seconds")
	})
}
