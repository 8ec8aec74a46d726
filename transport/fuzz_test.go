package transport

import (
	"context"
	"io"
	"net"
	"net/http"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// fuzzServer answers the first request on its first connection with what the
// fuzzer made up, and every other one, recognisably, with its number.
type fuzzServer struct {
	answer atomic.Pointer[[]byte]
}

func (f *fuzzServer) handle(p *peer) {
	for {
		req, _ := p.request()
		if req == nil {
			return
		}
		if req.URL.Path == "/fuzz" {
			_, _ = p.Write(*f.answer.Load())
			if req.URL.RawQuery == "close" {
				return
			}

			continue
		}
		p.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
	}
}

// FuzzAnswer: whatever a server sends, RoundTrip does not panic and does not
// hang; when net/http and we both make sense of it we agree; and the next
// request gets its own answer.
func FuzzAnswer(f *testing.F) {
	for _, seed := range []string{
		okAnswer, okAnswer + okAnswer, okAnswer + "x", "", "HTTP/1.1 200 OK\r\n\r\nabc",
		"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X\r\n\r\n2;a=b\r\nok\r\n0\r\nX: y\r\n\r\n",
		"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n",
		"HTTP/1.1 103 Early Hints\r\nLink: a\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n",
		"HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 1\r\n\r\nx",
		"HTTP/1.1 200 OK\nContent-Length: 2\n\nok", "HTTP/1.1 304 Not Modified\r\nContent-Length: 4\r\n\r\nbody",
		"HTTP/1.1 200 OK\r\nContent-Length : 2\r\n\r\nok", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 2\r\n\r\nok",
		"HTTP/1.1 101 Switching Protocols\r\n\r\n", "HTTP/1.1 200 OK\r\nX: a\r\n b\r\nContent-Length: 0\r\n\r\n",
	} {
		f.Add([]byte(seed), false)
		f.Add([]byte(seed), true)
	}
	var fs fuzzServer
	srv := serve(f, fs.handle)
	theirs := &http.Transport{DisableCompression: true, DisableKeepAlives: true}
	f.Fuzz(func(t *testing.T, answer []byte, hangUp bool) {
		fs.answer.Store(&answer)
		url := srv.url + "/fuzz"
		if hangUp {
			url += "?close"
		}
		tr := New(Options{})
		defer tr.Close()
		ours := fuzzed(t, tr, url, hangUp)
		for range 2 {
			r := do(tr, newRequest(t, http.MethodGet, srv.url, ""))
			require.NoError(t, r.err())
			require.Equal(t, "ok", r.body, "answer of another request")
		}
		if ours.err() != nil {
			return
		}
		other := fuzzed(t, theirs, url, hangUp)
		if other.err() != nil {
			return
		}
		require.Equal(t, other.status, ours.status)
		require.Equal(t, other.body, ours.body)
		require.Equal(t, other.resp.Header, ours.resp.Header)
		require.Equal(t, other.resp.Trailer, ours.resp.Trailer)
		require.Equal(t, other.resp.ContentLength, ours.resp.ContentLength)
	})
}

// fuzzed makes a request that a silent server may keep waiting only briefly.
func fuzzed(t *testing.T, rt http.RoundTripper, url string, hangUp bool) result {
	t.Helper()
	limit := 5 * time.Second
	if !hangUp {
		limit = 5 * time.Millisecond
	}
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, url, http.NoBody)
	require.NoError(t, err)
	start := time.Now()
	r := do(rt, req)
	require.Less(t, time.Since(start), limit+2*time.Second)
	if _, mine := rt.(*Transport); mine && hangUp {
		require.NotErrorIs(t, r.err(), context.DeadlineExceeded, "hung on a closed connection")
	}

	return r
}

// FuzzChunks feeds the body in pieces, so that every state of the reader is
// met at the end of what has arrived.
func FuzzChunks(f *testing.F) {
	f.Add([]byte("HTTP/1.1 103 A\r\n\r\nHTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\nX: y\r\n\r\n"), uint8(3))
	f.Add([]byte(okAnswer), uint8(1))
	f.Fuzz(func(t *testing.T, answer []byte, size uint8) {
		whole := fuzzPiped(t, answer, len(answer))
		pieces := fuzzPiped(t, answer, int(size)+1)
		require.Equal(t, whole.err() == nil, pieces.err() == nil, "%v, %v", whole.err(), pieces.err())
		require.Equal(t, whole.body, pieces.body)
		require.Equal(t, whole.status, pieces.status)
	})
}

// fuzzPiped answers over an in-memory connection, size bytes at a time.
func fuzzPiped(t *testing.T, answer []byte, size int) result {
	t.Helper()
	tr := New(Options{Dial: func(context.Context, string, string) (net.Conn, error) {
		client, server := net.Pipe()
		go func() {
			defer func() { _ = server.Close() }()
			_, _ = server.Read(make([]byte, 4096))
			for rest := answer; len(rest) > 0; {
				n := min(size, len(rest))
				if _, err := server.Write(rest[:n]); err != nil {
					return
				}
				rest = rest[n:]
			}
		}()

		return client, nil
	}})
	defer tr.Close()
	resp, err := tr.RoundTrip(newRequest(t, http.MethodPost, "http://pipe.test", ""))
	if err != nil {
		return result{headErr: err}
	}
	defer func() { _ = resp.Body.Close() }()
	body, err := io.ReadAll(resp.Body)

	return result{status: resp.StatusCode, body: string(body), bodyErr: err}
}
