package main

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestMemoryScenarios(t *testing.T) {
	t.Parallel()
	kept := memoryScenarios()
	require.Len(t, kept, 2)
	require.NotContains(t, kept[0].caddyfile(somewhere), "max_body")
	require.Contains(t, kept[1].caddyfile(somewhere), "\tvoorpoort {\n\t\tmax_body 16MiB\n\t\tmax_buffered 256MiB\n")
}

func TestReportMemory(t *testing.T) {
	t.Parallel()
	var out strings.Builder
	reportMemory(&out, []footprint{{
		Gateway: plain, Crowd: "3 idle clients",
		Before: memory{Now: 10 << 20, Peak: 11 << 20}, After: memory{Now: 20 << 20, Peak: 25 << 20},
		Statuses: map[string]int{"201": 2, "413": 1},
	}})
	require.Regexp(t, `reverse_proxy \| 3 idle clients \|\s+- \|\s+10 \|\s+20 \|\s+25 \| 2 x 201, 1 x 413 \|`, out.String())
}
