package e2e_test

import (
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// created is the answer of most registers here.
func created(w http.ResponseWriter, _ *http.Request, _ reached) { w.WriteHeader(http.StatusCreated) }

// proxied is a site whose proxy has the lines given, after our transport.
func proxied(to, lines string) string {
	return "\tvoorpoort openregister\n\treverse_proxy " + to + " {\n" + lines + "\n\t}\n"
}

// gateOf is a gateway with one merging webhook in front of a site.
func gateOf(t testing.TB, site string) *gateway {
	t.Helper()
	s := interceptor(t, http.StatusOK, `{"data":{"x":true}}`)
	return start(t, globals(webhook("change", s.URL, "intercept merge")), site)
}

// TestTransportOverTLS trusts whom it is told to, and shows its certificate.
func TestTransportOverTLS(t *testing.T) {
	t.Parallel()
	ours, theirs := newAuthority(t), newAuthority(t)
	own := ours.issue(t, "gateway.test")
	u := unstartedRegister(created)
	u.TLS = &tls.Config{
		Certificates: []tls.Certificate{ours.issue(t, "register.internal").Certificate},
		ClientAuth:   tls.RequireAndVerifyClientCert, ClientCAs: ours.pool, MinVersion: tls.VersionTLS12,
	}
	u.Config.ErrorLog = quiet()
	u.StartTLS()
	t.Cleanup(u.Close)
	to := "https://" + u.Listener.Addr().String()
	trust := func(file string) string { return "\ttls_trust_pool file " + file + "\n" }
	show := "\ttls_client_auth " + own.file + " " + own.keyFile + "\n"
	name := "\ttls_server_name register.internal\n"
	site := ""
	rows := map[string]struct {
		options string
		status  int
	}{
		"all":            {trust(ours.file) + name + show, http.StatusCreated},
		"no-name":        {trust(ours.file) + show, http.StatusBadGateway},
		"no-certificate": {trust(ours.file) + name, http.StatusBadGateway},
		"other-ca":       {trust(theirs.file) + name + show, http.StatusBadGateway},
		"no-ca":          {name + show, http.StatusBadGateway},
	}
	for row, c := range rows {
		site += "\thandle /api/objects/pets/" + row + " {\n" + proxied(to, "transport voorpoort {\n"+c.options+"}") + "}\n"
	}
	g := gateOf(t, site)
	for row, c := range rows {
		got := send(t, http.MethodPost, g.URL+objectsOf(row), `{"n":1}`)
		require.Equal(t, c.status, got.Status, "%s: %s", row, got.Body)
	}
	require.Len(t, u.seen(), 1)
	require.Equal(t, changedBody, u.last(t).Body)
	for range 10 {
		require.Equal(t, http.StatusCreated, send(t, http.MethodPost, g.URL+objectsOf("all"), `{"n":1}`).Status)
	}
	require.LessOrEqual(t, u.accepted.Load(), int64(len(rows)), "one handshake serves many requests")
}

// changedBody is what gateOf's webhook makes of {"n":1}.
const changedBody = `{"n":1,"x":true}`

// TestTransportOverAUnixSocket which no URL can name.
func TestTransportOverAUnixSocket(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "register.sock")
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "unix", path)
	require.NoError(t, err)
	u := unstartedRegister(created)
	require.NoError(t, u.Listener.Close())
	u.Listener = listener
	u.Start()
	t.Cleanup(u.Close)
	g := gateOf(t, proxied("unix/"+path, "transport voorpoort"))
	for range 5 {
		require.Equal(t, http.StatusCreated, post(t, g, `{"n":1}`).Status)
		require.Equal(t, changedBody, u.last(t).Body)
		require.Equal(t, http.StatusCreated, send(t, http.MethodGet, g.URL+"/plain", "").Status)
	}
	require.EqualValues(t, 1, u.accepted.Load())
}

