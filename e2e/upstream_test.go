package e2e_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
)

// reached is one request as it reached the register.
type reached struct {
	Method, URI string
	Header      http.Header
	Body        string
	Length      int64
	Encoding    []string // transfer encoding
}

// upstream is the register: it records each request, to the byte, and answers.
type upstream struct {
	*httptest.Server

	connections

	mu       sync.Mutex
	requests []reached
}

// register starts an upstream that answers each write with 201.
func register(t testing.TB) *upstream {
	t.Helper()
	return registerWith(t, func(w http.ResponseWriter, _ *http.Request, _ reached) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusCreated)
		_, _ = io.WriteString(w, `{"id":"abc-123"}`)
	})
}

// registerWith starts an upstream that answers as the function says.
func registerWith(t testing.TB, answer func(w http.ResponseWriter, r *http.Request, got reached)) *upstream {
	t.Helper()
	u := unstartedRegister(answer)
	u.Start()
	t.Cleanup(u.Close)
	return u
}

// unstartedRegister is an upstream that a test can still configure before it
// starts it.
func unstartedRegister(answer func(w http.ResponseWriter, r *http.Request, got reached)) *upstream {
	u := &upstream{}
	u.Server = httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return
		}
		got := reached{
			Method: r.Method, URI: r.RequestURI, Header: r.Header.Clone(),
			Body: string(body), Length: r.ContentLength, Encoding: r.TransferEncoding,
		}
		u.mu.Lock()
		u.requests = append(u.requests, got)
		u.mu.Unlock()
		answer(w, r, got)
	}))
	u.Config.ConnState = u.watch
	return u
}

func (u *upstream) address() string { return strings.TrimPrefix(u.URL, "http://") }

// seen are the requests that reached the register.
func (u *upstream) seen() []reached {
	u.mu.Lock()
	defer u.mu.Unlock()
	return append([]reached(nil), u.requests...)
}

// at are the requests with one path and query.
func (u *upstream) at(uri string) []reached {
	var found []reached
	for _, r := range u.seen() {
		if r.URI == uri {
			found = append(found, r)
		}
	}
	return found
}

// last is the newest request; the test fails when there is none.
func (u *upstream) last(t testing.TB) reached {
	t.Helper()
	all := u.seen()
	if len(all) == 0 {
		t.Fatal("nothing reached the register")
	}
	return all[len(all)-1]
}
