package main

import (
	"os"
	"runtime"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/voorpoort/voorpoort/cmd/internal/process"
)

// runningUpstream is an upstream in a process of its own.
func runningUpstream(t *testing.T) *process.Process {
	t.Helper()
	address := freeAddress(t)
	p, err := process.Start(t.Context(), "upstream", address, role("-role", "upstream", "-listen", address), &process.Tail{})
	require.NoError(t, err)
	t.Cleanup(func() { p.Stop(stopTimeout) })
	return p
}

func TestPlayRound(t *testing.T) {
	t.Setenv(playMain, "1") // the load generator is this test binary too
	p := runningUpstream(t)
	s := &stage{self: os.Args[0]}
	seen, err := s.playRound(t.Context(), scenario{Name: "s", Path: "/x", Connections: 2}, p,
		settings{Duration: 200 * time.Millisecond, Connections: 32})
	require.NoError(t, err)
	require.Zero(t, seen.load.Errors, seen.load.Failure)
	require.Positive(t, seen.load.Requests)
	require.Positive(t, seen.value(throughput))
	if runtime.GOOS == "linux" {
		require.Positive(t, seen.cpuMicros)
	}
}

func TestPlayRoundWithoutALoadGenerator(t *testing.T) {
	t.Parallel()
	s := &stage{self: "/does/not/exist"}
	_, err := s.playRound(t.Context(), scenario{Name: "s"}, runningUpstream(t), settings{})
	require.ErrorIs(t, err, os.ErrNotExist)
}
