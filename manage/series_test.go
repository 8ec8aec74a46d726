package manage

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

func TestSeriesHasAPointForEachTenSeconds(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) { // its clock begins at a full hour
		a := NewActivity(10)
		a.Attempt(AttemptNews{Success: true, Duration: 20 * time.Millisecond})
		a.Attempt(AttemptNews{Duration: 80 * time.Millisecond})
		a.Queued(7)
		time.Sleep(20 * time.Second)
		a.Interception(InterceptionNews{Mode: "enforce", Outcome: "rejected"})
		a.Interception(InterceptionNews{Mode: "warn", Outcome: "rejected"})
		a.Interception(InterceptionNews{Mode: "enforce", Outcome: "approved"})

		s := a.Series(30 * time.Second)
		require.Equal(t, 10, s.Step)
		require.Len(t, s.Points, 3)
		first, second, third := s.Points[0], s.Points[1], s.Points[2]
		require.Equal(t, a.Started().UTC(), first.At)
		require.EqualValues(t, 2, first.Attempts)
		require.EqualValues(t, 1, first.Failed)
		require.InEpsilon(t, 20, *first.P50, 0.07)
		require.InEpsilon(t, 80, *first.P99, 0.07)
		require.EqualValues(t, 7, *first.Queued)
		require.Zero(t, second.Attempts)
		require.Nil(t, second.P50, "nothing is known without attempts")
		require.Nil(t, second.Queued)
		require.EqualValues(t, 3, third.Interceptions)
		require.EqualValues(t, 1, third.Blocked, "a webhook in mode warn blocks nothing")
	})
}

func TestSeriesForgetsAfterAnHour(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		a := NewActivity(10)
		a.Attempt(AttemptNews{})
		time.Sleep(time.Hour - 10*time.Second)
		require.EqualValues(t, 1, a.Series(2 * time.Hour).Points[0].Attempts, "an hour at most, and that whole")
		require.Len(t, a.Series(2*time.Hour).Points, 360)
		time.Sleep(10 * time.Second)
		for _, p := range a.Series(time.Hour).Points {
			require.Zero(t, p.Attempts)
		}
		a.Attempt(AttemptNews{})
		require.EqualValues(t, 1, a.Series(0).Points[0].Attempts, "the bucket that is used again is empty")
	})
}

func TestPercentilesAreWithinSevenPercent(t *testing.T) {
	t.Parallel()
	for _, d := range []time.Duration{
		time.Millisecond, 3 * time.Millisecond, 17 * time.Millisecond, 250 * time.Millisecond,
		time.Second, 29 * time.Second, 2 * time.Minute,
	} {
		var h histogram
		h.add(d)
		require.InEpsilon(t, float64(d.Milliseconds()), *h.percentile(99), 0.07, "%v", d)
	}
}

func TestPercentilesSplitWhatTheySay(t *testing.T) {
	t.Parallel()
	var h histogram
	require.Nil(t, h.percentile(50))
	for range 94 {
		h.add(10 * time.Millisecond)
	}
	for range 6 {
		h.add(time.Second)
	}
	require.InEpsilon(t, 10, *h.percentile(50), 0.07)
	require.InEpsilon(t, 1000, *h.percentile(95), 0.07)
}

func TestADurationBeyondTheClassesCountsAtTheEnds(t *testing.T) {
	t.Parallel()
	require.Zero(t, classOf(-time.Second))
	require.Zero(t, classOf(0))
	require.Equal(t, histogramClasses-1, classOf(time.Hour))
	last := -1
	for d := 64 * time.Microsecond; d < 5*time.Minute; d += d / 16 {
		class := classOf(d)
		require.GreaterOrEqual(t, class, last, "longer is never in a lower class")
		last = class
	}
	require.Equal(t, histogramClasses-1, last)
}
