package e2e_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// Everything that nobody may see in an answer of the API, or in the log.
var unseen = []string{
	"unseen-secret", "unseen-second-secret", "unseen-bearer", "unseen-header", "unseen-query", "unseen-of-the-client",
	ownerToken, readerToken, tokenOf("read"), tokenOf("write"), tokenOf("replay"), tokenOf("read:payload"),
}

// overheard makes calls and looks for what nobody may see in their answers.
type overheard struct {
	*desk

	t testing.TB
}

func (o overheard) ask(mount, token, route, body string, headers ...string) answer {
	o.t.Helper()
	got := o.desk.ask(o.t, mount, token, route, body, headers...)
	for _, secret := range unseen {
		require.NotContains(o.t, got.Body, secret, route)
		require.NotContains(o.t, fmt.Sprint(got.Header), secret, route)
	}
	return got
}

// secretive is a webhook with everything that can be secret.
func (o overheard) secretive(name string) hooked {
	o.t.Helper()
	made := o.ask(ourMount, ownerToken, "POST /webhooks", fmt.Sprintf(`{"name":%q,"url":"%s/%s?key=unseen-query","filters":{"schema":%q},"format":"openregister",
		"secret":["unseen-secret","unseen-second-secret"],"headers":{"Authorization":"Bearer unseen-bearer","X-Api-Key":"unseen-header"}}`,
		name, o.receiver.URL, name, name))
	return answered[hooked](o.t, made, http.StatusCreated)
}

// TestSecretsAreInNoAnswer: a webhook with all kinds of secrets goes through all
// that can be done with it, and what a client gave the register with its write
// is in nobody's hands either (1.13, 26).
func TestSecretsAreInNoAnswer(t *testing.T) {
	t.Parallel()
	onBothStores(t, func(t *testing.T, s *storage) {
		d := newScopedDesk(t, s, "", tells(http.StatusInternalServerError, `{"message":"boom"}`))
		o := overheard{d, t}
		h := o.secretive("quiet")
		written := insist(t, http.MethodPost, d.URL+objectsOf("quiet"), `{"title":"t"}`, "Authorization: Bearer unseen-of-the-client", "Cookie: s=unseen-of-the-client")
		require.Equal(t, http.StatusCreated, written.Status)
		sent := d.receiver.await(t, "/quiet", 1)[0]
		require.Equal(t, "Bearer unseen-bearer", sent.Header.Get("Authorization"))
		require.Contains(t, sent.URI, "key=unseen-query")
		require.NotContains(t, sent.Body+fmt.Sprint(sent.Header), "unseen-of-the-client")

		id := fmt.Sprint(h.ID)
		c := &counter{d, ourMount}
		failed := fmt.Sprint(c.logged(t, h, 1)[0].ID)
		eventID := written.ids()[0]
		for _, mount := range []string{ourMount, seedMount} {
			for _, route := range []string{
				"GET /webhooks", "GET /webhooks/" + id, "GET /webhooks/" + h.UUID, "GET /webhooks/logs", "GET /webhooks/" + id + "/logs", "GET /webhooks/logs/" + failed,
				"GET /messages", "GET /messages/" + eventID, "GET /dead-letters", "GET /overview", "GET /events", "GET /events/" + eventID,
				"GET /events/" + eventID + "/messages", "GET /events/subscriptions", "GET /events/subscriptions/" + id,
				"GET /events/subscriptions/" + id + "/messages", "GET /interceptions", "GET /holds", "GET /jobs",
			} {
				require.Equal(t, http.StatusOK, o.ask(mount, ownerToken, route, "").Status, route)
			}
			shown := o.ask(mount, ownerToken, "GET /webhooks/"+id, "")
			back := o.ask(mount, ownerToken, "PUT /webhooks/"+id, shown.Body)
			require.Equal(t, http.StatusOK, back.Status, back.Body)
			require.Equal(t, http.StatusOK, o.ask(mount, ownerToken, "POST /webhooks/"+id+"/test", "").Status)
			require.Equal(t, http.StatusBadGateway, o.ask(mount, ownerToken, "POST /webhooks/logs/"+failed+"/retry", "").Status)
			checked := o.ask(mount, ownerToken, "POST /check", `{"method":"POST","path":"`+objectsOf("quiet")+`","headers":{"Authorization":"Bearer unseen-of-the-client"},"body":{}}`)
			require.Equal(t, http.StatusOK, checked.Status, checked.Body)
			for _, refused := range []string{
				`{"headers":{"X-Api-Key":{"unseen-header":1}}}`, `{"secret":{"unseen-secret":1}}`, `{"url":"ftp://u:unseen-secret@h/?unseen-query"}`,
				`{"secret":"unseen-secret","timeout":-1}`, `{"headers":{"X-Bad\n":"unseen-header"}}`, `{"secret":"unseen-secret`,
			} {
				require.Equal(t, http.StatusBadRequest, o.ask(mount, ownerToken, "PUT /webhooks/"+id, refused).Status, refused)
			}
		}
		last := d.receiver.at("/quiet")
		require.Equal(t, "Bearer unseen-bearer", last[len(last)-1].Header.Get("Authorization"), "what came back masked was not stored")
		require.Contains(t, last[len(last)-1].URI, "key=unseen-query")
		require.Equal(t, http.StatusNoContent, o.ask(seedMount, ownerToken, "DELETE /webhooks/"+id, "").Status)
		o.ask(seedMount, ownerToken, "GET /webhooks/logs", "")
		d.stop(t)
		for _, secret := range unseen {
			require.NotContains(t, d.log(), secret)
		}
	})
}

