package e2e_test

import (
	"encoding/base64"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"strings"
	"sync"
	"testing"
)

// forwardProxy is an HTTP proxy that remembers what it was asked for.
type forwardProxy struct {
	*httptest.Server

	mu   sync.Mutex
	seen []string // method, target and user
}

// newForwardProxy sends everything to one address, whatever name was asked for.
func newForwardProxy(t testing.TB, to string) *forwardProxy {
	t.Helper()
	p := &forwardProxy{}
	onward := &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) { r.Out.URL.Host = to }}
	p.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		user, _ := strings.CutPrefix(r.Header.Get("Proxy-Authorization"), "Basic ")
		decoded, _ := base64.StdEncoding.DecodeString(user)
		p.mu.Lock()
		p.seen = append(p.seen, r.Method+" "+r.RequestURI+" "+string(decoded))
		p.mu.Unlock()
		if r.Method != http.MethodConnect {
			onward.ServeHTTP(w, r)
			return
		}
		tunnel(w, r, to)
	}))
	t.Cleanup(p.Close)
	return p
}

func (p *forwardProxy) asked() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return append([]string(nil), p.seen...)
}

// tunnel answers CONNECT and copies both ways until one side ends.
func tunnel(w http.ResponseWriter, r *http.Request, to string) {
	there, err := (&net.Dialer{}).DialContext(r.Context(), "tcp", to)
	if err != nil {
		w.WriteHeader(http.StatusBadGateway)
		return
	}
	defer there.Close()
	here, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		return
	}
	defer here.Close()
	_, _ = io.WriteString(here, "HTTP/1.1 200 Connection established\r\n\r\n")
	go func() {
		_, _ = io.Copy(there, here)
		_ = there.Close()
	}()
	_, _ = io.Copy(here, there)
}
