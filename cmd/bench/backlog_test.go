package main

import (
	"bytes"
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestPlayBacklog(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	err := playBacklog(t.Context(), filepath.Join(t.TempDir(), "store"), `{"Messages": 130, "Lanes": 7, "Times": 3}`, &out)
	require.NoError(t, err)
	var b backlog
	require.NoError(t, json.Unmarshal(out.Bytes(), &b))
	require.Positive(t, b.Kept)
	require.Positive(t, b.Finished)
	require.Positive(t, b.Memory, "this process has some")
}

func TestAnonymousMemory(t *testing.T) {
	t.Parallel()
	require.EqualValues(t, 104<<10, anonymous([]byte("VmRSS:\t 500 kB\nRssAnon:\t     104 kB\nRssFile:\t 300 kB\n")))
	require.Zero(t, anonymous([]byte("VmRSS:\t 500 kB\n")))
}

func TestReportBacklogs(t *testing.T) {
	t.Parallel()
	var out strings.Builder
	reportBacklogs(&out, []backlog{
		{Messages: 1000, Lanes: 10, Times: 2, Kept: 20 * time.Millisecond, Finished: 8 * time.Millisecond, CPU: 30 * time.Millisecond, Memory: 200_000_000},
		{Messages: 5, Lanes: 1, Times: 1, Memory: 400_000_000},
	})
	require.Regexp(t, `1000\s+\|\s*10 \|\s*10.0 \|\s*4.0 \|\s*15.0 \|\s*200 \|\s*< 300 MB, met`, out.String())
	require.Contains(t, out.String(), "missed")
}
