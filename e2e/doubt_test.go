package e2e_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"path"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/voorpoort/voorpoort/delivery"
)

// doubtCase is a write whose answer nobody saw, and what the register's state
// tells of it afterwards.
type doubtCase struct {
	name    string
	method  string
	old     string // what the register has before; "": nothing
	play    string // what becomes of the connection
	options string // of the webhook; one filter on before has the gateway look before each write
	finding string
	event   string // the type of the event that follows, if any
	object  string // in it
}

const writtenBody = `{"title":"t","n":2}`

var doubtCases = []doubtCase{
	{"put-new", http.MethodPut, "", "die-after", "", "happened", "object.updated", writtenBody},
	{"put-new-lost", http.MethodPut, "", "die-first", "", "did not happen", "", ""},
	{"put-new-lost-of-somebody", http.MethodPut, "", "die-first", "", "unknown", "", ""}, // the register may hide it from strangers
	{"put-midway", http.MethodPut, "", "die-midway", "", "happened", "object.updated", writtenBody},
	{"put-over", http.MethodPut, `{"title":"old"}`, "die-after", "", "happened", "object.updated", writtenBody},
	{"put-image-lost", http.MethodPut, `{"title":"old"}`, "die-first", "filter before.title old", "did not happen", "", ""},
	{"put-same", http.MethodPut, writtenBody, "die-after", "filter before.title t", "unknown", "", ""},
	{"patch", http.MethodPatch, `{"title":"old"}`, "die-after", "", "happened", "object.updated", writtenBody},
	{"delete", http.MethodDelete, `{"title":"old"}`, "die-after", "", "happened", "object.deleted", `{"title":"old"}`},
	{"delete-lost", http.MethodDelete, `{"title":"old"}`, "die-first", "", "did not happen", "", ""},
	{"post", http.MethodPost, "", "die-after", "", "unknown", "", ""},
	{"post-lost", http.MethodPost, "", "die-first", "", "unknown", "", ""},
}

func (c doubtCase) path() string {
	if c.method == http.MethodPost {
		return objectsOf(c.name)
	}
	return objectsOf(c.name) + "/1"
}

func (c doubtCase) body() string {
	if c.method == http.MethodDelete {
		return ""
	}
	return writtenBody
}

// TestWritesInDoubtAreSettledByAskingTheRegister when it died while it answered.
// The client is told that something is wrong, the receivers only what is certain;
// the rest is a dead letter for a person.
func TestWritesInDoubtAreSettledByAskingTheRegister(t *testing.T) {
	t.Parallel()
	onBothStores(t, func(t *testing.T, s *storage) {
		t.Helper()
		newDepot(t, s, doubtful(), "").settlesDoubts(t, 1)
	})
}

// doubtful are the subscriptions to the cases.
func doubtful() []subscription {
	var subscriptions []subscription
	for _, c := range doubtCases {
		subscriptions = append(subscriptions, subscription{name: c.name, options: c.options})
	}
	return subscriptions
}

// settlesDoubts goes through the cases, ends the gateway and gives its store. A proxy may send a
// PUT or a DELETE so often when the connection ends without an answer.
func (d *depot) settlesDoubts(t *testing.T, repeats int) delivery.Store {
	t.Helper()
	for _, c := range doubtCases {
		if c.old != "" {
			d.shelf.put(c.path(), c.old)
		}
		headers := []string{"X-Play: " + c.play}
		if strings.HasSuffix(c.name, "-of-somebody") {
			headers = append(headers, "Authorization: Bearer of-the-client")
		}
		got, err := try(t, c.method, d.URL+c.path(), c.body(), headers...)
		if err == nil {
			require.Equal(t, http.StatusBadGateway, got.Status, c.name)
		}
	}
	for _, c := range doubtCases {
		if c.event != "" {
			f := d.told(t, c.name, 1)[0].fact(t)
			require.Equal(t, c.event, f.Type, c.name)
			require.True(t, f.Recovered, c.name)
			require.JSONEq(t, c.object, string(f.Data.Object), c.name)
		}
		got := len(d.shelf.writes(objectsOf(c.name)))
		repeated := got == repeats && (c.method == http.MethodPut || c.method == http.MethodDelete)
		require.True(t, got == 1 || repeated, "%s: %d writes, but the register is only asked, never told again", c.name, got)
	}
	const settled = "a write whose answer was not seen is settled"
	require.Eventually(t, func() bool { return len(d.logged(settled)) == len(doubtCases) }, 20*time.Second, 20*time.Millisecond)
	findings := map[string]string{}
	for _, l := range d.logged(settled) {
		findings[l.Path] = l.Finding
	}
	d.awaitNoHolds(t)
	d.stop(t)
	store := d.storage.open(t)
	hasNoHolds(t, store)
	for _, c := range doubtCases {
		require.Equal(t, c.finding, findings[c.path()], c.name)
		requireSettled(t, c, kept(t, store, c.name))
	}
	return store
}

