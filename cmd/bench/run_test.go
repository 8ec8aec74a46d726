package main

import (
	"os"
	"runtime"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestPlayRound(t *testing.T) {
	t.Setenv(playMain, "1") // the load generator is this test binary too
	address := freeAddress(t)
	p, err := startProcess(t.Context(), "upstream", address, role("-role", "upstream", "-listen", address))
	require.NoError(t, err)
	t.Cleanup(p.stop)

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
	s := &stage{self: "/does/not/exist"}
	own := &process{cmd: role()}
	own.cmd.Process, _ = os.FindProcess(os.Getpid())
	_, err := s.playRound(t.Context(), scenario{Name: "s"}, own, settings{})
	require.ErrorIs(t, err, os.ErrNotExist)
}
