package e2e_test

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/voorpoort/voorpoort/delivery"
)

// answering is a register's answer to a write, by the last part of the path.
// Each is what a proxy that looks at answers can get wrong.
var answering = map[string]struct {
	play    func(w http.ResponseWriter, flush func())
	status  int
	body    string // as the client reads it
	object  string // of the event; "" stands for null
	missing string // why it is null, or deadLetter
}{
	"plain":      {func(w http.ResponseWriter, _ func()) { answerJSON(w, 200, `{"id":"1"}`) }, 200, `{"id":"1"}`, `{"id":"1"}`, ""},
	"created":    {func(w http.ResponseWriter, _ func()) { answerJSON(w, 201, `{"id": 1.50}`) }, 201, `{"id": 1.50}`, `{"id": 1.50}`, ""},
	"accepted":   {func(w http.ResponseWriter, _ func()) { answerJSON(w, 202, `[1,2]`) }, 202, `[1,2]`, `[1,2]`, ""},
	"no-content": {func(w http.ResponseWriter, _ func()) { w.WriteHeader(204) }, 204, "", "", "empty"},
	"empty":      {func(w http.ResponseWriter, _ func()) { w.WriteHeader(200) }, 200, "", "", "empty"},
	"chunked": {func(w http.ResponseWriter, flush func()) {
		w.Header().Set("Content-Type", "application/json")
		for _, part := range []string{`{"a":`, `"b",`, `"c":[1]`, `}`} {
			_, _ = io.WriteString(w, part)
			flush()
		}
	}, 200, `{"a":"b","c":[1]}`, `{"a":"b","c":[1]}`, ""},
	"gzip": {func(w http.ResponseWriter, _ func()) {
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Content-Encoding", "gzip")
		_, _ = w.Write(gzipped(`{"packed":true}`))
	}, 200, string(gzipped(`{"packed":true}`)), `{"packed":true}`, ""},
	"html": {func(w http.ResponseWriter, _ func()) {
		w.Header().Set("Content-Type", "text/html")
		_, _ = io.WriteString(w, "<p>klaar</p>")
	}, 200, "<p>klaar</p>", "", "not-json"},
	"1-mib":    {func(w http.ResponseWriter, _ func()) { answerJSON(w, 200, document(1<<20)) }, 200, document(1 << 20), "", deadLetter},
	"half-mib": {func(w http.ResponseWriter, _ func()) { answerJSON(w, 200, document(1<<19)) }, 200, document(1 << 19), document(1 << 19), ""},
	"4-mib":    {func(w http.ResponseWriter, _ func()) { answerJSON(w, 200, document(4<<20)) }, 200, document(4 << 20), "", "too-large"},
	"large-without-length": {func(w http.ResponseWriter, flush func()) {
		w.Header().Set("Content-Type", "application/json")
		flush()
		_, _ = io.WriteString(w, document(100<<10))
	}, 200, document(100 << 10), document(100 << 10), ""},
	"events": {func(w http.ResponseWriter, flush func()) {
		w.Header().Set("Content-Type", "text/event-stream")
		for i := range 3 {
			_, _ = fmt.Fprintf(w, "data: %d\n\n", i)
			flush()
		}
	}, 200, "data: 0\n\ndata: 1\n\ndata: 2\n\n", "", "not-json"},
	"hints": {func(w http.ResponseWriter, _ func()) {
		w.Header().Set("Link", "</s.css>; rel=preload")
		w.WriteHeader(http.StatusEarlyHints)
		answerJSON(w, 201, `{"id":"2"}`)
	}, 201, `{"id":"2"}`, `{"id":"2"}`, ""},
}

// deadLetter is what becomes of an answer that can be kept, when the event with
// it is over the limit for events.
const deadLetter = "dead letter"

// document is JSON of a size.
func document(size int) string {
	return `{"filler":"` + strings.Repeat("x", size-len(`{"filler":""}`)) + `"}`
}

