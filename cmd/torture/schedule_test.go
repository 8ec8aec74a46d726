package main

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestSpanStaysWithinItsEnds(t *testing.T) {
	t.Parallel()
	chance := chanceOf(1, "x")
	s := span{From: 3, To: 5}
	seen := map[time.Duration]bool{}
	for range 200 {
		seen[s.pick(chance)] = true
	}
	require.Equal(t, map[time.Duration]bool{3: true, 4: true, 5: true}, seen)
	require.Equal(t, time.Second, span{time.Second, time.Second}.pick(chance))
}

func TestASeedGivesItsSchedule(t *testing.T) {
	t.Parallel()
	make10 := func(seed uint64, name string) []beat {
		return schedule(chanceOf(seed, name), 10, span{0, time.Second}, span{time.Second, 2 * time.Second})
	}
	again := make10(1, "kill")
	require.Equal(t, again, make10(1, "kill"))
	require.NotEqual(t, make10(1, "kill"), make10(2, "kill"))
	require.NotEqual(t, make10(1, "kill"), make10(1, "reload"))
	for _, b := range make10(1, "kill") {
		require.LessOrEqual(t, b.Calm, time.Second)
		require.GreaterOrEqual(t, b.Trouble, time.Second)
	}
	require.Empty(t, schedule(chanceOf(1, "x"), 0, span{}, span{}))
}
