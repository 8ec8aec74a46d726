package main

import (
	"context"
	"io"
	"net/http"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/voorpoort/voorpoort/cmd/demo/story"
)

// The test binary plays the gateway, as the demo does.
func TestMain(m *testing.M) {
	if os.Getenv(asGateway) != "" {
		playGateway()
		return
	}
	os.Exit(m.Run())
}

func TestDemoPlaysItsStoryThroughTheRealGatewayAndStaysUp(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	out := &notebook{}
	d := newDemo(out)
	ended := make(chan error, 1)
	go func() { ended <- run(ctx, d, false) }()
	select {
	case err := <-ended:
		require.NoError(t, err)
	case <-out.until("Ctrl-C"):
	}
	seesTheStory(t, d)
	cancel()
	require.NoError(t, <-ended)

	text := out.String()
	require.Contains(t, text, "voorpoort openregister")
	require.Contains(t, text, "No cat can be named Felix in December.")
	require.Contains(t, text, "application/problem+json")
	require.Contains(t, text, `"outcome":"unreachable"`)
	require.Contains(t, text, "It came 1 time")
	require.Contains(t, text, "curl -s http://"+d.petshop.address+"/")
	require.Contains(t, text, "stopping")
	require.NoDirExists(t, d.gateway.dir)
}

// seesTheStory looks where the demo says that the story can be seen: with the
// token everything that was told is in the log, also what was told again after the
// gateway was killed.
func seesTheStory(t *testing.T, d *demo) {
	t.Helper()
	page := get(t, d.dashboard(), "")
	require.Contains(t, page, "<!doctype html>")
	require.Contains(t, get(t, d.dashboard()+"api/webhooks/logs", ""), "a token is needed")
	log := get(t, d.dashboard()+"api/webhooks/logs", d.gateway.token)
	require.Contains(t, log, `"webhookName":"pet-shop"`)
	require.Contains(t, log, `"success":false`)
	require.Contains(t, log, `"success":true`)
	require.Contains(t, get(t, d.dashboard()+"api/overview", d.gateway.token), `"totals":`)
	decisions := get(t, d.dashboard()+"api/interceptions", d.gateway.token)
	for _, outcome := range []string{"modified", "rejected", "failed_open", "failed_closed"} {
		require.Contains(t, decisions, `"outcome":"`+outcome+`"`)
	}
}

func get(t *testing.T, url, token string) string {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, http.NoBody)
	require.NoError(t, err)
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	answer, err := http.DefaultClient.Do(r)
	require.NoError(t, err)
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	require.NoError(t, err)
	return string(body)
}

func TestDemoThatPlaysOnce(t *testing.T) {
	t.Parallel()
	out := &notebook{}
	d := newDemo(out)
	d.tell = func(_ context.Context, s story.Stage) error {
		if err := s.OnFailure("no such policy"); err == nil {
			t.Error("the gateway takes any policy")
		}
		return s.OnFailure("allow")
	}
	require.NoError(t, run(t.Context(), d, true))
	require.NotContains(t, out.String(), "curl", "with -once nothing stays up to be tried")
	require.NoDirExists(t, d.gateway.dir)
}

func TestDemoThatIsStoppedAtOnce(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	require.NoError(t, run(ctx, newDemo(io.Discard), false))
}

func TestDemoWhoseGatewayDies(t *testing.T) {
	t.Parallel()
	d := newDemo(io.Discard)
	d.tell = func(_ context.Context, s story.Stage) error {
		if err := s.KillGateway(); err != nil {
			return err
		}
		d.gateway.policy = "no such policy"
		return s.StartGateway()
	}
	err := run(t.Context(), d, true)
	require.ErrorIs(t, err, errGatewayEnded)
	require.ErrorContains(t, err, "Caddyfile:17", "what it said is told")
	require.NoDirExists(t, d.gateway.dir)
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

// until is closed when the text is written, or a minute has passed.
func (n *notebook) until(text string) <-chan struct{} {
	written := make(chan struct{})
	go func() {
		defer close(written)
		for deadline := time.Now().Add(time.Minute); !strings.Contains(n.String(), text) && time.Now().Before(deadline); {
			time.Sleep(10 * time.Millisecond)
		}
	}()
	return written
}
