package e2e_test

import (
	"bufio"
	"context"
	"crypto/sha256"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/textproto"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// TestAnswersPassTheGateAsTheyAre in all twelve ways.
func TestAnswersPassTheGateAsTheyAre(t *testing.T) {
	t.Parallel()
	th := newTheatre(t)
	one := &http.Client{Transport: &http.Transport{}, Timeout: 30 * time.Second}
	two := &http.Client{Transport: overHTTP2(), Timeout: 30 * time.Second}
	for protocol, client := range map[string]*http.Client{"HTTP/1.1": one, "HTTP/2.0": two} {
		t.Cleanup(client.CloseIdleConnections)
		for place, route := range map[string]string{"with a rule": "/api/objects/pets/", "without a rule": "/plain/pets/"} {
			for _, transport := range []string{"http", "voorpoort", "voorpoort_proxy"} {
				t.Run(protocol+" "+place+" by "+transport, func(t *testing.T) {
					t.Parallel()
					s := &seat{client: client, route: route, transport: transport}
					th.sit(t, s, protocol)
				})
			}
		}
	}
}

// sit watches every kind of answer from one seat.
func (th *theatre) sit(t *testing.T, s *seat, protocol string) {
	t.Helper()
	do := func(t *testing.T, method, kind, body string) *http.Response {
		t.Helper()
		response, err := s.client.Do(s.request(t, th, method, kind, body))
		require.NoError(t, err)
		t.Cleanup(func() { _ = response.Body.Close() })
		require.Equal(t, protocol, response.Proto)
		return response
	}
	t.Run("early hints", func(t *testing.T) {
		var hints []string
		request := s.request(t, th, http.MethodPost, "early-hints", `{}`)
		request = request.WithContext(httptrace.WithClientTrace(request.Context(), &httptrace.ClientTrace{
			Got1xxResponse: func(code int, header textproto.MIMEHeader) error {
				hints = append(hints, fmt.Sprint(code, " ", header.Get("Link")))
				return nil
			},
		}))
		response, err := s.client.Do(request)
		require.NoError(t, err)
		got := read(t, response)
		require.Equal(t, http.StatusOK, got.Status)
		require.Equal(t, "after the hints", got.Body)
		require.Equal(t, []string{"103 </style.css>; rel=preload", "103 </other.css>; rel=preload"}, hints)
		require.Empty(t, got.Header.Get("Link"))
	})
	t.Run("server-sent events", func(t *testing.T) {
		cue := t.Name()
		th.cues.Store(cue, make(chan struct{}))
		request := s.request(t, th, http.MethodPost, "stream", `{}`)
		request.Header.Set("X-Cue", cue)
		response, err := s.client.Do(request)
		require.NoError(t, err)
		defer response.Body.Close()
		reader := bufio.NewReader(response.Body)
		for i := range 3 {
			line, err := reader.ReadString('\n') // comes although the answer is not over
			require.NoError(t, err)
			require.Equal(t, fmt.Sprintf("data: %d\n", i), line)
			_, err = reader.ReadString('\n')
			require.NoError(t, err)
			next, _ := th.cues.Load(cue)
			next.(chan struct{}) <- struct{}{} //nolint:forcetypeassert // stored above
		}
		_, err = reader.ReadByte()
		require.ErrorIs(t, err, io.EOF)
	})
	t.Run("HEAD", func(t *testing.T) {
		response := do(t, http.MethodHead, "length", "")
		require.EqualValues(t, 11, response.ContentLength)
		require.Equal(t, `"v1"`, response.Header.Get("ETag"))
		require.Empty(t, read(t, response).Body)
	})
	t.Run("204", func(t *testing.T) {
		response := do(t, http.MethodPost, "204", `{}`)
		require.Equal(t, http.StatusNoContent, response.StatusCode)
		require.Empty(t, response.TransferEncoding)
		require.Empty(t, response.Header.Values("Content-Length"))
		require.Empty(t, read(t, response).Body)
	})
	t.Run("304", func(t *testing.T) {
		got := read(t, do(t, http.MethodGet, "304", ""))
		require.Equal(t, http.StatusNotModified, got.Status)
		require.Equal(t, `"v1"`, got.Header.Get("ETag"))
	})
	t.Run("trailers", func(t *testing.T) {
		response := do(t, http.MethodPost, "trailers", `{}`)
		body, err := io.ReadAll(response.Body)
		require.NoError(t, err)
		require.Equal(t, "body", string(body))
		require.Equal(t, http.Header{"X-Sum": {"42"}, "X-Other": {"ja"}}, response.Trailer)
	})
	t.Run("chunked", func(t *testing.T) {
		require.Equal(t, "part 0,part 1,part 2,part 3,part 4,", read(t, do(t, http.MethodPost, "chunked", `{}`)).Body)
	})
	t.Run("large both ways", func(t *testing.T) {
		got := read(t, do(t, http.MethodPost, "large", `{}`))
		require.Equal(t, sha256.Sum256(largeBody), sha256.Sum256([]byte(got.Body)))
		sent := `{"a":"` + string(largeBody[:1<<20]) + `"}`
		got = read(t, do(t, http.MethodPost, "echo", sent))
		want := sent
		if strings.HasPrefix(s.route, "/api/") {
			want = strings.TrimSuffix(sent, "}") + `,"x":true}`
		}
		require.Equal(t, sha256.Sum256([]byte(want)), sha256.Sum256([]byte(got.Body)))
	})
	t.Run("gzip", func(t *testing.T) {
		request := s.request(t, th, http.MethodPost, "gzip", `{}`)
		request.Header.Set("Accept-Encoding", "gzip")
		response, err := s.client.Do(request)
		require.NoError(t, err)
		got := read(t, response)
		require.Equal(t, "gzip", got.Header.Get("Content-Encoding"))
		require.Equal(t, string(gzipped("smaller than it looks")), got.Body)
	})
	t.Run("header", func(t *testing.T) {
		got := read(t, do(t, http.MethodPost, "odd-head", `{}`))
		require.Equal(t, http.StatusCreated, got.Status)
		require.Equal(t, []string{"a=1", "b=2; HttpOnly"}, got.Header.Values("Set-Cookie"))
		require.Equal(t, "/objects/1", got.Header.Get("Location"))
		require.Equal(t, []string{""}, got.Header.Values("X-Empty"))
	})
	t.Run("broken off", func(t *testing.T) {
		for _, kind := range []string{"dies", "dies-chunked"} {
			response := do(t, http.MethodPost, kind, `{}`)
			body, err := io.ReadAll(response.Body)
			require.Error(t, err, "half an answer may not pass for a whole one: %q", body)
			require.Equal(t, "the first bytes", string(body))
		}
		require.Equal(t, "part 0,part 1,part 2,part 3,part 4,", read(t, do(t, http.MethodPost, "chunked", `{}`)).Body, "the gateway lives")
	})
	t.Run("errors of handlers behind", func(t *testing.T) {
		for fail, want := range map[string]string{"conflict": "409 Conflict by a handler behind", "down": "502 Bad Gateway "} {
			for _, body := range []string{`{}`, `{"x":true}`} { // to be changed, and to be left as it is
				request := s.request(t, th, http.MethodPost, "204", body)
				request.Header.Set("X-Fail", fail)
				response, err := s.client.Do(request)
				require.NoError(t, err)
				got := read(t, response)
				require.Equal(t, want[:3], fmt.Sprint(got.Status))
				require.True(t, strings.HasPrefix(got.Body, want), got.Body)
			}
		}
	})
}

// TestAnUpgradeWithoutARuleIsATunnel for WebSocket and whatever comes.
func TestAnUpgradeWithoutARuleIsATunnel(t *testing.T) {
	t.Parallel()
	u := registerWith(t, func(w http.ResponseWriter, _ *http.Request, _ reached) {
		c, buffered, err := http.NewResponseController(w).Hijack()
		if err != nil {
			return
		}
		defer c.Close()
		_, _ = io.WriteString(c, "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nX-From: register\r\n\r\n")
		_, _ = io.Copy(c, buffered)
	})
	g := start(t, globals(webhook("check", "http://127.0.0.1:1", "intercept")), `
	voorpoort openregister
	@ours header X-Transport voorpoort
	reverse_proxy @ours `+u.address()+` {
		transport voorpoort
	}
	@proxy header X-Transport voorpoort_proxy
	handle @proxy {
		voorpoort_proxy `+u.address()+`
	}
	reverse_proxy `+u.address())
	ways := []string{"http", "voorpoort", "voorpoort_proxy"}
	for i, transport := range slices.Concat(ways, ways) {
		path := []string{"/api/live", "/api/objects/pets/cats"}[i/len(ways)] // on a known path, with a method that no rule names
		c, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", g.address)
		require.NoError(t, err)
		defer c.Close()
		require.NoError(t, c.SetDeadline(time.Now().Add(20*time.Second)))
		_, err = fmt.Fprintf(c, "GET %s HTTP/1.1\r\nHost: %s\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nX-Transport: %s\r\n"+
			"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n", path, g.address, transport)
		require.NoError(t, err)
		reader := bufio.NewReader(c)
		response, err := http.ReadResponse(reader, nil)
		require.NoError(t, err)
		defer response.Body.Close()
		require.Equal(t, http.StatusSwitchingProtocols, response.StatusCode)
		require.Equal(t, "register", response.Header.Get("X-From"))
		for _, text := range []string{"hallo\n", "nog eens\n"} {
			_, err = io.WriteString(c, text)
			require.NoError(t, err)
			line, err := reader.ReadString('\n')
			require.NoError(t, err)
			require.Equal(t, text, line)
		}
		require.Equal(t, "websocket", u.last(t).Header.Get("Upgrade"))
	}
}

// TestAnOldClientGetsAWholeAnswer without chunks, which HTTP/1.0 does not know.
func TestAnOldClientGetsAWholeAnswer(t *testing.T) {
	t.Parallel()
	th := newTheatre(t)
	for _, path := range []string{"/plain/chunked", "/api/objects/pets/chunked"} {
		got := raw(t, th.gateway, "POST "+path+" HTTP/1.0\r\nHost: "+th.address+"\r\nContent-Length: 2\r\n\r\n{}")
		require.Equal(t, http.StatusOK, got.Status)
		require.Equal(t, "part 0,part 1,part 2,part 3,part 4,", got.Body)
		require.Empty(t, got.Header.Values("Transfer-Encoding"))
	}
	require.Equal(t, `{"x":true}`, th.u.last(t).Body)
}

// TestAClientThatLeavesEndsTheCall, reaches no register and is logged as gone.
func TestAClientThatLeavesEndsTheCall(t *testing.T) {
	t.Parallel()
	asked, gone := make(chan struct{}), make(chan struct{})
	u := register(t)
	s := interceptorWith(t, func(_ http.ResponseWriter, e cloudEvent) {
		asked <- struct{}{}
		<-e.Gone
		gone <- struct{}{}
	})
	g := start(t, "\tservers {\n\t\tprotocols h1 h2c\n\t}\n"+globals(webhook("slow", s.URL, "intercept\non_failure allow")), "\tlog\n"+inFront(u))
	for i, client := range []*http.Client{{Transport: &http.Transport{}}, {Transport: overHTTP2()}} {
		ctx, leave := context.WithCancel(t.Context())
		go func() {
			<-asked
			leave()
		}()
		request, err := http.NewRequestWithContext(ctx, http.MethodPost, g.URL+"/api/objects/pets/cats", strings.NewReader(`{}`))
		require.NoError(t, err)
		response, err := client.Do(request)
		if err == nil {
			_ = response.Body.Close()
		}
		require.ErrorIs(t, err, context.Canceled)
		select {
		case <-gone:
		case <-time.After(20 * time.Second):
			t.Fatal("the call went on without a client")
		}
		require.Eventually(t, func() bool { return strings.Count(g.log(), `"status":499`) == i+1 }, 20*time.Second, 20*time.Millisecond, "%s", g.output)
		client.CloseIdleConnections()
	}
	require.Empty(t, u.seen())
	require.NotContains(t, g.log(), `"level":"error"`)
	require.NotContains(t, g.log(), `"level":"warn","logger":"voorpoort"`, "a client that left is nobody's fault")
}

// overHTTP2 speaks HTTP/2 without TLS from the first byte.
func overHTTP2() *http.Transport {
	t := &http.Transport{Protocols: new(http.Protocols)}
	t.Protocols.SetUnencryptedHTTP2(true)
	return t
}
