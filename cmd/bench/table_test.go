package main

import (
	"math"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestTableIsAlignedMarkdown(t *testing.T) {
	t.Parallel()
	var doc table
	doc.add("name", "req/s")
	doc.add("a", "10000")
	doc.add("één naam", "9")
	doc.add("short")
	var out strings.Builder
	doc.print(&out)
	require.Equal(t, strings.Join([]string{
		"| name     | req/s |",
		"|----------|------:|",
		"| a        | 10000 |",
		"| één naam |     9 |",
		"| short    |       |",
		"",
	}, "\n"), out.String())
}

func TestEmptyTable(t *testing.T) {
	t.Parallel()
	var out strings.Builder
	(&table{}).print(&out)
	require.Empty(t, out.String())
}

func TestNumbers(t *testing.T) {
	t.Parallel()
	require.Equal(t, "1.50", number(1.5, 2))
	require.Equal(t, "-", number(math.NaN(), 2))
	require.Equal(t, "-", number(math.Inf(1), 0))
	require.Equal(t, "1.5 (1.0-2.0)", spread{1.5, 1, 2}.ranged(1))
	require.Equal(t, "-", spreadOf(nil).ranged(1))
}
