package e2e_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// call is one delivery as it reached a receiver.
type call struct {
	Method, URI string
	Header      http.Header
	Body        string
	At          time.Time

	Gone <-chan struct{} // closed when the gateway has given the call up
}

// fact is an event after a write, in structured mode.
type fact struct {
	SpecVersion     string   `json:"specversion"`
	ID              string   `json:"id"`
	Source          string   `json:"source"`
	Type            string   `json:"type"`
	Subject         string   `json:"subject"`
	Time            string   `json:"time"`
	DataContentType string   `json:"datacontenttype"`
	BeforeImage     string   `json:"beforeimage"`
	Recovered       bool     `json:"recovered"`
	Outcome         string   `json:"outcome"`
	Sequence        string   `json:"sequence"`
	Data            factData `json:"data"`
}

// factData is the object document.
type factData struct {
	ObjectType    string          `json:"objectType"`
	Action        string          `json:"action"`
	Register      string          `json:"register"`
	Schema        string          `json:"schema"`
	Object        json.RawMessage `json:"object"`
	ObjectMissing string          `json:"objectMissing"`
	Written       json.RawMessage `json:"written"`
	Before        json.RawMessage `json:"before"`
}

// fact reads the event of a call.
func (c call) fact(t testing.TB) fact {
	t.Helper()
	return factOf(t, c.Body)
}

func factOf(t testing.TB, body string) fact {
	t.Helper()
	var f fact
	require.NoError(t, json.Unmarshal([]byte(body), &f), body)
	return f
}

// receiver is told of events: it records each call and answers.
type receiver struct {
	*httptest.Server

	connections

	mu    sync.Mutex
	calls []call
}

// receiverWith starts a receiver that answers as the function says.
func receiverWith(t testing.TB, answer func(w http.ResponseWriter, c call)) *receiver {
	t.Helper()
	r := &receiver{}
	r.Server = httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		body, err := io.ReadAll(req.Body)
		if err != nil {
			return
		}
		c := call{
			Method: req.Method, URI: req.RequestURI, Header: req.Header.Clone(), Body: string(body),
			At: time.Now(), Gone: req.Context().Done(),
		}
		r.mu.Lock()
		r.calls = append(r.calls, c)
		r.mu.Unlock()
		answer(w, c)
	}))
	r.Config.ConnState = r.watch
	r.Start()
	t.Cleanup(r.Close)
	return r
}

// receiving starts a receiver that takes everything.
func receiving(t testing.TB) *receiver {
	t.Helper()
	return receiverWith(t, takes)
}

// takes is the answer of a receiver that is well.
func takes(w http.ResponseWriter, _ call) { w.WriteHeader(http.StatusNoContent) }

// tells is the answer of a receiver that always says the same.
func tells(status int, body string, headers ...string) func(http.ResponseWriter, call) {
	return func(w http.ResponseWriter, _ call) {
		for _, header := range headers {
			name, value, _ := strings.Cut(header, ": ")
			w.Header().Set(name, value)
		}
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}
}

// at are the calls to one path.
func (r *receiver) at(path string) []call {
	r.mu.Lock()
	defer r.mu.Unlock()
	var found []call
	for _, c := range r.calls {
		if at, _, _ := strings.Cut(c.URI, "?"); at == path {
			found = append(found, c)
		}
	}
	return found
}

// await waits until so many calls have come to a path, and gives them. More than
// that is a failure.
func (r *receiver) await(t testing.TB, path string, n int) []call {
	t.Helper()
	return r.awaitFor(t, 20*time.Second, path, n)
}

func (r *receiver) awaitFor(t testing.TB, patience time.Duration, path string, n int) []call {
	t.Helper()
	for began := time.Now(); time.Since(began) < patience && len(r.at(path)) < n; {
		time.Sleep(5 * time.Millisecond)
	}
	calls := r.at(path)
	require.Len(t, calls, n, "%s: %s", path, summary(calls))
	return calls
}

// summary is for the messages of failed tests.
func summary(calls []call) string {
	var text strings.Builder
	for _, c := range calls {
		_, _ = fmt.Fprintf(&text, "\n%s %s %s", c.Method, c.URI, c.Body[:min(len(c.Body), 400)])
	}
	return text.String()
}
