package main

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestJournalFindsWholeLines(t *testing.T) {
	t.Parallel()
	j := &journal{}
	fmt.Fprint(j, "one a\ntwo a b\nthree a b")
	require.Equal(t, "one a", j.line("a"))
	require.Equal(t, "two a b", j.line("b", "a"))
	require.Empty(t, j.line("three"), "its end has not come")
	fmt.Fprintln(j)
	require.Equal(t, "three a b", j.line("three"))
}

func TestJournalKeepsTheEnd(t *testing.T) {
	t.Parallel()
	j := &journal{}
	fmt.Fprintln(j, "the beginning")
	fmt.Fprintln(j, strings.Repeat("x", maxJournal))
	fmt.Fprintln(j, "the end")
	require.Empty(t, j.line("the beginning"))
	require.Equal(t, "the end", j.line("the end"))
	require.LessOrEqual(t, len(j.String()), maxJournal)
}
