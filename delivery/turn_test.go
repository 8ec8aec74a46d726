package delivery_test

import (
	"context"
	"fmt"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/voorpoort/voorpoort/delivery"
)

// TestLeasesOfABacklogAreFew: what follows the calls that run is leased with
// them, and one use of the store serves many calls.
func TestLeasesOfABacklogAreFew(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newScene(t, delivery.Options{})
		s.lane(delivery.Lane{ID: "a", Sender: takes(10 * time.Millisecond)})
		s.appendMany("a", 1000)
		pass(time.Minute)
		require.Len(t, s.where("a", delivery.Delivered), 1000)
		require.Less(t, s.store.uses("lease"), 150)
	})
}

// TestWhatIsLeasedAheadIsGivenBack as soon as the lane cannot send it: another
// gateway need not wait for the end of the leases, and no attempt is lost.
func TestWhatIsLeasedAheadIsGivenBack(t *testing.T) {
	t.Parallel()
	for name, end := range map[string]func(s *scene, answer *atomic.Int64, detach func()){
		"the engine stops": func(s *scene, _ *atomic.Int64, _ func()) { _ = s.engine.Stop(s.t.Context()) },
		"the lane is gone": func(_ *scene, _ *atomic.Int64, detach func()) { detach() },
		"the lane rests":   func(_ *scene, answer *atomic.Int64, _ func()) { answer.Store(429) },
		"the lane is new": func(s *scene, _ *atomic.Int64, _ func()) {
			s.lane(delivery.Lane{ID: "a", Sender: hangs(), MaxConcurrent: 1})
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := newScene(t, delivery.Options{})
				var answer atomic.Int64
				answer.Store(204)
				r := newReceiver(func(ctx context.Context, _ []delivery.Lease) delivery.Result {
					return after(ctx, time.Second, status(int(answer.Load())))
				})
				detach := s.lane(delivery.Lane{ID: "a", Sender: r, MaxConcurrent: 8})
				s.appendMany("a", 200)
				pass(10*time.Second + time.Millisecond)
				end(s, &answer, detach)
				pass(1500 * time.Millisecond)

				leases, _, err := s.store.Lease(t.Context(), "a", 1000, time.Now().Add(time.Hour))
				require.NoError(t, err)
				done := len(s.where("a", delivery.Delivered))
				require.GreaterOrEqual(t, len(leases), 200-done-16, "all but those that run, and those that were refused")
				for _, l := range leases {
					require.Equal(t, 1, l.Attempt)
				}
			})
		})
	}
}

// TestTimeoutOfASender: the engine sets no timer for calls of a sender that ends
// them by itself, unless it takes longer than the lane allows.
func TestTimeoutOfASender(t *testing.T) {
	t.Parallel()
	for own, timed := range map[time.Duration]bool{0: true, time.Second: false, time.Minute: false, time.Hour: true} {
		t.Run(fmt.Sprint(own), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := newScene(t, delivery.Options{})
				var has bool
				r := newReceiver(func(ctx context.Context, _ []delivery.Lease) delivery.Result {
					_, has = ctx.Deadline()
					return status(204)
				})
				s.lane(delivery.Lane{ID: "a", Sender: bounded{r, own}, Timeout: time.Minute})
				s.append(message("m", "a"))
				synctest.Wait()
				require.Equal(t, 1, r.count())
				require.Equal(t, timed, has)
			})
		})
	}
}

// bounded is a receiver that ends its calls by itself.
type bounded struct {
	*receiver
	timeout time.Duration
}

func (b bounded) Timeout() time.Duration { return b.timeout }
