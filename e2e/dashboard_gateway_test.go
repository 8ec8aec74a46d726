package e2e_test

import (
	"crypto/sha256"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
)

// operatorToken is what the operator of a watched gateway signs in with.
const operatorToken = "OPERATOR-OF-THE-BROWSER-TEST"

// watched is a gateway with a dashboard, and all that stands around it: a
// register that never says what became of a thing called "lost", somebody who is
// asked and forbids names with "Forbidden", somebody who is asked and adds a
// city, and receivers that are well, away, or gone.
//
// Who drives it is in a browser, so it has a door of its own for what an operator
// would do elsewhere:
//
//	POST /reload        load another configuration
//	POST /cases/well    the receiver of cases is mended
//	POST /cases/ill     and broken again
//	GET  /told/{path}   how often a receiver was called
type watched struct {
	*gateway

	receivers *receiver
	door      *httptest.Server
	well      atomic.Bool
	loads     atomic.Int64
	store     *storage
	site      string
}

// newWatched starts one. Its dashboard is at /gateway/.
func newWatched(t testing.TB) *watched {
	t.Helper()
	w := &watched{store: localStorage(t)}
	w.receivers = receiverWith(t, w.answer)
	shelf := newShelf(t)
	register := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "/lost") {
			panic(http.ErrAbortHandler)
		}
		shelf.serve(rw, r)
	}))
	t.Cleanup(register.Close)
	w.site = fmt.Sprintf("\thandle /gateway/* {\n\t\tvoorpoort_api {\n\t\t\ttoken read,write,replay,read:payload %x\n\t\t}\n\t}\n"+
		"\thandle {\n\t\tvoorpoort openregister\n\t\treverse_proxy %s\n\t}\n", sha256.Sum256([]byte(operatorToken)), strings.TrimPrefix(register.URL, "http://"))
	w.gateway = start(t, w.configuration(), w.site)
	w.door = httptest.NewServer(w.doors(t))
	t.Cleanup(w.door.Close)
	return w
}

// configuration is the global option. Each one differs from the one before, as
// Caddy does not load the same again.
func (w *watched) configuration() string {
	at := func(path string) string { return "\t\turl " + w.receivers.URL + path + "\n" }
	return globals(w.store.words, "\tegress_allow 127.0.0.0/8\n", fmt.Sprintf("\trecover_after %ds\n", 60+w.loads.Add(1)),
		"\twebhook rules {\n"+at("/rules")+"\t\tevents object.creating\n\t\tintercept\n\t}\n",
		"\twebhook address-lookup {\n"+at("/address")+"\t\tevents object.creating\n\t\tintercept merge\n\t}\n",
		"\twebhook case-system {\n"+at("/cases")+"\t\tevents object.*\n\t\tfilter schema cases\n\t\tretry fixed 0\n\t}\n",
		"\twebhook archive {\n"+at("/archive")+"\t\tevents object.deleted\n\t}\n",
		"\twebhook warehouse {\n"+at("/warehouse")+"\t\tevents object.*\n\t}\n")
}

// answer is what whoever is asked or told says.
func (w *watched) answer(rw http.ResponseWriter, c call) {
	path, _, _ := strings.Cut(c.URI, "?")
	say := func(status int, body string) {
		rw.Header().Set("Content-Type", "application/json")
		rw.WriteHeader(status)
		_, _ = io.WriteString(rw, body)
	}
	switch {
	case path == "/rules" && strings.Contains(c.Body, "Forbidden"):
		say(http.StatusUnprocessableEntity, `{"message":"this name is not allowed"}`)
	case path == "/address" && strings.Contains(c.Body, "postcode"):
		say(http.StatusOK, `{"data":{"city":"Amersfoort"}}`)
	case path == "/rules", path == "/address":
		rw.WriteHeader(http.StatusNoContent)
	case path == "/cases" && !w.well.Load():
		say(http.StatusServiceUnavailable, `{"message":"the case system is being maintained"}`)
	case path == "/archive":
		say(http.StatusGone, `{"message":"the archive has moved"}`)
	default:
		say(http.StatusOK, `{"accepted":true}`)
	}
}

func (w *watched) doors(t testing.TB) http.Handler {
	t.Helper()
	mux := http.NewServeMux()
	mux.HandleFunc("POST /reload", func(rw http.ResponseWriter, _ *http.Request) {
		got, err := try(t, http.MethodPost, w.Admin+"/load", w.caddyfile(w.configuration(), w.site), "Content-Type: text/caddyfile") //nolint:contextcheck // the browser waits for it
		if err != nil {
			got.Status, got.Body = http.StatusBadGateway, err.Error()
		}
		rw.WriteHeader(got.Status)
		_, _ = io.WriteString(rw, got.Body)
	})
	mux.HandleFunc("POST /cases/{how}", func(_ http.ResponseWriter, r *http.Request) { w.well.Store(r.PathValue("how") == "well") })
	mux.HandleFunc("GET /told/{path}", func(rw http.ResponseWriter, r *http.Request) {
		answerJSON(rw, http.StatusOK, fmt.Sprintf(`{"calls":%d}`, len(w.receivers.at("/"+r.PathValue("path")))))
	})
	return mux
}