// TestTransportKeepsConnections and notices those that the register closed.
func TestTransportKeepsConnections(t *testing.T) {
	t.Parallel()
	u := register(t)
	g := gateOf(t, "\thandle /api/objects/pets/fresh {\n"+proxied(u.address(), "transport voorpoort {\nkeepalive off\n}")+"}\n"+
		"\thandle {\n"+proxied(u.address(), "transport voorpoort")+"}\n")
	for range 20 {
		require.Equal(t, http.StatusCreated, post(t, g, `{"n":1}`).Status)
	}
	require.EqualValues(t, 1, u.accepted.Load())

	u.CloseClientConnections() // as a restart of the register does
	require.Eventually(t, func() bool { return u.open.Load() == 0 }, 20*time.Second, 10*time.Millisecond)
	for range 3 {
		require.Equal(t, http.StatusCreated, post(t, g, `{"n":1}`).Status, "a POST on a dead connection may not fail")
	}
	require.EqualValues(t, 2, u.accepted.Load())

	for range 3 {
		require.Equal(t, http.StatusCreated, send(t, http.MethodPost, g.URL+objectsOf("fresh"), `{"n":1}`).Status)
	}
	require.EqualValues(t, 5, u.accepted.Load())
	require.Len(t, u.seen(), 26)
}

// TestTransportTriesTheNextRegister when one cannot be reached, with the whole
// body, whether a webhook changed it or nobody looked at it.
func TestTransportTriesTheNextRegister(t *testing.T) {
	t.Parallel()
	u := register(t)
	late := freeAddress(t)
	g := gateOf(t, "\thandle /late/* {\n"+proxied(late, "transport voorpoort\nlb_try_duration 20s\nlb_try_interval 20ms")+"}\n"+
		"\thandle {\n"+proxied("127.0.0.1:1 "+u.address(), "transport voorpoort\nlb_policy round_robin\nlb_try_duration 5s\nlb_try_interval 10ms")+"}\n")
	for range 4 { // half of them meet the dead one first
		require.Equal(t, http.StatusCreated, post(t, g, `{"n":1}`).Status)
		require.Equal(t, changedBody, u.last(t).Body)
		require.EqualValues(t, len(changedBody), u.last(t).Length)
		for _, body := range []string{`{"n":1}`, strings.Repeat("x", 200<<10)} {
			require.Equal(t, http.StatusCreated, send(t, http.MethodPost, g.URL+"/plain", body).Status, "%d bytes", len(body))
			require.Equal(t, body, u.last(t).Body)
		}
		require.Equal(t, http.StatusCreated, send(t, http.MethodGet, g.URL+"/plain", "").Status) // so that the turns change
	}
	require.Len(t, u.seen(), 16)

	got := sendLater(t, http.MethodPost, g.URL+"/late/api/objects/pets/cats", `{"n":2}`)
	time.Sleep(200 * time.Millisecond) // it has tried some times
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", late)
	require.NoError(t, err)
	second := unstartedRegister(created)
	require.NoError(t, second.Listener.Close())
	second.Listener = listener
	second.Start()
	t.Cleanup(second.Close)
	require.Equal(t, http.StatusCreated, (<-got).Status)
	require.Equal(t, `{"n":2}`, second.last(t).Body)
}

// TestTransportMakesHealthChecks as the standard one does.
func TestTransportMakesHealthChecks(t *testing.T) {
	t.Parallel()
	var ill atomic.Bool
	ill.Store(true)
	u := registerWith(t, func(w http.ResponseWriter, r *http.Request, _ reached) {
		if r.URL.Path == "/health" && ill.Load() {
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		w.WriteHeader(http.StatusOK)
	})
	g := gateOf(t, proxied(u.address(), "transport voorpoort\nhealth_uri /health\nhealth_interval 50ms"))
	status := func() int { return post(t, g, `{"n":1}`).Status }
	require.Eventually(t, func() bool { return status() == http.StatusServiceUnavailable }, 20*time.Second, 20*time.Millisecond)
	ill.Store(false)
	require.Eventually(t, func() bool { return status() == http.StatusOK }, 20*time.Second, 20*time.Millisecond)
	require.NotEmpty(t, u.at("/health"))
}

// TestTransportAndARegisterThatFails tells what went wrong by the status, and
// goes on.
func TestTransportAndARegisterThatFails(t *testing.T) {
	t.Parallel()
	hangUp := listening(t, func(c net.Conn) { _ = c.Close() })
	garbage := listening(t, func(c net.Conn) {
		_, _ = io.WriteString(c, "SSH-2.0-OpenSSH_9.6\r\n\r\n")
		_ = c.Close()
	})
	silent := listening(t, func(c net.Conn) { _, _ = io.Copy(io.Discard, c) })
	site := ""
	rows := map[string]struct {
		to, options string
		status      int
	}{
		"refuses":  {"127.0.0.1:1", "", http.StatusBadGateway},
		"hangs-up": {hangUp, "", http.StatusBadGateway},
		"garbage":  {garbage, "", http.StatusBadGateway},
		"unknown":  {"does-not-exist.invalid:80", "", http.StatusBadGateway},
		"silent":   {silent, "response_header_timeout 200ms", http.StatusGatewayTimeout},
	}
	for name, row := range rows {
		site += "\thandle /*/" + name + " {\n" + proxied(row.to, "transport voorpoort {\n"+row.options+"\n}") + "}\n"
	}
	u := register(t)
	g := gateOf(t, strings.ReplaceAll(site, "/*/", "/api/objects/pets/")+strings.ReplaceAll(site, "/*/", "/plain/")+
		"\thandle {\n"+proxied(u.address(), "transport voorpoort")+"}\n")
	for name, row := range rows {
		for _, path := range []string{objectsOf(name), "/plain/" + name} {
			got := send(t, http.MethodPost, g.URL+path, `{"n":1}`)
			require.Equal(t, row.status, got.Status, "%s", path)
			require.NotContains(t, got.Body, "127.0.0.1")
		}
	}
	require.Equal(t, http.StatusCreated, post(t, g, `{"n":1}`).Status)
}

// listening accepts connections and leaves them to the function.
func listening(t testing.TB, serve func(net.Conn)) string {
	t.Helper()
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { _ = listener.Close() })
	go func() {
		for {
			c, err := listener.Accept()
			if err != nil {
				return
			}
			go serve(c)
		}
	}()
	return listener.Addr().String()
}

