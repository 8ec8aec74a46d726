package request

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// received is what the register got.
type received struct {
	r    *http.Request
	body string
}

// newGate starts a register and a gate before it: a handler that uses the
// package in the order of its documentation, and a reverse proxy.
func newGate(t *testing.T, h2 bool) (gate *httptest.Server, register chan received) {
	t.Helper()
	register = make(chan received, 10)
	upstream := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err == nil {
			register <- received{r, string(body)}
		}
		w.WriteHeader(http.StatusCreated)
	}))
	t.Cleanup(upstream.Close)
	target, err := url.Parse(upstream.URL)
	require.NoError(t, err)
	proxy := &httputil.ReverseProxy{Rewrite: func(p *httputil.ProxyRequest) { p.SetURL(target) }}
	gate = httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if problem := pass(r); problem != nil {
			problem.Write(w)
			return
		}
		proxy.ServeHTTP(w, r)
	}))
	if h2 {
		gate.EnableHTTP2 = true
		gate.StartTLS()
	} else {
		gate.Start()
	}
	t.Cleanup(gate.Close)
	return gate, register
}

func pass(r *http.Request) *Problem {
	if problem := CheckPath(r.URL, Relax{}, testRules); problem != nil {
		return problem
	}
	wire := r.Method
	if _, problem := ApplyMethodOverride(r, StripOverride); problem != nil {
		return problem
	}
	if problem := CheckStreaming(r); problem != nil {
		return problem
	}
	body, err := ReadBody(r, BodyOptions{MaxBody: 1 << 20})
	var problem *Problem
	switch {
	case errors.As(err, &problem):
		return problem
	case err != nil:
		return &Problem{Status: http.StatusBadRequest}
	}
	defer body.Release()
	if _, problem := body.ApplyMethodOverride(r, wire, StripOverride); problem != nil {
		return problem
	}
	body.Restore(r)
	return nil
}

// TestServerSameDecision sends one document in every way that HTTP has, and the
// register must get the same bytes each time, or nothing each time.
func TestServerSameDecision(t *testing.T) {
	t.Parallel()
	const good, bad = `{"name":"Tom", "n":1.10}`, `{"name":"Tom","name":"Felix"}`
	for _, h2 := range []bool{false, true} {
		gate, register := newGate(t, h2)
		for _, contentType := range []string{"application/json", "", "text/plain", "application/vnd.api+json", "application/octet-stream", formType} {
			for _, coding := range []string{"", "gzip", "br", "zstd", "identity"} {
				for _, chunked := range []bool{false, true} {
					for _, expect := range []bool{false, true} {
						status := send(t, gate, contentType, coding, good, chunked, expect)
						require.Equal(t, http.StatusCreated, status)
						got := <-register
						require.Equal(t, good, got.body)
						require.EqualValues(t, len(good), got.r.ContentLength)
						require.Empty(t, got.r.Header["Content-Encoding"])
						require.Empty(t, got.r.Header["Expect"])
						require.Equal(t, contentType, got.r.Header.Get("Content-Type"))

						require.Equal(t, http.StatusBadRequest, send(t, gate, contentType, coding, bad, chunked, expect))
					}
				}
			}
		}
		require.Empty(t, register)
	}
}

func send(t *testing.T, gate *httptest.Server, contentType, coding, document string, chunked, expect bool) int {
	t.Helper()
	data := []byte(document)
	if coding != "" && coding != "identity" {
		data = compress(t, coding, data)
	}
	var body io.Reader = bytes.NewReader(data)
	if chunked {
		body = struct{ io.Reader }{body}
	}
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, gate.URL+"/api/objects/1/2", body)
	require.NoError(t, err)
	if contentType != "" {
		r.Header.Set("Content-Type", contentType)
	}
	if coding != "" {
		r.Header.Set("Content-Encoding", coding)
	}
	if expect {
		r.Header.Set("Expect", "100-continue")
	}
	res, err := gate.Client().Do(r)
	require.NoError(t, err)
	defer res.Body.Close()
	if res.StatusCode >= 400 {
		require.Equal(t, "application/problem+json", res.Header.Get("Content-Type"))
	}
	return res.StatusCode
}

// TestServerRaw sends what no client library would.
func TestServerRaw(t *testing.T) {
	t.Parallel()
	gate, register := newGate(t, false)
	const head = "Host: h\r\nConnection: close\r\n"
	for request, status := range map[string]int{
		"POST /api/objects/1/2 HTTP/1.1\r\n" + head + "Content-Length: 2\r\n\r\n{}":                                                      201,
		"POST /api/objects/1/2 HTTP/1.0\r\nContent-Length: 2\r\n\r\n{}":                                                                  201,
		"POST /api/objects/1/2 HTTP/1.1\r\n" + head + "Transfer-Encoding: chunked\r\nTrailer: X-A\r\n\r\n2\r\n{}\r\n0\r\nX-A: b\r\n\r\n": 201,
		"POST /api/objects/1/2 HTTP/1.1\r\n" + head + "Content-Length: 5\r\n\r\n{}":                                                      400,
		"POST /api/objects/1/2 HTTP/1.1\r\n" + head + "Transfer-Encoding: chunked\r\n\r\n5\r\n{}":                                        400,
		"POST /api/objects/1/2 HTTP/1.1\r\n" + head + "Transfer-Encoding: chunked\r\n\r\nzz\r\n{}":                                       400,
		"POST /api/objects/1/2 HTTP/1.1\r\n" + head + "Content-Length: 9999999\r\n\r\n{}":                                                413,
		"POST http:api/objects/1/2 HTTP/1.1\r\n" + head + "Content-Length: 2\r\n\r\n{}":                                                  400,
		"POST /x\\..\\api/objects/1/2 HTTP/1.1\r\n" + head + "Content-Length: 2\r\n\r\n{}":                                               400,
		"POST /api/objects/1/2;/../3 HTTP/1.1\r\n" + head + "Content-Length: 2\r\n\r\n{}":                                                400,
		"POST /api/objects/1/2 HTTP/1.1\r\nHost: h\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n":                                 400,
		"POST /api/objects/1/2 HTTP/1.1\r\n" + head + "Content-Type: application/grpc\r\nContent-Length: 2\r\n\r\n{}":                    415,
		"POST /api/objects/1/2 HTTP/1.1\r\n" + head + "Content-Type: a/b\r\nContent-Type: c/d\r\nContent-Length: 2\r\n\r\n{}":            415,
	} {
		require.Equal(t, status, sendRaw(t, gate, request, status == http.StatusBadRequest), request)
		if status != http.StatusCreated {
			require.Empty(t, register, request)
			continue
		}
		got := <-register
		require.Equal(t, "{}", got.body)
		require.Empty(t, got.r.Trailer)
		require.EqualValues(t, 2, got.r.ContentLength)
	}
}

func sendRaw(t *testing.T, gate *httptest.Server, request string, hangUp bool) int {
	t.Helper()
	var d net.Dialer
	conn, err := d.DialContext(t.Context(), "tcp", gate.Listener.Addr().String())
	require.NoError(t, err)
	defer conn.Close()
	require.NoError(t, conn.SetDeadline(time.Now().Add(20*time.Second)))
	_, err = io.WriteString(conn, request)
	require.NoError(t, err)
	if hangUp {
		require.NoError(t, conn.(*net.TCPConn).CloseWrite()) // no more bytes will come
	}
	res, err := http.ReadResponse(bufio.NewReader(conn), nil)
	require.NoError(t, err, request)
	defer res.Body.Close()
	return res.StatusCode
}
