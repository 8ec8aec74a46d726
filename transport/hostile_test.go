package transport

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptrace"
	"net/textproto"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// TestMalformedAnswers sends each answer and then hangs up. None may be taken
// for an answer, quote what the server sent, or leave a connection behind.
func TestMalformedAnswers(t *testing.T) {
	t.Parallel()
	const secret = "hunter2"
	chunked := "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
	var flood strings.Builder
	for range MaxInformational + 1 {
		flood.WriteString("HTTP/1.1 103 Early Hints\r\n\r\n")
	}
	tests := []struct {
		name, answer string
		inBody       bool
		is           error // besides *ProtocolError
	}{
		{name: "garbage", answer: secret + " " + secret + "\r\n\r\n"},
		{name: "not HTTP", answer: "SSH-2.0-" + secret + "\r\n"},
		{name: "status without number", answer: "HTTP/1.1 " + secret + "\r\n\r\n"},
		{name: "status of two digits", answer: "HTTP/1.1 20 " + secret + "\r\n\r\n"},
		{name: "status below 100", answer: "HTTP/1.1 099 " + secret + "\r\n\r\n"},
		{name: "version", answer: "HTTP/" + secret + " 200 OK\r\n\r\n"},
		{name: "HTTP/2", answer: "HTTP/2.0 200 OK\r\nContent-Length: 0\r\n\r\n"},
		{name: "field without colon", answer: "HTTP/1.1 200 OK\r\n" + secret + "\r\n\r\n"},
		{name: "field name with space", answer: "HTTP/1.1 200 OK\r\nContent-Length : 3" + secret + "\r\n\r\n"},
		{name: "transfer coding with space", answer: "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding : chunked\r\n\r\nok"},
		{name: "bare CR", answer: "HTTP/1.1 200 OK\r\nX: a\rContent-Length: 9\r\nContent-Length: 2\r\n\r\nok"},
		{name: "NUL", answer: "HTTP/1.1 200 OK\r\nX: a\x00b\r\nContent-Length: 2\r\n\r\nok"},
		{name: "two lengths", answer: "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nabc"},
		{name: "list of lengths", answer: "HTTP/1.1 200 OK\r\nContent-Length: 2, 2\r\n\r\nok"},
		{name: "negative length", answer: "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n"},
		{name: "signed length", answer: "HTTP/1.1 200 OK\r\nContent-Length: +2\r\n\r\nok"},
		{name: "huge length", answer: "HTTP/1.1 200 OK\r\nContent-Length: 9223372036854775808\r\n\r\n"},
		{name: "folded length", answer: "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n 0\r\n\r\n0123456789"},
		{name: "unknown transfer coding", answer: "HTTP/1.1 200 OK\r\nTransfer-Encoding: " + secret + "\r\n\r\n"},
		{name: "two transfer codings", answer: "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n"},
		{name: "switching protocols", answer: "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n"},
		{name: "flood of informational answers", answer: flood.String() + okAnswer},
		{name: "head cut off", answer: "HTTP/1.1 200 OK\r\nContent-Le", is: io.ErrUnexpectedEOF},
		{name: "status line cut off", answer: "HTTP/1.", is: io.ErrUnexpectedEOF},
		{name: "informational and nothing more", answer: "HTTP/1.1 103 Early Hints\r\n\r\n", is: io.ErrUnexpectedEOF},

		{name: "chunk size is no number", answer: chunked + "zz" + secret + "\r\n", inBody: true},
		{name: "chunk size overflows", answer: chunked + "ffffffffffffffffff\r\n" + secret, inBody: true},
		{name: "chunk size is signed", answer: chunked + "-1\r\n" + secret, inBody: true},
		{name: "chunk without end of line", answer: chunked + "2\r\nok" + secret + "\r\n", inBody: true},
		{name: "chunk line too long", answer: chunked + "2;" + strings.Repeat("x", 10_000) + "\r\nok\r\n0\r\n\r\n", inBody: true},
		{name: "trailer too long", answer: chunked + "0\r\nX: " + strings.Repeat("x", 2*MaxTrailerBytes) + "\r\n\r\n", inBody: true},
		{name: "trailer is no field", answer: chunked + "0\r\n" + secret + "\r\n\r\n", inBody: true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			srv := serve(t, func(p *peer) {
				p.request()
				if p.n > 1 {
					p.send(okAnswer)

					return
				}
				p.send(tt.answer)
			})
			tr := newTransport(t, Options{})
			r := do(tr, newRequest(t, http.MethodPost, srv.url+"/path?token="+secret, "body"))
			if tt.inBody {
				require.NoError(t, r.headErr)
			} else {
				require.Error(t, r.headErr)
			}
			var protocol *ProtocolError
			require.ErrorAs(t, r.err(), &protocol)
			require.NotContains(t, r.err().Error(), secret)
			if tt.is != nil {
				require.ErrorIs(t, r.err(), tt.is)
			}
			require.Equal(t, int64(1), srv.conns.Load(), "the request was sent again")
			requireGood(t, tr, srv.url)
		})
	}
}