// TestAnswersReachTheClientUnharmed and give the right event, by HTTP/1.1 and
// HTTP/2, through Caddy's transport and ours.
func TestAnswersReachTheClientUnharmed(t *testing.T) {
	t.Parallel()
	u := registerWith(t, func(w http.ResponseWriter, r *http.Request, _ reached) {
		w.Header().Set("X-Register", "it was me")
		_, name, _ := strings.Cut(r.URL.Path, "/cats/")
		name, _, _ = strings.Cut(name, ".")
		answering[name].play(w, func() { _ = http.NewResponseController(w).Flush() })
	})
	onBothStores(t, func(t *testing.T, s *storage) {
		t.Helper()
		r := receiving(t)
		site := "@ours header X-Transport voorpoort\n" + "voorpoort openregister\nreverse_proxy @ours " + u.address() + " {\ntransport voorpoort\n}\nreverse_proxy " + u.address()
		g := start(t, withHTTP2+globals(s.words, "webhook told {\nurl "+r.URL+"\n}\n"), site)
		t.Run("told", func(t *testing.T) {
			for client, way := range ways(t) {
				for name, want := range answering {
					t.Run(client+"/"+name, func(t *testing.T) {
						t.Parallel()
						request, err := http.NewRequestWithContext(t.Context(), http.MethodPut, g.URL+"/api/objects/pets/cats/"+name+"."+client, strings.NewReader(`{}`))
						require.NoError(t, err)
						request.Header.Set("Content-Type", "application/json")
						request.Header.Set("Accept-Encoding", "identity")
						request.Header.Set("X-Transport", way.transport)
						response, err := way.client.Do(request)
						require.NoError(t, err)
						got := read(t, response)
						require.Equal(t, want.status, got.Status)
						require.True(t, want.body == got.Body, "%d bytes instead of %d", len(got.Body), len(want.body)) //nolint:testifylint // a difference of a megabyte helps nobody
						require.Equal(t, "it was me", got.Header.Get("X-Register"))
						if want.missing == deadLetter {
							return
						}
						f := toldOf(t, r, "object:pets/cats/"+name+"."+client)
						require.Equal(t, want.missing, f.Data.ObjectMissing)
						if want.object == "" {
							want.object = "null"
						}
						require.True(t, want.object == string(f.Data.Object), "object %.80s", f.Data.Object) //nolint:testifylint // the same
						if ids := got.Header.Get("Voorpoort-Event-Id"); ids != "" {
							require.Equal(t, f.ID, ids)
						} else {
							require.True(t, len(want.body) > 64<<10 || name == "events", "only what streams goes on before there is an id")
						}
					})
				}
			}
		})
		g.stop(t)
		for _, one := range kept(t, s.open(t), "") {
			_, name, _ := strings.Cut(one.Message.Subject, "/cats/")
			name, _, _ = strings.Cut(name, ".")
			dead := answering[name].missing == deadLetter
			require.Equal(t, dead, one.State == delivery.Dead, name)
			require.Equal(t, !dead, one.State == delivery.Delivered, name)
		}
	})
}

// ways are clients and the transport that they ask for.
func ways(t testing.TB) map[string]seat {
	t.Helper()
	two := new(http.Protocols)
	two.SetUnencryptedHTTP2(true)
	transport := &http.Transport{Protocols: two}
	t.Cleanup(transport.CloseIdleConnections)
	return map[string]seat{
		"http1":      {client: &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}},
		"http2-ours": {client: &http.Client{Transport: transport}, transport: "voorpoort"},
	}
}

// toldOf waits for the one event about a subject.
func toldOf(t testing.TB, r *receiver, subject string) fact {
	t.Helper()
	var facts []fact
	require.Eventually(t, func() bool {
		facts = nil
		for _, c := range r.at("/") {
			if strings.Contains(c.Body[:min(len(c.Body), 1000)], `"subject":"`+subject+`"`) {
				facts = append(facts, c.fact(t))
			}
		}
		return len(facts) > 0
	}, 20*time.Second, 10*time.Millisecond, subject)
	require.Len(t, facts, 1)
	require.Equal(t, "object.updated", facts[0].Type)
	return facts[0]
}

// The receiver may ask the register at once for what it is told of (OK-26).
func TestTheReceiverHearsNothingBeforeTheRegisterHasAnswered(t *testing.T) {
	t.Parallel()
	onBothStores(t, func(t *testing.T, s *storage) {
		t.Helper()
		d := newDepot(t, s, []subscription{{name: "cats"}}, "")
		got, proceed := d.shelf.during(t, d.gateway, http.MethodPut, objectsOf("cats")+"/1", `{"n":1}`, "wait-after")
		time.Sleep(300 * time.Millisecond)
		require.Empty(t, d.receiver.at("/cats"))
		proceed()
		a := <-got
		require.Equal(t, http.StatusOK, a.Status, a.Body)
		require.Equal(t, []string{d.told(t, "cats", 1)[0].fact(t).ID}, a.ids())
	})
}

// TestReadsAreLeftAlone: nothing is held, looked up or told.
func TestReadsAreLeftAlone(t *testing.T) {
	t.Parallel()
	onBothStores(t, func(t *testing.T, s *storage) {
		t.Helper()
		d := newDepot(t, s, []subscription{{name: "cats", options: "filter before.n 1"}}, "")
		d.shelf.put(objectsOf("cats")+"/1", `{"n":1}`)
		for _, method := range []string{http.MethodGet, http.MethodHead} {
			got := send(t, method, d.URL+objectsOf("cats")+"/1", "")
			require.Equal(t, http.StatusOK, got.Status)
			require.Equal(t, `"v1"`, got.Header.Get("ETag"))
			require.Empty(t, got.ids())
		}
		require.Len(t, d.shelf.seen(objectsOf("cats")), 2)
		d.stop(t)
		require.Empty(t, kept(t, s.open(t), ""))
	})
}
