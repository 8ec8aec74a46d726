package webhook

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// rankedHooks gives a snapshot of validating hooks a, b, c ... in this order.
func rankedHooks(t *testing.T, count int) *Snapshot {
	t.Helper()
	var hooks []*Hook
	for i := range count {
		hooks = append(hooks, hook(t, string(rune('a'+i)), ``, ``, ``))
	}
	return NewRegistry(hooks).Snapshot()
}

func TestMerge(t *testing.T) {
	t.Parallel()
	s := rankedHooks(t, 6)
	for _, tt := range []struct {
		lists [][]int32
		want  []string
	}{
		{[][]int32{{0}, {1}}, []string{"a", "b"}},
		{[][]int32{{1}, {0}}, []string{"a", "b"}},
		{[][]int32{{0, 2, 4}, {1, 3, 5}}, []string{"a", "b", "c", "d", "e", "f"}},
		{[][]int32{{0, 1}, {1, 2}, {0, 2}}, []string{"a", "b", "c"}},
		{[][]int32{{3}, {3}, {3}}, []string{"d"}},
	} {
		var lists []*list
		for _, ranks := range tt.lists {
			lists = append(lists, newList(s.interceptors, ranks))
		}
		require.Equal(t, tt.want, hookNames(merge(lists).Validating), "%v", tt.lists)
	}
}

func TestListOfNothing(t *testing.T) {
	t.Parallel()
	s := rankedHooks(t, 1)
	require.Nil(t, newList(s.interceptors, nil))
	require.Zero(t, newList(s.interceptors, nil).size())
	require.Equal(t, 1, newList(s.interceptors, []int32{0}).size())
	require.Nil(t, newBucket(s.interceptors, nil))
}

func TestPhases(t *testing.T) {
	t.Parallel()
	require.Equal(t, mutating, phaseOf(&Hook{ProcessResponse: true}))
	require.Equal(t, mutating, phaseOf(&Hook{ProcessResponse: true, Mode: Warn}))
	require.Equal(t, validating, phaseOf(&Hook{}))
	require.Equal(t, shadowing, phaseOf(&Hook{Mode: Shadow}))
	require.Equal(t, shadowing, phaseOf(&Hook{Mode: Shadow, ProcessResponse: true}))
}

func TestAppendRank(t *testing.T) {
	t.Parallel()
	var ranks []int32
	for _, rank := range []int32{0, 0, 1, 1, 1, 2} {
		ranks = appendRank(ranks, rank)
	}
	require.Equal(t, []int32{0, 1, 2}, ranks)
}

// TestGroups: hooks are grouped by the words of their filters, in any order.
func TestGroups(t *testing.T) {
	t.Parallel()
	s := NewRegistry([]*Hook{
		hook(t, "a", ``, `"schema":"x","register":"y"`, ``),
		hook(t, "b", ``, `"register":"y","data.n":1,"schema":"x"`, ``),
		hook(t, "c", ``, `"schema":"x"`, ``),
		hook(t, "d", ``, `"data.n":1`, ``),
		hook(t, "e", ``, ``, ``),
	}).Snapshot()
	var got [][]string
	for _, g := range s.interceptors.every.groups {
		got = append(got, hookNames(g.all.candidates.Validating))
	}
	require.Equal(t, [][]string{{"d", "e"}, {"a", "b"}, {"c"}}, got)
	require.Len(t, s.interceptors.every.groups[1].params, 2)
}
