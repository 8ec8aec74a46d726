package main

import (
	"context"
	"io"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// One Caddy runs in a process, so these tests are not parallel.

func TestDemoPlaysItsStoryThroughTheRealGateway(t *testing.T) {
	var out strings.Builder
	require.NoError(t, run(t.Context(), &out, true))
	text := out.String()
	require.Contains(t, text, "voorpoort openregister")
	require.Contains(t, text, "No cat can be named Felix in December.")
	require.Contains(t, text, "application/problem+json")
	require.NotContains(t, text, "curl", "with -once nothing stays up to be tried")
}

func TestDemoStaysUpUntilItIsStopped(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	out := &notebook{}
	ended := make(chan error, 1)
	go func() { ended <- run(ctx, out, false) }()
	require.Eventually(t, func() bool { return strings.Contains(out.String(), "Ctrl-C") }, time.Minute, 10*time.Millisecond)
	cancel()
	require.NoError(t, <-ended)
	require.Contains(t, out.String(), "stopping")
}

func TestDemoThatIsStoppedAtOnce(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	require.NoError(t, run(ctx, io.Discard, false))
}

// notebook is a strings.Builder for two goroutines.
type notebook struct {
	mu   sync.Mutex
	text strings.Builder
}

func (n *notebook) Write(b []byte) (int, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.text.Write(b)
}

func (n *notebook) String() string {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.text.String()
}
