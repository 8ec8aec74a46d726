package e2e_test

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

// theatre is a register with every kind of answer that a proxy can get wrong,
// behind a gateway on which each can be asked for in twelve ways: by HTTP/1.1 and
// HTTP/2, on a route with a rule and on one without, and with reverse_proxy, with
// our transport in it, and with our own proxy.
type theatre struct {
	*gateway

	u    *upstream
	s    *service
	cues sync.Map // of waiting answers: X-Cue -> chan struct{}
}

func newTheatre(t testing.TB) *theatre {
	t.Helper()
	th := &theatre{}
	th.u = registerWith(t, th.play)
	th.s = interceptor(t, http.StatusOK, `{"data":{"x":true}}`)
	th.gateway = start(t, "\tservers {\n\t\tprotocols h1 h2c\n\t}\n"+globals(
		"webhook change {\nurl "+th.s.URL+"\nintercept merge\n}\n",
		"webhook check {\nurl "+th.s.URL+"\nintercept\n}\n"), `
	voorpoort openregister
	@conflict header X-Fail conflict
	error @conflict "by a handler behind" 409
	@down header X-Fail down
	reverse_proxy @down 127.0.0.1:1
	@ours header X-Transport voorpoort
	reverse_proxy @ours `+th.u.address()+` {
		transport voorpoort
	}
	@proxy header X-Transport voorpoort_proxy
	handle @proxy {
		@clash header X-Fail conflict
		error @clash "by a handler behind" 409
		@gone header X-Fail down
		voorpoort_proxy @gone 127.0.0.1:1
		voorpoort_proxy `+th.u.address()+`
	}
	reverse_proxy `+th.u.address()+`
	handle_errors {
		respond "{http.error.status_code} {http.error.status_text} {http.error.message}"
	}`)
	return th
}

var largeBody = bytes.Repeat([]byte("0123456789abcdef"), 256<<10) // 4 MiB

func gzipped(text string) []byte {
	var buffer bytes.Buffer
	w := gzip.NewWriter(&buffer)
	_, _ = io.WriteString(w, text)
	_ = w.Close()
	return buffer.Bytes()
}

// play answers as the last part of the path says.
func (th *theatre) play(w http.ResponseWriter, r *http.Request, got reached) {
	flush := func() { _ = http.NewResponseController(w).Flush() }
	switch r.URL.Path[strings.LastIndexByte(r.URL.Path, '/')+1:] {
	case "early-hints":
		w.Header().Set("Link", "</style.css>; rel=preload")
		w.WriteHeader(http.StatusEarlyHints)
		w.Header().Set("Link", "</other.css>; rel=preload")
		w.WriteHeader(http.StatusEarlyHints)
		w.Header().Del("Link")
		_, _ = io.WriteString(w, "after the hints")
	case "stream":
		w.Header().Set("Content-Type", "text/event-stream")
		for i := range 3 {
			_, _ = fmt.Fprintf(w, "data: %d\n\n", i)
			flush()
			th.wait(r)
		}
	case "204":
		w.WriteHeader(http.StatusNoContent)
	case "304":
		w.Header().Set("ETag", `"v1"`)
		w.WriteHeader(http.StatusNotModified)
	case "length":
		w.Header().Set("ETag", `"v1"`)
		_, _ = io.WriteString(w, "eleven byte")
	case "trailers":
		w.Header().Set("Trailer", "X-Sum, X-Other")
		_, _ = io.WriteString(w, "body")
		flush()
		w.Header().Set("X-Sum", "42")
		w.Header().Set("X-Other", "ja")
	case "chunked":
		for i := range 5 {
			_, _ = fmt.Fprintf(w, "part %d,", i)
			flush()
		}
	case "large":
		_, _ = w.Write(largeBody)
	case "gzip":
		w.Header().Set("Content-Encoding", "gzip")
		_, _ = w.Write(gzipped("smaller than it looks"))
	case "echo":
		_, _ = io.WriteString(w, got.Body)
	case "dies", "dies-chunked":
		if strings.HasSuffix(r.URL.Path, "dies") {
			w.Header().Set("Content-Length", "100")
		}
		_, _ = io.WriteString(w, "the first bytes")
		flush()
		panic(http.ErrAbortHandler)
	case "odd-head":
		w.Header().Add("Set-Cookie", "a=1")
		w.Header().Add("Set-Cookie", "b=2; HttpOnly")
		w.Header().Set("Location", "/objects/1")
		w.Header().Set("X-Empty", "")
		w.WriteHeader(http.StatusCreated)
	}
}

// wait holds an answer until the client has asked for the next part of it.
func (th *theatre) wait(r *http.Request) {
	cue, _ := th.cues.LoadOrStore(r.Header.Get("X-Cue"), make(chan struct{}))
	select {
	case <-cue.(chan struct{}): //nolint:forcetypeassert // nothing else is stored
	case <-r.Context().Done():
	}
}

// seat is one of the ways to ask.
type seat struct {
	client    *http.Client
	route     string
	transport string
}

// request is one to a kind of answer.
func (s *seat) request(t testing.TB, th *theatre, method, kind, body string) *http.Request {
	t.Helper()
	var reader io.Reader
	if body != "" {
		reader = strings.NewReader(body)
	}
	request, err := http.NewRequestWithContext(t.Context(), method, th.URL+s.route+kind, reader)
	require.NoError(t, err)
	request.Header.Set("X-Transport", s.transport)
	if body != "" {
		request.Header.Set("Content-Type", "application/json")
	}
	return request
}