func TestTruncatedBodies(t *testing.T) {
	t.Parallel()
	for name, answer := range map[string]string{
		"length":                  "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf",
		"chunk":                   "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\na\r\nhalf",
		"chunk size":              "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n",
		"before the trailers end": "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n0\r\n",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			srv := serve(t, func(p *peer) {
				p.request()
				p.send(answer)
			})
			r := do(newTransport(t, Options{}), newRequest(t, http.MethodPost, srv.url, "body"))
			require.NoError(t, r.headErr)
			require.Equal(t, "half", r.body)
			require.Error(t, r.bodyErr)
			require.Equal(t, int64(1), srv.conns.Load())
		})
	}
}

// TestBodyUntilClose reads a body without any framing.
func TestBodyUntilClose(t *testing.T) {
	t.Parallel()
	srv := serve(t, func(p *peer) {
		p.request()
		p.send("HTTP/1.1 200 OK\r\n\r\nok")
	})
	tr := newTransport(t, Options{})
	requireGood(t, tr, srv.url)
	requireGood(t, tr, srv.url)
	require.Equal(t, int64(2), srv.conns.Load())
}

func TestHeadLimit(t *testing.T) {
	t.Parallel()
	head := func(size int) string { // of exactly that many bytes
		s := "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nX: "

		return s + strings.Repeat("x", size-len(s)-4) + "\r\n\r\n"
	}
	const limit = 20_000
	hints := "HTTP/1.1 103 Early Hints\r\n\r\n"
	for _, tt := range []struct {
		name, answer string
		tooLarge     bool
	}{
		{"at the limit", head(limit) + "ok", false},
		{"above the limit", head(limit+1) + "ok", true},
		{"at the limit with hints", hints + head(limit-len(hints)) + "ok", false},
		{"above the limit with hints", hints + head(limit-len(hints)+1) + "ok", true},
		{"far above the limit", head(10*limit) + "ok", true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			srv := answering(t, tt.answer)
			r := do(newTransport(t, Options{MaxHeadBytes: limit}), newRequest(t, http.MethodGet, srv.url, ""))
			if tt.tooLarge {
				require.ErrorIs(t, r.headErr, ErrHeadTooLarge)
			} else {
				require.NoError(t, r.err())
				require.Equal(t, "ok", r.body)
			}
		})
	}
}

func TestHeadNeverEnds(t *testing.T) {
	t.Parallel()
	for name, line := range map[string]string{
		"fields":    "X-Field: value\r\n",
		"one field": "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
		"hints":     "\r\n\r\nHTTP/1.1 103 Early Hints\r\nX: aaaaaaaaaaaaaaaaaaaaa",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			srv := serve(t, func(p *peer) {
				p.request()
				p.send("HTTP/1.1 103 OK\r\nX: ")
				for {
					if _, err := io.WriteString(p, line); err != nil {
						return
					}
				}
			})
			r := do(newTransport(t, Options{}), newRequest(t, http.MethodGet, srv.url, ""))
			var protocol *ProtocolError
			require.True(t, errors.Is(r.headErr, ErrHeadTooLarge) || errors.As(r.headErr, &protocol), "%v", r.headErr)
		})
	}
}