// TestTransportStreamsUploads that nobody intercepts: the register reads the
// beginning before the client has written the end.
func TestTransportStreamsUploads(t *testing.T) {
	t.Parallel()
	arrived := make(chan string)
	u := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		part := make([]byte, 5)
		for {
			n, err := io.ReadFull(r.Body, part)
			if n > 0 {
				arrived <- string(part[:n])
			}
			if err != nil {
				break
			}
		}
		_, _ = io.WriteString(w, "read it all")
	}))
	t.Cleanup(u.Close)
	g := gateOf(t, proxied(strings.TrimPrefix(u.URL, "http://"), "transport voorpoort"))
	reader, writer := io.Pipe()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPut, g.URL+"/files/video", reader)
	require.NoError(t, err)
	got := make(chan answer, 1)
	go func() {
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			got <- answer{Body: err.Error()}
			return
		}
		a, _ := receive(response)
		got <- a
	}()
	for i := range 3 {
		part := fmt.Sprintf("part%d", i)
		_, err := io.WriteString(writer, part)
		require.NoError(t, err)
		require.Equal(t, part, <-arrived)
	}
	require.NoError(t, writer.Close())
	require.Equal(t, "read it all", (<-got).Body)
}

// TestTransportLeavesTheRestToTheStandardOne when HTTP/1.1 will not do.
func TestTransportLeavesTheRestToTheStandardOne(t *testing.T) {
	t.Parallel()
	var protocol atomic.Value
	u := unstartedRegister(func(w http.ResponseWriter, r *http.Request, _ reached) {
		protocol.Store(r.Proto)
		w.WriteHeader(http.StatusCreated)
	})
	u.Config.Protocols = new(http.Protocols)
	u.Config.Protocols.SetHTTP1(true)
	u.Config.Protocols.SetUnencryptedHTTP2(true)
	u.Start()
	t.Cleanup(u.Close)
	g := gateOf(t, "\thandle /api/objects/pets/two {\n"+proxied(u.address(), "transport voorpoort {\nversions h2c\n}")+"}\n"+
		"\thandle /api/objects/pets/three {\n"+passedOn(u.address(), "transport {\nversions h2c\n}")+"}\n"+
		"\thandle {\n"+proxied(u.address(), "transport voorpoort")+"}\n")
	for _, trial := range []string{"two", "three"} {
		require.Equal(t, http.StatusCreated, send(t, http.MethodPost, g.URL+objectsOf(trial), `{"n":1}`).Status)
		require.Equal(t, "HTTP/2.0", protocol.Load())
		require.Equal(t, changedBody, u.last(t).Body)
	}
	require.Equal(t, http.StatusCreated, post(t, g, `{"n":1}`).Status)
	require.Equal(t, "HTTP/1.1", protocol.Load())
}
