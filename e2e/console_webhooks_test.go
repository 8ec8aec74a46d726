package e2e_test

import (
	"fmt"
	"net/http"
	"os/exec"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// archiveWebhook is one with everything that must not be shown.
func archiveWebhook(c *terminal) string {
	return fmt.Sprintf(`{"name":"archive","url":"%s/archive?key=%s","secret":%q,"headers":{"X-Key":%q},"events":["a.b"],"maxRetries":0}`,
		c.receiver.URL, headerSecret, signingSecret, headerSecret)
}

// TestWebhooksByCommand: made, listed, looked at, changed, tested, removed.
func TestWebhooksByCommand(t *testing.T) {
	t.Parallel()
	onBothStores(t, func(t *testing.T, s *storage) {
		var well atomic.Bool
		c := newTerminal(t, s, func(w http.ResponseWriter, _ call) {
			if !well.Load() {
				w.WriteHeader(http.StatusInternalServerError)
				_, _ = w.Write([]byte("the disk\x1b[31m is full"))
			}
		})
		file := c.file(t, "archive.json", archiveWebhook(c))
		require.Equal(t, "created archive: webhook 1\n", c.types(t, exitDone, "webhooks", "create", "--file", file))
		require.Contains(t, c.types(t, exitFailed, "webhooks", "create", "--file", file), "name", "there is one of that name")
		require.Equal(t, []string{"1", "archive", "open", "0", "0", "-", "-", c.receiver.URL + "/archive"}, cells(t, c.types(t, exitDone, "webhooks", "list"), "1"))

		list := printed[struct {
			Results []struct{ Name, UUID, Secret string }
		}](t, c.types(t, exitDone, "webhooks", "list", "--json"))
		require.Len(t, list.Results, 1)
		one := printed[struct{ Name, UUID string }](t, c.types(t, exitDone, "webhooks", "get", list.Results[0].UUID))
		require.Equal(t, "archive", one.Name)

		out := c.types(t, exitFailed, "webhooks", "test", "1")
		require.Contains(t, out, "500")
		require.NotContains(t, out, "\x1b", "what others wrote cannot move the cursor")
		well.Store(true)
		require.Equal(t, "Test webhook delivered successfully\n", c.types(t, exitDone, "webhooks", "test", "1"))
		require.True(t, printed[struct{ Success bool }](t, c.types(t, exitDone, "webhooks", "test", "1", "--json")).Success)
		require.Equal(t, headerSecret, c.receiver.at("/archive")[0].Header.Get("X-Key"), "the receiver gets what nobody else is shown")

		renamed := c.file(t, "renamed.json", `{"name":"attic","enabled":false}`)
		require.Equal(t, "updated attic: webhook 1\n", c.types(t, exitDone, "webhooks", "update", "1", "--file", renamed))
		require.Equal(t, "disabled", cells(t, c.types(t, exitDone, "webhooks", "list"), "1")[2])
		require.Equal(t, "deleted\n", c.types(t, exitDone, "webhooks", "delete", "1"))
		c.types(t, exitNotFound, "webhooks", "get", "1")
	})
}

// TestADocumentFromStandardInput makes a webhook as well.
func TestADocumentFromStandardInput(t *testing.T) {
	t.Parallel()
	c := newTerminal(t, localStorage(t), takes)
	command := exec.CommandContext(t.Context(), binary, "voorpoort", "webhooks", "create", "--file", "-", "--json")
	command.Env = slices.Concat(c.gateway.environment, c.environment)
	command.Stdin = strings.NewReader(archiveWebhook(c))
	out, err := command.Output()
	require.NoError(t, err)
	c.note(string(out))
	require.Equal(t, "archive", printed[struct{ Name string }](t, string(out)).Name)
}

// TestChecksByCommand: which webhooks a request would meet, and why not.
func TestChecksByCommand(t *testing.T) {
	t.Parallel()
	c := newTerminal(t, localStorage(t), takes)
	c.types(t, exitDone, "webhooks", "create", "--file", c.file(t, "archive.json", archiveWebhook(c)))
	c.types(t, exitDone, "webhooks", "create", "--file", c.file(t, "stock.json", `{"name":"stock","url":"`+c.receiver.URL+`/stock","events":["object.created"]}`))
	cat := c.file(t, "cat.json", `{"name":"Minoes"}`)
	out := c.types(t, exitDone, "check", objectsOf("cats"), "-X", "POST", "--file", cat)
	require.Contains(t, out, "event object.creating, subject object:pets/cats, by rule openregister/objects")
	require.Equal(t, "yes", cells(t, out, "stock")[1])
	require.Equal(t, "no", cells(t, out, "archive")[1])
	require.Contains(t, out, "none of the patterns covers")
	require.Contains(t, c.types(t, exitDone, "check", "/elsewhere", "-X", "POST", "--file", cat), "no rule makes an event of it")
	require.Equal(t, "openregister/objects", printed[struct{ Rule string }](t, c.types(t, exitDone, "check", objectsOf("cats"), "-X", "POST", "--file", cat, "--json")).Rule)
	require.Empty(t, c.receiver.at("/stock"), "nothing is sent")
	require.Empty(t, c.shelf.seen(objectsOf("cats")))
}

// TestSendTestByCommand: an event goes through the queue to whom wants it.
func TestSendTestByCommand(t *testing.T) {
	t.Parallel()
	onBothStores(t, func(t *testing.T, s *storage) {
		c := newTerminal(t, s, takes)
		c.types(t, exitDone, "webhooks", "create", "--file", c.file(t, "archive.json", archiveWebhook(c)))
		out := c.types(t, exitDone, "send-test", "--type", "a.b", "--subject", "cat/1", "--file", c.file(t, "data.json", `{"object":{"n":1}}`))
		told := c.receiver.await(t, "/archive", 1)[0].fact(t)
		require.Equal(t, "cat/1", told.Subject)
		require.JSONEq(t, `{"n":1}`, string(told.Data.Object))
		require.Contains(t, out, "voorpoort deliveries show "+told.ID)
		require.Eventually(t, func() bool {
			return cells(t, c.types(t, exitDone, "deliveries", "show", told.ID), "archive")[1] == "delivered"
		}, 20*time.Second, 50*time.Millisecond)
	})
}
