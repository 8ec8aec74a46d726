package delivery_test

import (
	"math"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/voorpoort/voorpoort/delivery"
)

// delays of each policy in seconds, as users read them: OR-21, ON-14, SW-31.
var delays = map[string][]float64{
	"exponential":       {120, 240, 480},
	"linear":            {300, 600, 900},
	"fixed":             {300, 300, 300},
	"standard-webhooks": {5, 300, 1800, 7200, 18000, 36000, 50400, 72000, 86400},
	"open-notificaties": {25, 100, 400, 1600, 6400, 25600, 52000},
}

func TestDelaysOfEachPolicy(t *testing.T) {
	t.Parallel()
	for policy, want := range delays {
		s := schedule(t, policy, delivery.DefaultRetries)
		require.Equal(t, policy, s.Policy())
		require.Equal(t, len(want)+1, s.Attempts(), policy)
		for i, seconds := range want {
			require.InDelta(t, seconds, s.Delay(i+1).Seconds(), 0, policy)
		}
	}
}

// TestMaxRetriesCountsRetries: 3 retries are 4 attempts, 0 is 1 (OR-22, OR-23).
func TestMaxRetriesCountsRetries(t *testing.T) {
	t.Parallel()
	require.Equal(t, 4, schedule(t, "exponential", 3).Attempts())
	require.Equal(t, 1, schedule(t, "exponential", 0).Attempts())
	require.Equal(t, 101, schedule(t, "fixed", 100).Attempts())
	require.Equal(t, "exponential", schedule(t, "", 3).Policy())

	var zero delivery.Schedule
	require.Equal(t, 4, zero.Attempts())
	require.Equal(t, 2*time.Minute, zero.Delay(1))
}

func TestScheduleRefuses(t *testing.T) {
	t.Parallel()
	for policy, retries := range map[string]int{"random": 3, "exponential": 101, "linear": -2, "Fixed": 3} {
		_, err := delivery.ParseSchedule(policy, retries)
		require.Error(t, err, policy)
	}
}

// TestJitterIsNeverEarly, except where the schedule is only an example.
func TestJitterIsNeverEarly(t *testing.T) {
	t.Parallel()
	for policy := range delays {
		s := schedule(t, policy, delivery.DefaultRetries)
		least, most := 1.0, 1.1
		if policy == "standard-webhooks" {
			least = 0.9
		}
		for attempt := 1; attempt <= s.Attempts(); attempt++ {
			d := float64(s.Delay(attempt))
			require.InEpsilon(t, d*least, float64(s.Wait(attempt, 0)), 1e-9, policy)
			require.InEpsilon(t, d*most, float64(s.Wait(attempt, math.Nextafter(1, 0))), 1e-9, policy)
		}
	}
}

func TestLongSchedulesRepeatTheirLastStep(t *testing.T) {
	t.Parallel()
	require.Equal(t, 24*time.Hour, schedule(t, "standard-webhooks", 50).Delay(50))
	require.Equal(t, 52_000*time.Second, schedule(t, "open-notificaties", 50).Delay(50))
	require.Equal(t, delivery.MaxRetryDelay, schedule(t, "exponential", 100).Delay(100))
}

func FuzzParseSchedule(f *testing.F) {
	for policy := range delays {
		f.Add(policy, 3, 4, 0.5)
	}
	f.Add("", delivery.DefaultRetries, math.MinInt, 0.0)
	f.Fuzz(func(t *testing.T, policy string, retries, attempt int, random float64) {
		s, err := delivery.ParseSchedule(policy, retries)
		if err != nil {
			require.Zero(t, s)
			return
		}
		require.GreaterOrEqual(t, s.Attempts(), 1)
		require.LessOrEqual(t, s.Attempts(), delivery.MaxRetries+1)
		d := s.Delay(attempt)
		require.Positive(t, d)
		require.LessOrEqual(t, d, delivery.MaxRetryDelay)
		if random >= 0 && random < 1 {
			require.InDelta(t, float64(d), float64(s.Wait(attempt, random)), float64(d)/10+1)
		}
	})
}

// TestAttemptsAreOnTime: a receiver that always fails sees every attempt at its
// time, and the last failure makes a dead letter that says so.
func TestAttemptsAreOnTime(t *testing.T) {
	t.Parallel()
	for policy, waits := range delays {
		t.Run(policy, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				random := 0.0
				if policy == "standard-webhooks" {
					random = 0.5 // neither earlier nor later
				}
				s := newScene(t, delivery.Options{Random: func() float64 { return random }})
				r := answers(500)
				s.lane(delivery.Lane{ID: "a", Sender: r, Schedule: schedule(t, policy, delivery.DefaultRetries)})
				s.append(message("m1", "a"))
				pass(30 * 24 * time.Hour)

				want := []time.Duration{0}
				for _, w := range waits {
					want = append(want, want[len(want)-1]+time.Duration(w*float64(time.Second)))
				}
				require.Len(t, r.times(), len(want))
				for i, at := range r.times() {
					require.InDelta(t, want[i], at, float64(10*time.Millisecond), "attempt %d", i+1)
					require.Equal(t, i+1, r.log()[i].attempt)
				}
				require.Equal(t, []string{"m1"}, s.where("a", delivery.Dead))
				require.Contains(t, s.reason("a"), "given up after attempt")
			})
		})
	}
}

// TestLogTellsTheNextAttempt: OR-19 and OR-22.
func TestLogTellsTheNextAttempt(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newScene(t, delivery.Options{})
		s.lane(delivery.Lane{ID: "a", Sender: answers(500), Schedule: schedule(t, "exponential", 3)})
		s.append(message("m1", "a"))
		pass(time.Hour)
		rows, total, err := s.store.Attempts(t.Context(), delivery.AttemptQuery{Lane: "a"})
		require.NoError(t, err)
		require.EqualValues(t, 4, total)
		for i, seconds := range []int{0, 480, 240, 120} { // newest first
			require.False(t, rows[i].Success)
			require.Equal(t, 4-i, rows[i].Number)
			if i == 0 {
				require.Zero(t, rows[i].Next)
				continue
			}
			require.Equal(t, time.Duration(seconds)*time.Second, rows[i].Next.Sub(rows[i].Time))
		}
	})
}
