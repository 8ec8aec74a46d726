package main

import (
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestLatenciesOfAPhase(t *testing.T) {
	t.Parallel()
	b := books{
		Register: []accepted{{1, create, "o", 100}, {2, create, "p", 200}, {3, remove, "p", 150}},
		Receivers: []received{
			{Hook: "r1", At: 110, notice: notice{Number: 1}},
			{Hook: "r1", At: 190, notice: notice{Number: 1}}, // a duplicate
			{Hook: "r2", At: 130, notice: notice{Number: 1}},
			{Hook: "r3", At: 999, notice: notice{Number: 1}},
			{Hook: "r1", At: 210, notice: notice{Number: 2}},
			{Hook: "r1", At: 160, notice: notice{Number: 0}},
		},
		Clients: []told{{Status: 201, Took: 5}, {Status: 503, Took: 9}},
	}
	require.Equal(t, []time.Duration{10, 30}, b.latencies(phase{From: 100, To: 200}, "r3"))
	require.Equal(t, []time.Duration{10}, b.latencies(phase{From: 200, To: 300}, "r3"))
	require.Equal(t, []time.Duration{5}, b.answers())
}

func TestP99(t *testing.T) {
	t.Parallel()
	require.Zero(t, p99(nil))
	require.Equal(t, time.Duration(7), p99([]time.Duration{7}))
	var all []time.Duration
	for i := range 200 {
		all = append(all, time.Duration(200-i))
	}
	require.Equal(t, time.Duration(198), p99(all))
	require.InDelta(t, 2, ratio(4, 2), 0)
	require.True(t, math.IsNaN(ratio(4, 0)))
}

func TestJudgeNeighbours(t *testing.T) {
	t.Parallel()
	phases := []phase{{0, 100, false}, {100, 200, true}, {200, 300, false}, {300, 400, true}}
	judge := func(dead time.Duration) string {
		var b books
		for i, p := range phases {
			took := 10 * time.Millisecond
			if p.Dead {
				took = dead
			}
			n := number(i + 1)
			b.Register = append(b.Register, accepted{n, create, "o", p.From})
			b.Receivers = append(b.Receivers,
				received{Hook: "r1", At: p.From + int64(took), notice: notice{Number: n}},
				received{Hook: deadHook, At: p.From + int64(time.Hour), notice: notice{Number: n}})
		}
		a := &arena{phases: phases}
		judgeNeighbours(a, b)
		require.Len(t, a.notes, 1)
		return a.notes[0]
	}
	require.Contains(t, judge(10*time.Millisecond), "1.00 (wanted <= 1.10, met; well phases among themselves 1.00)")
	beside := &arena{set: settings{Parallel: 2}}
	judgeNeighbours(beside, books{})
	require.Len(t, beside.notes, 2, "who measures beside others is told so")
	require.Contains(t, judge(12*time.Millisecond), "1.20 (wanted <= 1.10, missed")
}
