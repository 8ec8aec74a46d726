package main

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestReport(t *testing.T) {
	t.Parallel()
	good := result{
		scenario: scenario{Name: "good"}, writes: 12, faults: 3, notes: []string{"a note"},
		tally: tally{Accepted: 10, Owed: 20, Delivered: 18, Duplicated: 1, Unknown: 1, Dead: 1},
	}
	bad := result{scenario: scenario{Name: "bad"}, tally: tally{Lost: 1, Examples: []string{"lost: write 5"}}, failed: []string{"it broke\nin two"}}
	skipped := result{scenario: scenario{Name: "skipped"}, skipped: "nothing to do it with"}

	text := reportOf(good, bad, skipped)
	require.Contains(t, text, "seed 1, 2 rounds")
	require.Regexp(t, `\| good +\| +3 \| +12 \| +10 \| +20 \| +18 \| +1 \| +1 \| +1 \| +0 \| +0 \| +ok \|`, text)
	require.Regexp(t, `\| bad +\| .*\| +FAILED \|`, text)
	require.Contains(t, text, "skipped: nothing to do it with")
	require.Contains(t, text, "good (0s): a note\n")
	require.Contains(t, text, "  lost: write 5\n  FAILED: it broke\n    in two\n")

	require.True(t, sound([]result{good, skipped}))
	require.False(t, sound([]result{good, bad}))
	require.False(t, sound([]result{skipped}), "nothing ran, nothing is shown")
	require.False(t, sound(nil))
	require.False(t, sound([]result{{failed: []string{"x"}}}))
}
