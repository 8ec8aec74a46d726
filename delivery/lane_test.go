package delivery

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

type nobody struct{}

func (nobody) Send(context.Context, []Lease) Result { return Result{Status: 204} }
func (nobody) Close()                               {}

func TestLaneDefaults(t *testing.T) {
	t.Parallel()
	l := Lane{ID: "a", Sender: nobody{}}
	require.NoError(t, l.Validate())
	l = l.withDefaults()
	require.Equal(t, 20*time.Second, l.Timeout)
	require.Equal(t, 16, l.MaxConcurrent)
	require.Equal(t, 1, l.Batch)
	require.Equal(t, Breaker{Failures: 10, Pause: 30 * time.Second, MaxPause: 24 * time.Hour}, l.Breaker)
	require.Equal(t, 4, l.Schedule.Attempts())
}

// TestLaneLimits: what Validate refuses does no harm when it is attached.
func TestLaneLimits(t *testing.T) {
	t.Parallel()
	for want, change := range map[string]func(l *Lane){
		"1 to 255 bytes":                  func(l *Lane) { l.ID = strings.Repeat("x", 256) },
		"no sender":                       func(l *Lane) { l.Sender = nil },
		"timeout 11m0s":                   func(l *Lane) { l.Timeout = 11 * time.Minute },
		"timeout -1s":                     func(l *Lane) { l.Timeout = -time.Second },
		"batch of 1001":                   func(l *Lane) { l.Batch = 1001 },
		"257 calls at a time":             func(l *Lane) { l.MaxConcurrent = 257 },
		"status 500 is always retried":    func(l *Lane) { l.NoRetry = []int{400, 500} },
		`unknown order policy "fifo"`:     func(l *Lane) { l.Order.Policy = "fifo" },
		"cannot skip after 3 attempts":    func(l *Lane) { l.Order = Order{OrderPark, 3} },
		"cannot skip after -1 attempts":   func(l *Lane) { l.Order = Order{OrderSkip, -1} },
		"breaker pauses of 25h0m0s to 0s": func(l *Lane) { l.Breaker.Pause = 25 * time.Hour },
	} {
		l := Lane{ID: "a", Sender: nobody{}}
		change(&l)
		require.ErrorContains(t, l.Validate(), want)
		l = l.withDefaults()
		require.LessOrEqual(t, l.Timeout, MaxTimeout)
		require.Positive(t, l.Timeout)
		require.LessOrEqual(t, l.Batch, MaxBatch)
		require.LessOrEqual(t, l.MaxConcurrent, MaxLaneConcurrent)
		require.LessOrEqual(t, l.Breaker.Pause, MaxBreakerPause)
	}
}

// TestOrderOfAFailure: which attempt is the last, and which interval follows.
func TestOrderOfAFailure(t *testing.T) {
	t.Parallel()
	s, err := ParseSchedule("linear", 3)
	require.NoError(t, err)
	for _, c := range []struct {
		order         Order
		attempt, step int
		last          bool
	}{
		{Order{}, 1, 1, false},
		{Order{}, 3, 3, false},
		{Order{}, 4, 3, true},
		{Order{Policy: OrderPark}, 4, 3, true},
		{Order{Policy: OrderHold}, 1000, 3, false},
		{Order{Policy: OrderSkip}, 4, 3, true},
		{Order{OrderSkip, 2}, 2, 2, true},
		{Order{OrderSkip, 9}, 8, 3, false},
	} {
		require.Equal(t, c.last, c.order.last(s, c.attempt), "%+v", c)
		require.Equal(t, c.step, c.order.step(s, c.attempt), "%+v", c)
	}
	none, err := ParseSchedule("linear", 0)
	require.NoError(t, err)
	require.Equal(t, 1, Order{Policy: OrderHold}.step(none, 7), "retries are off: the first interval")
}
