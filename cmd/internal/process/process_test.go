package process

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// The test binary plays a server: with this variable set it serves on the
// address that it names.
const playServer = "VOORPOORT_TEST_SERVER"

func TestMain(m *testing.M) {
	if address := os.Getenv(playServer); address != "" {
		fmt.Fprintln(os.Stderr, "serving")
		fmt.Fprintln(os.Stderr, http.ListenAndServe(address, http.NotFoundHandler()))
		os.Exit(1)
	}
	os.Exit(m.Run())
}

// server is the command of a server on an address.
func server(address string) *exec.Cmd {
	cmd := exec.CommandContext(context.Background(), os.Args[0])
	cmd.Env = append(os.Environ(), playServer+"="+address)
	return cmd
}

func freeAddress(t *testing.T) string {
	t.Helper()
	address, err := PickAddress(t.Context())
	require.NoError(t, err)
	return address
}

func started(t *testing.T) *Process {
	t.Helper()
	address := freeAddress(t)
	p, err := Start(t.Context(), "server", address, server(address), &Tail{})
	require.NoError(t, err)
	t.Cleanup(p.Kill)
	return p
}

func TestAProcessStopsAndIsKilled(t *testing.T) {
	t.Parallel()
	p := started(t)
	require.Positive(t, p.PID())
	require.True(t, p.Alive())
	require.True(t, p.Stop(time.Minute))
	require.False(t, p.Alive())
	require.True(t, p.Stop(time.Minute), "twice is harmless")
	require.Error(t, p.Freeze())
	_, err := net.Dial("tcp", p.Address)
	require.Error(t, err)

	p = started(t)
	p.Kill()
	p.Kill()
	require.False(t, p.Alive())
}

func TestAFrozenProcessDoesNotStop(t *testing.T) {
	t.Parallel()
	p := started(t)
	require.NoError(t, p.Freeze())
	require.False(t, p.Stop(100*time.Millisecond), "it is killed")
	require.False(t, p.Alive())
}

func TestAProcessFreezesAndThaws(t *testing.T) {
	t.Parallel()
	p := started(t)
	require.NoError(t, p.Freeze())
	time.Sleep(50 * time.Millisecond) // a signal takes its time
	answered := make(chan error, 1)
	go func() {
		resp, err := http.Get("http://" + p.Address)
		if err == nil {
			err = resp.Body.Close()
		}
		answered <- err
	}()
	select {
	case err := <-answered:
		t.Fatal("a frozen process answered", err)
	case <-time.After(200 * time.Millisecond):
	}
	require.NoError(t, p.Thaw())
	require.NoError(t, <-answered)
}

func TestAProcessThatEndsTellsWhy(t *testing.T) {
	t.Parallel()
	_, err := Start(t.Context(), "nobody", freeAddress(t), server("no address"), &Tail{})
	require.ErrorIs(t, err, ErrEnded)
	require.ErrorContains(t, err, "serving\nlisten tcp: address no address: missing port")
}

func TestAProcessThatIsNoProgram(t *testing.T) {
	t.Parallel()
	_, err := Start(t.Context(), "missing", "127.0.0.1:1", exec.CommandContext(t.Context(), "/does/not/exist"), &Tail{})
	require.ErrorIs(t, err, os.ErrNotExist)
}

func TestTheWaitForAProcessEndsWithTheContext(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := Start(ctx, "deaf", freeAddress(t), server(freeAddress(t)), &Tail{})
	require.ErrorIs(t, err, ErrNotListened)
}

func TestATailKeepsTheEndAndItsFileAll(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "log")
	out, err := NewTail(path)
	require.NoError(t, err)
	for range 3 {
		n, err := out.Write([]byte(strings.Repeat("a", maxOutput)))
		require.NoError(t, err)
		require.Equal(t, maxOutput, n)
	}
	_, err = out.Write([]byte("the end"))
	require.NoError(t, err)
	out.Close()
	require.Len(t, out.String(), maxOutput)
	require.True(t, strings.HasSuffix(out.String(), "athe end"))
	raw, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Len(t, raw, 3*maxOutput+len("the end"))
	_, err = NewTail(filepath.Join(path, "no folder"))
	require.Error(t, err)
}

func TestPickedAddressesDiffer(t *testing.T) {
	t.Parallel()
	addresses, err := PickAddresses(t.Context(), 50)
	require.NoError(t, err)
	seen := map[string]bool{}
	for _, address := range addresses {
		require.False(t, seen[address])
		seen[address] = true
	}
}
