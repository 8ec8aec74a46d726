package main

import (
	"context"
	"flag"
	"net"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// The test binary plays the bench program: with this variable set it runs main.
const playMain = "VOORPOORT_BENCH_MAIN"

func TestMain(m *testing.M) {
	if os.Getenv(playMain) != "" {
		flag.CommandLine = flag.NewFlagSet(os.Args[0], flag.ExitOnError)
		main()
		return
	}
	os.Exit(m.Run())
}

func role(args ...string) *exec.Cmd {
	cmd := exec.CommandContext(context.Background(), os.Args[0], args...)
	cmd.Env = append(os.Environ(), playMain+"=1")
	return cmd
}

func TestProcessStartsAndStops(t *testing.T) {
	t.Parallel()
	address := freeAddress(t)
	p, err := startProcess(t.Context(), "upstream", address, role("-role", "upstream", "-listen", address))
	require.NoError(t, err)
	require.Positive(t, p.pid())

	p.stop()
	<-p.ended
	_, err = net.Dial("tcp", address)
	require.Error(t, err)
	p.stop() // twice is harmless
}

func TestProcessThatEndsTellsWhy(t *testing.T) {
	t.Parallel()
	address := freeAddress(t)
	_, err := startProcess(t.Context(), "nobody", address, role("-role", "nobody", "-listen", address))
	require.ErrorIs(t, err, errEnded)
	require.ErrorContains(t, err, `unknown role: "nobody"`)
}

func TestProcessThatIsNoProgram(t *testing.T) {
	t.Parallel()
	_, err := startProcess(t.Context(), "missing", "127.0.0.1:1", exec.CommandContext(t.Context(), "/does/not/exist"))
	require.ErrorIs(t, err, os.ErrNotExist)
}

func TestProcessWaitEndsWithTheContext(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := startProcess(ctx, "deaf", freeAddress(t), role("-role", "upstream", "-listen", freeAddress(t)))
	require.ErrorIs(t, err, errNotListened)
}

func TestTailKeepsTheEnd(t *testing.T) {
	t.Parallel()
	var out tail
	for range 3 {
		n, err := out.Write([]byte(strings.Repeat("a", maxOutput)))
		require.NoError(t, err)
		require.Equal(t, maxOutput, n)
	}
	_, err := out.Write([]byte("the end"))
	require.NoError(t, err)
	require.Len(t, out.String(), maxOutput)
	require.True(t, strings.HasSuffix(out.String(), "athe end"))
}