// requireSettled checks what is kept of a write that was in doubt.
func requireSettled(t testing.TB, c doubtCase, all []delivery.Delivery) {
	t.Helper()
	switch c.finding {
	case "happened":
		require.Len(t, all, 1, c.name)
		require.Equal(t, delivery.Delivered, all[0].State, c.name)
	case "did not happen":
		require.Empty(t, all, c.name)
	case "unknown":
		require.Len(t, all, 1, c.name)
		require.Equal(t, delivery.Dead, all[0].State, c.name)
		f := factOf(t, string(all[0].Message.Event))
		require.Equal(t, "unknown", f.Outcome, c.name)
		require.True(t, f.Recovered, c.name)
		require.Equal(t, "unknown", f.Data.ObjectMissing, c.name)
		require.JSONEq(t, writtenBody, string(f.Data.Written), c.name)
	}
}

// TestAPostInDoubtIsLookedFor where its rule says: by a number of the client's.
// What is found is told of; the rest is a dead letter for a person.
func TestAPostInDoubtIsLookedFor(t *testing.T) {
	t.Parallel()
	register := newNumbers(t)
	onBothStores(t, func(t *testing.T, s *storage) {
		t.Helper()
		receiver := receiverWith(t, takes)
		hook := fmt.Sprintf("\twebhook requests {\n\t\turl %s/requests\n\t}\n", receiver.URL)
		g := start(t, globals(s.words, "recover_after 1s\n", hook), `	voorpoort {
		rule request /{store}/requests {
			on POST create
			correlate "request.path + '?number=' + urlencode(request.body.number)"
		}
	}
	reverse_proxy `+strings.TrimPrefix(register.URL, "http://")+"\n")
		base := g.URL + "/" + path.Base(t.Name()) + "/requests"
		for _, play := range []string{"die-first", "die-after"} {
			got, err := try(t, http.MethodPost, base, `{"number":"`+play+`"}`, "X-Play: "+play)
			if err == nil {
				require.Equal(t, http.StatusBadGateway, got.Status)
			}
		}
		f := receiver.await(t, "/requests", 1)[0].fact(t)
		require.Equal(t, "request.created", f.Type)
		require.True(t, f.Recovered)
		require.JSONEq(t, `{"id":1,"number":"die-after"}`, string(f.Data.Object))
		require.Eventually(t, func() bool {
			return len(g.logged("a write whose answer was not seen is settled")) == 2
		}, 20*time.Second, 20*time.Millisecond)
		g.awaitNoHolds(t)
		g.stop(t)
		store := s.open(t)
		hasNoHolds(t, store)
		var states []delivery.State
		for _, d := range kept(t, store, "requests") {
			states = append(states, d.State)
		}
		require.ElementsMatch(t, []delivery.State{delivery.Dead, delivery.Delivered}, states)
	})
}

// newNumbers is a register of things with numbers that its clients choose. It
// makes the id, and can be asked by number.
func newNumbers(t *testing.T) *httptest.Server {
	t.Helper()
	var mu sync.Mutex
	made := map[string]string{} // by path and number
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		if r.Method == http.MethodGet {
			answerJSON(w, http.StatusOK, `{"results":[`+made[r.URL.Path+r.URL.Query().Get("number")]+`]}`)
			return
		}
		body, _ := io.ReadAll(r.Body)
		if r.Header.Get("X-Play") == "die-after" {
			var written struct{ Number string }
			_ = json.Unmarshal(body, &written)
			made[r.URL.Path+written.Number] = `{"id":1,` + strings.TrimPrefix(string(body), "{")
		}
		panic(http.ErrAbortHandler)
	}))
	t.Cleanup(s.Close)
	return s
}
