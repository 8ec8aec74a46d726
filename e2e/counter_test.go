package e2e_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// The two places where counters mount the API: one of ours, and that of
// OpenRegister, so that its own commands need another host only.
const (
	ourMount  = "/gateway"
	seedMount = "/index.php/apps/openregister"
)

// counter is a desk whose API is mounted in both places, and whose receiver
// answers each path as the test says.
type counter struct {
	*desk

	mount string
}

// atEachCounter runs a test on both stores, at both mounts.
func atEachCounter(t *testing.T, answer func(http.ResponseWriter, call), test func(t *testing.T, c *counter)) {
	t.Helper()
	onBothStores(t, func(t *testing.T, s *storage) {
		d := &desk{storage: s, shelf: newShelf(t), receiver: receiverWith(t, answer)}
		d.gateway = start(t, d.globals("webhook fixed {\nurl https://receiver.example/fixed\nevents never.*\n}\n"), d.bothMounts())
		for _, mount := range []string{ourMount, seedMount} {
			t.Run(strings.Trim(strings.ReplaceAll(mount, "/", "-"), "-"), func(t *testing.T) {
				test(t, &counter{d, mount})
			})
		}
	})
}

func (d *desk) bothMounts() string {
	api := "voorpoort_api {\ntoken read " + hashOf(readerToken) + "\ntoken read,write,replay,read:payload " + hashOf(ownerToken) + "\n}\n"
	return "handle " + ourMount + "/* {\n" + api + "}\nhandle " + seedMount + "/api/webhooks* {\n" + api + "}\nhandle {\n" + inFrontOf(d.shelf) + "}\n"
}

// do makes a call of the API as its owner.
func (c *counter) do(t testing.TB, method, path, body string) answer {
	t.Helper()
	return c.as(t, ownerToken, method, path, body)
}

// as makes a call with a token; "" is none.
func (c *counter) as(t testing.TB, token, method, path, body string, headers ...string) answer {
	t.Helper()
	if token != "" {
		headers = append(headers, "Authorization: Bearer "+token)
	}
	if body != "" {
		headers = append(headers, "Content-Type: application/json")
	}
	return insist(t, method, c.URL+c.mount+"/api/webhooks"+path, body, headers...)
}

// hooked is what a test reads of a webhook.
type hooked struct {
	ID      uint64            `json:"id"`
	UUID    string            `json:"uuid"`
	Name    string            `json:"name"`
	URL     string            `json:"url"`
	Enabled bool              `json:"enabled"`
	Secret  *string           `json:"secret"`
	Headers map[string]string `json:"headers"`
	Total   int               `json:"totalDeliveries"`
	Good    int               `json:"successfulDeliveries"`
	Failed  int               `json:"failedDeliveries"`
}

// made is a webhook at a path of the receiver that wants what is created below a
// schema of its own. members are further members in JSON.
func (c *counter) made(t testing.TB, trial, members string) hooked {
	t.Helper()
	trial += c.storage.kind + strings.Trim(strings.ReplaceAll(c.mount, "/", ""), "/")
	if members != "" {
		members = "," + members
	}
	body := fmt.Sprintf(`{"name":%q,"url":%q,"format":"openregister","events":["OCA\\OpenRegister\\Event\\ObjectCreatedEvent"],"filters":{"schema":%q}%s}`,
		trial, c.receiver.URL+"/"+trial, trial, members)
	return answered[hooked](t, c.do(t, http.MethodPost, "", body), http.StatusCreated)
}

// write makes an object that the webhook wants.
func (c *counter) write(t testing.TB, h hooked, body string) {
	t.Helper()
	got := insist(t, http.MethodPost, c.URL+"/api/objects/pets/"+h.Name, body, "Content-Type: application/json")
	require.Equal(t, http.StatusCreated, got.Status, got.Body)
}

// calls waits for so many calls to a webhook.
func (c *counter) calls(t testing.TB, h hooked, n int) []call {
	t.Helper()
	return c.receiver.await(t, "/"+h.Name, n)
}

func (c *counter) path(h hooked, rest string) string { return fmt.Sprintf("/%d%s", h.ID, rest) }