// TestBodiesNeedAScopeOfTheirOwn: who may read sees what happened, and not with
// what; who may retry or test does not see what the receiver said.
func TestBodiesNeedAScopeOfTheirOwn(t *testing.T) {
	t.Parallel()
	onBothStores(t, func(t *testing.T, s *storage) {
		d := newScopedDesk(t, s, "", tells(http.StatusInternalServerError, `{"message":"receivers-own-words"}`))
		o := overheard{d, t}
		h := o.secretive("private")
		written := insist(t, http.MethodPost, d.URL+objectsOf("private"), `{"bsn":"999990019-private"}`)
		require.Equal(t, http.StatusCreated, written.Status)
		failed := fmt.Sprint((&counter{d, ourMount}).logged(t, h, 1)[0].ID)
		id := fmt.Sprint(h.ID)
		routes := map[string]string{"POST /webhooks/" + id + "/test": tokenOf("write"), "POST /webhooks/logs/" + failed + "/retry": tokenOf("replay")}
		for _, path := range []string{
			"/webhooks/logs", "/webhooks/" + id + "/logs", "/webhooks/logs/" + failed, "/messages", "/messages/" + written.ids()[0], "/events",
			"/events/" + written.ids()[0], "/events/" + written.ids()[0] + "/messages", "/events/subscriptions/" + id + "/messages",
		} {
			routes["GET "+path] = tokenOf("read")
		}
		for _, mount := range []string{ourMount, seedMount} {
			for route, token := range routes {
				hidden := o.ask(mount, token, route, "")
				for _, words := range []string{"999990019-private", "receivers-own-words"} {
					require.NotContains(t, hidden.Body, words, route)
				}
				full := o.ask(mount, ownerToken, route, "")
				require.Equal(t, hidden.Status, full.Status, route)
				require.True(t, strings.Contains(full.Body, "999990019-private") || strings.Contains(full.Body, "receivers-own-words"), "%s: %s", route, full.Body)
			}
			row := answered[map[string]any](t, o.ask(mount, tokenOf("read"), "GET /webhooks/logs/"+failed, ""), http.StatusOK)
			require.Equal(t, []any{nil, nil, nil, true}, []any{row["payload"], row["requestBody"], row["responseBody"], row["redacted"]})
		}
	})
}

// TestPagesOfOtherSitesChangeNothing, whichever way a browser tells where they
// are from; programs, which tell nothing, and pages of the same site do.
func TestPagesOfOtherSitesChangeNothing(t *testing.T) {
	t.Parallel()
	d := newScopedDesk(t, localStorage(t), "", takes)
	o := overheard{d, t}
	h := o.secretive("kept")
	one := "/webhooks/" + h.UUID
	for _, from := range [][]string{
		{"Sec-Fetch-Site: cross-site"},
		{"Sec-Fetch-Site: same-site"},
		{"Origin: https://elsewhere.example"},
		{"Origin: null"},
		{"Origin: https://elsewhere.example", "Sec-Fetch-Site: cross-site"},
	} {
		for _, mount := range []string{ourMount, seedMount} {
			for _, route := range []string{"POST /webhooks", "PUT " + one, "PATCH " + one, "DELETE " + one, "POST " + one + "/test", "POST " + one + "/resume", "POST /replay"} {
				got := o.ask(mount, ownerToken, route, `{"name":"crossed","url":"https://s.example/"}`, from...)
				require.Equal(t, http.StatusForbidden, got.Status, "%s from %s", route, from)
			}
			require.Empty(t, o.ask(mount, ownerToken, "GET "+one, "", from...).Header.Get("Access-Control-Allow-Origin"), "and reads nothing")
		}
	}
	require.NotContains(t, o.ask(ourMount, ownerToken, "GET /webhooks", "").Body, "crossed")
	require.Empty(t, d.receiver.at("/kept"))
	for _, from := range []string{"Sec-Fetch-Site: same-origin", "Sec-Fetch-Site: none", "Origin: " + d.URL} {
		require.Equal(t, http.StatusOK, o.ask(ourMount, ownerToken, "PUT "+one, `{"timeout":9}`, from).Status, from)
	}
}
