package main

import (
	"context"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func freeAddress(t *testing.T) string {
	t.Helper()
	address, err := pickAddress(t.Context())
	require.NoError(t, err)
	return address
}

// registerProcess is a register in a process of its own.
func registerProcess(t *testing.T) *process {
	t.Helper()
	dir := t.TempDir()
	s := &stage{self: os.Args[0], env: asMain}
	p, err := s.role(t.Context(), dir, "register", freeAddress(t), filepath.Join(dir, "record"))
	require.NoError(t, err)
	t.Cleanup(p.kill)
	return p
}

func TestProcessStopsAndIsKilled(t *testing.T) {
	t.Parallel()
	p := registerProcess(t)
	require.True(t, p.alive())
	require.True(t, p.stop())
	require.False(t, p.alive())
	require.True(t, p.stop(), "twice is harmless")
	require.Error(t, p.freeze())
	_, err := net.Dial("tcp", p.address)
	require.Error(t, err)

	p = registerProcess(t)
	p.kill()
	p.kill()
	require.False(t, p.alive())
}

func TestProcessFreezesAndThaws(t *testing.T) {
	t.Parallel()
	p := registerProcess(t)
	require.NoError(t, p.freeze())
	time.Sleep(50 * time.Millisecond) // a signal takes its time
	answered := make(chan error, 1)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	go func() {
		answered <- steer(ctx, "POST", "http://"+p.address+"/control/pace?before=0s&during=0s")
	}()
	select {
	case err := <-answered:
		t.Fatal("a frozen process answered", err)
	case <-time.After(200 * time.Millisecond):
	}
	require.NoError(t, p.thaw())
	require.NoError(t, <-answered)
}

func TestProcessThatEndsTellsWhy(t *testing.T) {
	t.Parallel()
	s := &stage{self: os.Args[0], env: asMain}
	_, err := s.role(t.Context(), t.TempDir(), "nobody", freeAddress(t), "")
	require.ErrorIs(t, err, errEnded)
	require.ErrorContains(t, err, `no role is called "nobody"`)
}

func TestProcessThatIsNoProgram(t *testing.T) {
	t.Parallel()
	_, err := startProcess(t.Context(), "missing", "127.0.0.1:1", exec.CommandContext(t.Context(), "/does/not/exist"), &tail{})
	require.ErrorIs(t, err, os.ErrNotExist)
}

func TestProcessWaitEndsWithTheContext(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	s := &stage{self: os.Args[0], env: asMain}
	_, err := s.role(ctx, t.TempDir(), "register", freeAddress(t), "/dev/null")
	require.Error(t, err)
}

func TestTailKeepsTheEndAndTheFileAll(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "log")
	out, err := newTail(path)
	require.NoError(t, err)
	for range 3 {
		n, err := out.Write([]byte(strings.Repeat("a", maxOutput)))
		require.NoError(t, err)
		require.Equal(t, maxOutput, n)
	}
	_, err = out.Write([]byte("the end"))
	require.NoError(t, err)
	out.close()
	require.Len(t, out.String(), maxOutput)
	require.True(t, strings.HasSuffix(out.String(), "athe end"))
	raw, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Len(t, raw, 3*maxOutput+len("the end"))
	_, err = newTail(filepath.Join(path, "no folder"))
	require.Error(t, err)
}

func TestPickedAddressesDiffer(t *testing.T) {
	t.Parallel()
	addresses, err := pickAddresses(t.Context(), 50)
	require.NoError(t, err)
	seen := map[string]bool{}
	for _, address := range addresses {
		require.False(t, seen[address])
		seen[address] = true
	}
}
