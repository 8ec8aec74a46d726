package main

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestKeepFor(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for name, open := range map[string]keeperOf{
		"bare":  func(context.Context) (keeper, error) { return newBareBolt(filepath.Join(dir, "bare")) },
		"store": func(context.Context) (keeper, error) { return newStoredLocally(filepath.Join(dir, "store")) },
	} {
		seen, err := keepFor(t.Context(), open, 50*time.Millisecond)
		require.NoError(t, err, name)
		require.Positive(t, seen.PerSecond, name)
		require.Equal(t, name == "store", seen.Finished > 0, "only what has lanes can be delivered")
		left, err := os.ReadDir(dir)
		require.NoError(t, err)
		require.Empty(t, left, "the next round begins with nothing")
	}
}

func TestFinishAllFindsEverything(t *testing.T) {
	t.Parallel()
	k, err := newStoredLocally(filepath.Join(t.TempDir(), "store"))
	require.NoError(t, err)
	defer k.close()
	for n := range 100 {
		require.NoError(t, k.keep(t.Context(), n))
	}
	n, err := finishAll(t.Context(), k.(*stored), keptLaneNames(keptLanes), 3)
	require.NoError(t, err)
	require.Equal(t, 100*keptLanes, n)
}

func TestReportKeeping(t *testing.T) {
	t.Parallel()
	var out strings.Builder
	reportKeeping(&out, map[string][]kept{
		boltBatch:   {{PerSecond: 1000, CPU: 10}, {PerSecond: 2000, CPU: 12}},
		localAppend: {{PerSecond: 400, CPU: 20, Finished: 800}, {PerSecond: 900, CPU: 22, Finished: 900}},
	}, settings{Rounds: 2, Duration: time.Second})
	require.Regexp(t, `embedded store, append\s*\|\s*650 \(400-900\) \|\s*21 \(20-22\) \|\s*0.43 \(0.40-0.45\) \|\s*>= 0.50, missed \|\s*850 \(800-900\) \|\s*1.50 \(1.00-2.00\) \|\s*>= 1, met`, out.String())
	require.NotContains(t, out.String(), redisXadd, "what was not measured is not there")
}
