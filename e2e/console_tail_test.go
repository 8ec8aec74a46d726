package e2e_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// tail is a command that goes on until it is interrupted.
type tail struct {
	c       *terminal
	process *exec.Cmd
	out     *lockedBuffer
	exited  chan struct{}
}

// tails starts it.
func (c *terminal) tails(t testing.TB, line ...string) *tail {
	t.Helper()
	process := exec.CommandContext(t.Context(), binary, append([]string{"voorpoort", "tail"}, line...)...)
	process.Env = slices.Concat(c.gateway.environment, c.environment)
	out := &lockedBuffer{}
	process.Stdout, process.Stderr = out, out
	require.NoError(t, process.Start())
	v := &tail{c, process, out, make(chan struct{})}
	go func() {
		defer close(v.exited)
		_ = process.Wait()
	}()
	t.Cleanup(func() {
		_ = process.Process.Kill()
		<-v.exited
	})
	return v
}

// await waits for words.
func (v *tail) await(t testing.TB, words string) {
	t.Helper()
	require.Eventually(t, func() bool { return strings.Contains(v.out.String(), words) }, 30*time.Second, 10*time.Millisecond, words)
}

// interrupt ends it as Ctrl-C does, and gives what it has printed.
func (v *tail) interrupt(t testing.TB) string {
	t.Helper()
	require.NoError(t, v.process.Process.Signal(os.Interrupt))
	select {
	case <-v.exited:
	case <-time.After(30 * time.Second):
		t.Fatal("it goes on")
	}
	require.Equal(t, exitDone, v.process.ProcessState.ExitCode(), v.out)
	v.c.note(v.out.String())
	return v.out.String()
}

// tellUntil hands in events until somebody who has just begun to watch has seen
// one. Every second one is a failure of nobody: ten in a row would open a breaker.
func (c *terminal) tellUntil(t testing.TB, seen func() bool) {
	t.Helper()
	for n := 0; !seen(); n++ {
		require.Less(t, n, 300)
		c.hand(t, happening(fmt.Sprint("first", n), `"source":"/s","type":"a.b","subject":"`+[]string{"x", "well"}[n%2]+`"`))
		time.Sleep(100 * time.Millisecond)
	}
}

// TestTailShowsDeliveriesAsTheyHappen, over a reload of the gateway, and each
// once. Somebody who has seen enough ends it without an error.
func TestTailShowsDeliveriesAsTheyHappen(t *testing.T) {
	t.Parallel()
	onBothStores(t, func(t *testing.T, s *storage) {
		c := newTerminal(t, s, func(w http.ResponseWriter, r call) {
			if strings.HasPrefix(r.URI, "/bad") && !strings.Contains(r.Body, `"well"`) {
				w.WriteHeader(http.StatusTeapot)
			}
		})
		c.types(t, exitDone, "webhooks", "create", "--file", c.file(t, "archive.json", archiveWebhook(c)))
		c.subscribe(t, "/bad", `"reference":"bad","types":["a.b"],"config":{"maxRetries":0}`)
		all, bad, programs := c.tails(t), c.tails(t, "--failed"), c.tails(t, "--json", "--webhook", "1", "--topics", "attempts")
		// What happens before somebody watches is not shown: the first is told until all do.
		c.tellUntil(t, func() bool {
			return strings.Contains(all.out.String(), "archive") && strings.Contains(bad.out.String(), "bad") && strings.Contains(programs.out.String(), "archive")
		})
		c.hand(t, happening("before", `"source":"/s","type":"a.b"`))
		all.await(t, "before  attempt 1  delivered 200")
		bad.await(t, "before  attempt 1")
		c.rearrange(t, "budget 21s\n", ownerToken)
		c.hand(t, happening("after", `"source":"/s","type":"a.b"`))
		all.await(t, "after  attempt 1  delivered 200")
		bad.await(t, "after  attempt 1")
		programs.await(t, `"after"`)

		out := all.interrupt(t)
		require.Equal(t, 2, strings.Count(out, "  after  attempt 1"), "one of each webhook, and none twice\n%s", out)
		require.NotContains(t, bad.interrupt(t), "archive")
		for line := range strings.Lines(programs.interrupt(t)) {
			var one struct{ WebhookName string }
			require.NoError(t, json.Unmarshal([]byte(line), &one), line)
			require.Equal(t, "archive", one.WebhookName)
		}
	})
}

// TestTailOutlivesTheGateway: it waits while nothing answers, and goes on.
func TestTailOutlivesTheGateway(t *testing.T) {
	t.Parallel()
	c := newTerminal(t, localStorage(t), takes)
	c.types(t, exitDone, "webhooks", "create", "--file", c.file(t, "archive.json", archiveWebhook(c)))
	v := c.tails(t)
	c.tellUntil(t, func() bool { return strings.Contains(v.out.String(), "archive") })
	c.kill(t)
	c.run(t)
	c.hand(t, happening("after", `"source":"/s","type":"a.b"`))
	v.await(t, "after  attempt 1  delivered")
	v.interrupt(t)
}