// TestSlow lets the server dawdle at each stage. The context's deadline and
// HeaderTimeout end the wait.
func TestSlow(t *testing.T) {
	t.Parallel()
	drip := func(p *peer, s string) {
		for i := 0; ; i++ {
			if _, err := io.WriteString(p, s[i%len(s):i%len(s)+1]); err != nil {
				return
			}
			time.Sleep(5 * time.Millisecond)
		}
	}
	stages := map[string]func(*peer){
		"nothing": func(p *peer) { _, _ = io.Copy(io.Discard, p) },
		"head": func(p *peer) {
			p.request()
			p.send("HTTP/1.1 200 OK\r\nX: ")
			drip(p, "abc")
		},
		"body": func(p *peer) {
			p.request()
			p.send("HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
			drip(p, "abc")
		},
	}
	for name, handle := range stages {
		for _, body := range []string{"", strings.Repeat("x", 1<<20)} {
			t.Run(fmt.Sprintf("%s/deadline/%d", name, len(body)), func(t *testing.T) {
				t.Parallel()
				srv := serve(t, handle)
				cause := errors.New("budget of this call is spent")
				ctx, cancel := context.WithTimeoutCause(context.Background(), 50*time.Millisecond, cause)
				defer cancel()
				start := time.Now()
				r := do(newTransport(t, Options{}), newRequest(t, http.MethodPost, srv.url, body).WithContext(ctx))
				require.ErrorIs(t, r.err(), context.DeadlineExceeded)
				require.ErrorIs(t, r.err(), cause)
				require.Less(t, time.Since(start), 2*time.Second)
				require.True(t, isTimeout(r.err()))
			})
			if name == "body" {
				continue
			}
			t.Run(fmt.Sprintf("%s/header timeout/%d", name, len(body)), func(t *testing.T) {
				t.Parallel()
				srv := serve(t, handle)
				if name == "nothing" && body != "" {
					srv = serve(t, func(p *peer) { p.request(); _, _ = io.Copy(io.Discard, p) })
				}
				start := time.Now()
				r := do(newTransport(t, Options{HeaderTimeout: 50 * time.Millisecond}), newRequest(t, http.MethodPost, srv.url, body))
				var timeout *TimeoutError
				require.ErrorAs(t, r.headErr, &timeout)
				require.NotErrorIs(t, r.headErr, context.DeadlineExceeded)
				require.Less(t, time.Since(start), 2*time.Second)
			})
		}
	}
	t.Run("a slow body outlives the header timeout", func(t *testing.T) {
		t.Parallel()
		srv := serve(t, func(p *peer) {
			p.request()
			p.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\no")
			time.Sleep(150 * time.Millisecond)
			p.send("k")
		})
		requireGood(t, newTransport(t, Options{HeaderTimeout: 50 * time.Millisecond}), srv.url)
	})
}

func TestHangUps(t *testing.T) {
	t.Parallel()
	for name, handle := range map[string]func(*peer){
		"close right after accept": func(*peer) {},
		"reset right after accept": func(p *peer) { p.reset() },
		"close after the request":  func(p *peer) { p.request() },
		"reset after the request":  func(p *peer) { p.request(); p.reset() },
	} {
		for _, body := range []string{"", "small", strings.Repeat("x", 1<<20)} {
			t.Run(fmt.Sprintf("%s/%d", name, len(body)), func(t *testing.T) {
				t.Parallel()
				srv := serve(t, handle)
				r := do(newTransport(t, Options{Replayable: true}), newRequest(t, http.MethodPost, srv.url, body))
				var lost *LostError
				var dial *DialError // the reset may come that early
				require.True(t, errors.As(r.headErr, &lost) || errors.As(r.headErr, &dial), "%v", r.headErr)
				require.Equal(t, int64(1), srv.conns.Load(), "a new connection that breaks is no reason to try again")
			})
		}
	}
}

func TestResetInBody(t *testing.T) {
	t.Parallel()
	srv := serve(t, func(p *peer) {
		p.request()
		p.send("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nhalf")
		time.Sleep(20 * time.Millisecond)
		p.reset()
	})
	r := do(newTransport(t, Options{}), newRequest(t, http.MethodGet, srv.url, ""))
	var lost *LostError
	require.ErrorAs(t, r.bodyErr, &lost)
	require.Equal(t, StageBody, lost.Stage)
}

// TestAnswerBeforeRequest has a server that talks first. Its answer is taken,
// its connection is not: the answer to the request is still to come.
func TestAnswerBeforeRequest(t *testing.T) {
	t.Parallel()
	srv := serve(t, func(p *peer) {
		if p.n == 1 {
			p.send(okAnswer)
		}
		for req, _ := p.request(); req != nil; req, _ = p.request() {
			time.Sleep(5 * time.Millisecond)
			p.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n" + req.URL.Path)
		}
	})
	tr := newTransport(t, Options{Dial: slowDial(20 * time.Millisecond)})
	second := newRequest(t, http.MethodGet, srv.url+"/2", "")
	requireGood(t, tr, srv.url+"/1")
	r := do(tr, second)
	require.NoError(t, r.err())
	require.Equal(t, "/2", r.body)
	require.Equal(t, int64(2), srv.conns.Load())
}

// TestUnsolicitedWhileIdle has a server that sends a second answer later.
func TestUnsolicitedWhileIdle(t *testing.T) {
	t.Parallel()
	srv := serve(t, func(p *peer) {
		for req, _ := p.request(); req != nil; req, _ = p.request() {
			p.send(okAnswer)
			if p.n == 1 {
				time.Sleep(10 * time.Millisecond)
				p.send("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil")
			}
		}
	})
	tr := newTransport(t, Options{})
	requireGood(t, tr, srv.url)
	time.Sleep(40 * time.Millisecond)
	requireGood(t, tr, srv.url)
	require.Equal(t, int64(2), srv.conns.Load())
}

func TestInformational(t *testing.T) {
	t.Parallel()
	srv := answering(t, "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n"+okAnswer)
	tr := newTransport(t, Options{})
	var codes []int
	var links []string
	trace := &httptrace.ClientTrace{Got1xxResponse: func(code int, h textproto.MIMEHeader) error {
		codes = append(codes, code)
		links = append(links, h.Get("Link"))

		return nil
	}}
	req := newRequest(t, http.MethodGet, srv.url, "")
	req = req.WithContext(httptrace.WithClientTrace(req.Context(), trace))
	require.Equal(t, "ok", do(tr, req).body)
	require.Equal(t, []int{103, 100}, codes)
	require.Equal(t, []string{"</a>", ""}, links)

	refuse := errors.New("no hints, please")
	trace.Got1xxResponse = func(int, textproto.MIMEHeader) error { return refuse }
	require.ErrorIs(t, do(tr, req).headErr, refuse)
}
