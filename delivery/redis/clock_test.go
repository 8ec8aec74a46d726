package redis

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestClockKeepsWhatFits(t *testing.T) {
	t.Parallel()
	var c clock
	now := time.Now()
	ahead := func(d time.Duration) int64 { return now.Add(d).UnixMicro() }

	c.learn(now, now.Add(time.Millisecond), ahead(time.Hour))
	first := c.difference()
	require.InDelta(t, time.Hour.Microseconds(), first, 2000)
	due := now.Add(5 * time.Minute)
	require.WithinDuration(t, due, c.local(c.server(due)), time.Microsecond, "there and back")

	c.learn(now, now.Add(10*time.Millisecond), ahead(time.Hour+3*time.Millisecond))
	require.Equal(t, first, c.difference(), "an answer that allows it changes nothing")

	c.learn(now, now.Add(time.Millisecond), ahead(-time.Hour))
	require.InDelta(t, -time.Hour.Microseconds(), c.difference(), 2000, "a clock was set")
	c.learn(now, now.Add(time.Millisecond), ahead(time.Hour))
	require.InDelta(t, time.Hour.Microseconds(), c.difference(), 2000, "and back")
}

func TestClockSettlesOnTheQuickestAnswer(t *testing.T) {
	t.Parallel()
	var c clock
	now := time.Now()
	c.settle(true)
	c.learn(now, now.Add(20*time.Millisecond), now.UnixMicro())
	require.InDelta(t, -10_000, c.difference(), 10)
	c.learn(now, now.Add(100*time.Microsecond), now.Add(50*time.Microsecond).UnixMicro())
	require.InDelta(t, 0, c.difference(), 10)
	c.learn(now, now.Add(time.Second), now.UnixMicro())
	require.InDelta(t, 0, c.difference(), 10)
	c.settle(false)
	c.learn(now, now.Add(10*time.Microsecond), now.Add(6*time.Microsecond).UnixMicro())
	require.InDelta(t, 0, c.difference(), 10, "later answers move it only if they must")
}

func TestClockDue(t *testing.T) {
	t.Parallel()
	var c clock
	require.Zero(t, c.due(time.Time{}), "at once")
	require.EqualValues(t, 1, c.due(time.Unix(-5, 0)), "long past is not the zero time")
	require.EqualValues(t, 1_000_001, c.due(time.Unix(1, 1)), "never before its time")
}
