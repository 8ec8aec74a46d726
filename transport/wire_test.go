package transport

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// requireSameWire compares what we write with what http.Request.Write writes.
func requireSameWire(t *testing.T, req *http.Request, body []byte, closing bool) {
	t.Helper()
	again := req.Clone(context.Background())
	again.Close = req.Close || closing
	if req.Body != nil && req.Body != http.NoBody {
		req.Body, again.Body = io.NopCloser(bytes.NewReader(body)), io.NopCloser(bytes.NewReader(body))
	}
	var want bytes.Buffer
	wantErr := again.Write(&want)
	w := &wire{}
	err := w.encode(req, req.Body, closing)
	if wantErr != nil {
		require.Error(t, err)

		return
	}
	require.NoError(t, err)
	require.Equal(t, want.String(), string(w.buf))
}

func TestWire(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*http.Request){
		"as it is":         func(*http.Request) {},
		"close":            func(r *http.Request) { r.Close = true },
		"connection field": func(r *http.Request) { r.Header.Set("Connection", "close"); r.Close = true },
		"host":             func(r *http.Request) { r.Host = "other.test:8080" },
		"host with zone":   func(r *http.Request) { r.Host = "[fe80::1%25eth0]:80" },
		"host not ASCII":   func(r *http.Request) { r.Host = "bücher.example" },
		"host is a path":   func(r *http.Request) { r.Host = "/run/socket" },
		"no agent":         func(r *http.Request) { r.Header["User-Agent"] = nil },
		"empty agent":      func(r *http.Request) { r.Header.Set("User-Agent", "") },
		"agent":            func(r *http.Request) { r.Header.Set("User-Agent", " me ") },
		"fields":           func(r *http.Request) { r.Header["b"] = []string{"2", "", " 3 "}; r.Header["A"] = []string{"1"} },
		"fields that we set": func(r *http.Request) {
			r.Header.Set("Content-Length", "9")
			r.Header.Set("Host", "x")
			r.Header.Set("Trailer", "x")
		},
		"many fields":         func(r *http.Request) { manyFields(r.Header) },
		"query":               func(r *http.Request) { r.URL.RawQuery = "a=b&c" },
		"escapes":             func(r *http.Request) { r.URL.Path = "/ä b%2F"; r.URL.RawPath = "" },
		"no path":             func(r *http.Request) { r.URL.Path = "" },
		"asterisk":            func(r *http.Request) { r.Method = http.MethodOptions; r.URL.Path = "*" },
		"opaque":              func(r *http.Request) { r.URL.Opaque = "//other.test/%2f" },
		"unknown length":      func(r *http.Request) { r.ContentLength = -1 },
		"identity":            func(r *http.Request) { r.TransferEncoding = []string{"identity"} },
		"chunked":             func(r *http.Request) { r.TransferEncoding = []string{"chunked"} },
		"trailer":             func(r *http.Request) { r.TransferEncoding = []string{"chunked"}; r.Trailer = http.Header{"X": {"y"}} },
		"no method":           func(r *http.Request) { r.Method = "" },
		"length without body": func(r *http.Request) { r.Body = nil },
		"no body":             func(r *http.Request) { r.Body, r.ContentLength = nil, 0 },
		"NoBody":              func(r *http.Request) { r.Body, r.ContentLength = http.NoBody, 0 },
		"too long":            func(r *http.Request) { r.ContentLength = 5 },
		"too short":           func(r *http.Request) { r.ContentLength = 3 },
		"control":             func(r *http.Request) { r.URL.Opaque = "/a b\x7f" },
	} {
		for _, method := range []string{http.MethodGet, http.MethodPost, http.MethodPatch, http.MethodDelete, "PURGE"} {
			for _, closing := range []bool{false, true} {
				req, err := http.NewRequest(method, "http://register.test/api/objects", strings.NewReader("body"))
				require.NoError(t, err)
				req.Header.Set("Content-Type", "application/json")
				change(req)
				t.Run(name+"/"+method, func(t *testing.T) {
					t.Parallel()
					requireSameWire(t, req, []byte("body"), closing)
				})
			}
		}
	}
}

func manyFields(h http.Header) {
	for c := 'A'; c <= 'Z'; c++ {
		h["X-"+string(c)] = []string{string(c)}
		h["Y-"+string(c)] = []string{string(c)}
	}
}

// FuzzWire holds our heads against those of http.Request.Write.
func FuzzWire(f *testing.F) {
	f.Add("POST", "http://a.test/b?c", "", "X-A", "1", "User-Agent", "me", []byte("{}"), int64(2), false)
	f.Add("GET", "https://[::1%25z]:8/%2f", "h", "Connection", "close", "Te", "x", []byte(""), int64(0), true)
	f.Add("OPTIONS", "http://a.test", "*", "Content-Length", "1", "Transfer-Encoding", "chunked", []byte("x"), int64(-1), false)
	f.Fuzz(func(t *testing.T, method, target, host, n1, v1, n2, v2 string, body []byte, length int64, closing bool) {
		u, err := url.Parse(target)
		if err != nil {
			return
		}
		req := &http.Request{Method: method, URL: u, Host: host, Header: http.Header{n1: {v1}, n2: {v2, v1}}, ContentLength: length}
		if len(body) > 0 || length != 0 {
			req.Body = io.NopCloser(bytes.NewReader(body))
		}
		if check(req) != nil || unsupported(req) != "" || len(body) > SmallBody {
			return
		}
		requireSameWire(t, req, body, closing)
	})
}

func TestInMemory(t *testing.T) {
	t.Parallel()
	for _, body := range []io.Reader{
		strings.NewReader("abc"), bytes.NewReader([]byte("abc")), bytes.NewBufferString("abc"),
		io.NopCloser(strings.NewReader("abc")), io.NopCloser(bytes.NewBufferString("abc")),
	} {
		n, ok := inMemory(body)
		require.True(t, ok)
		require.Equal(t, 3, n)
	}
	_, ok := inMemory(io.NopCloser(io.MultiReader(strings.NewReader("abc"))))
	require.False(t, ok)
}
