package table

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestATableIsAlignedMarkdown(t *testing.T) {
	t.Parallel()
	var doc Table
	doc.Add("name", "req/s")
	doc.Add("a", "10000")
	doc.Add("één naam", "9")
	doc.Add("short")
	require.Equal(t, 4, doc.Len())
	var out strings.Builder
	doc.Print(&out)
	require.Equal(t, strings.Join([]string{
		"| name     | req/s |",
		"|----------|------:|",
		"| a        | 10000 |",
		"| één naam |     9 |",
		"| short    |       |",
		"",
	}, "\n"), out.String())
}

func TestAnEmptyTable(t *testing.T) {
	t.Parallel()
	var out strings.Builder
	(&Table{}).Print(&out)
	require.Empty(t, out.String())
}
