package e2e_test

import (
	"bufio"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// passedOn is a site whose requests go to one address by voorpoort_proxy.
func passedOn(to, transport string) string {
	return "\tvoorpoort openregister\n\tvoorpoort_proxy " + to + " {\n" + transport + "\n\t}\n"
}

// TestTheProxyPassesOnWhatReverseProxyDoes sends the same bytes through both, and
// compares the bytes that arrive.
func TestTheProxyPassesOnWhatReverseProxyDoes(t *testing.T) {
	t.Parallel()
	requests := map[string]string{
		"plain":             "GET /plain HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
		"a query":           "GET /plain?a=1;b=%zz&c=/../x HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
		"an odd path":       "GET /a//b/%2e%2e/c%20d;x=1 HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
		"absolute form":     "GET http://127.0.0.1/x HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
		"a body":            "POST /plain HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: text/plain\r\nContent-Length: 5\r\n\r\nhallo",
		"an empty body":     "POST /plain HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 0\r\n\r\n",
		"chunks":            "PUT /plain HTTP/1.1\r\nHost: 127.0.0.1\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhallo\r\n0\r\n\r\n",
		"trailers":          "PUT /plain HTTP/1.1\r\nHost: 127.0.0.1\r\nTrailer: X-Sum\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhallo\r\n0\r\nX-Sum: 42\r\n\r\n",
		"a rule":            "POST /api/objects/pets/cats HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: 7\r\n\r\n{\"n\":1}",
		"hop by hop":        "GET /plain HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: X-Mine, keep-alive\r\nX-Mine: 1\r\nKeep-Alive: 9\r\nProxy-Authorization: x\r\nTe: trailers, gzip\r\n\r\n",
		"no user agent":     "GET /plain HTTP/1.1\r\nHost: 127.0.0.1\r\nUser-Agent:\r\n\r\n",
		"a user agent":      "GET /plain HTTP/1.1\r\nHost: 127.0.0.1\r\nUser-Agent: me/1\r\nAccept-Encoding: br\r\n\r\n",
		"fields more times": "GET /plain HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: a=1\r\nCookie: b=2\r\nX-Empty:\r\n\r\n",
		"HTTP/1.0":          "GET /plain HTTP/1.0\r\nHost: 127.0.0.1\r\n\r\n",
		"via":               "GET /plain HTTP/1.1\r\nHost: 127.0.0.1\r\nVia: 1.0 edge\r\n\r\n",
		"forwarded": "GET /plain HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Forwarded-For: 192.0.2.1\r\nX-Forwarded-For: 192.0.2.2\r\n" +
			"X-Forwarded-Proto: https\r\nX-Forwarded-Host: public.example\r\n\r\n",
		"forwarded nothing": "GET /plain HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Forwarded-For:\r\nX-Forwarded-Proto:\r\nX-Forwarded-Host:\r\n\r\n",
	}
	for name, trusted := range map[string]string{"anybody": "", "a trusted proxy": "\tservers {\n\t\ttrusted_proxies static 127.0.0.1/8\n\t}\n"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			theirs, ours := listen(t), listen(t)
			s := interceptor(t, http.StatusOK, `{"data":{"x":true}}`)
			settings := trusted + globals(webhook("change", s.URL, "intercept merge"))
			one := start(t, settings, proxied(theirs.address, "transport voorpoort"))
			two := start(t, settings, passedOn(ours.address, ""))
			for what, bytes := range requests {
				a, b := raw(t, one, bytes), raw(t, two, bytes)
				require.Equal(t, a.Status, b.Status, what)
				require.Equal(t, a.Body, b.Body, what)
				a.Header.Del("Date")
				b.Header.Del("Date")
				require.Equal(t, a.Header, b.Header, what)
				wanted, got := theirs.all(), ours.all()
				require.Len(t, got, len(wanted), what)
				want, came := wanted[len(wanted)-1], got[len(got)-1]
				require.Equal(t, want.Target, came.Target, what)
				require.Equal(t, want.Header, came.Header, what)
				require.Equal(t, hostOf(want.Head), hostOf(came.Head), what)
				require.Equal(t, want.Body, came.Body, what)
				require.Equal(t, want.Trailer, came.Trailer, what)
			}
		})
	}
}

// hostOf is the Host field of a head.
func hostOf(head string) string {
	for line := range strings.Lines(head) {
		if name, value, _ := strings.Cut(line, ":"); strings.EqualFold(name, "host") {
			return strings.TrimSpace(value)
		}
	}
	return ""
}

// TestTheProxyDoesNotPassOnWhoSomebodySaysTheyAre, in the field that RFC 7239
// names for it neither.
func TestTheProxyDoesNotPassOnWhoSomebodySaysTheyAre(t *testing.T) {
	t.Parallel()
	u := register(t)
	free := start(t, "", passedOn(u.address(), ""))
	send(t, http.MethodGet, free.URL+"/plain", "", "Forwarded: for=192.0.2.1")
	require.Empty(t, u.last(t).Header.Values("Forwarded"))
	trusting := start(t, "\tservers {\n\t\ttrusted_proxies static 127.0.0.1/8\n\t}\n", passedOn(u.address(), ""))
	send(t, http.MethodGet, trusting.URL+"/plain", "", "Forwarded: for=192.0.2.1")
	require.Equal(t, []string{"for=192.0.2.1"}, u.last(t).Header.Values("Forwarded"))
}

// TestTheProxyOverTLS names the register by its own name and trusts whom it is
// told to.
func TestTheProxyOverTLS(t *testing.T) {
	t.Parallel()
	ours := newAuthority(t)
	hosts := make(chan string, 1)
	u := unstartedRegister(func(w http.ResponseWriter, r *http.Request, _ reached) {
		hosts <- r.Host
		w.WriteHeader(http.StatusCreated)
	})
	u.TLS = &tls.Config{Certificates: []tls.Certificate{ours.issue(t, "register.internal").Certificate}, MinVersion: tls.VersionTLS12}
	u.Config.ErrorLog = quiet()
	u.StartTLS()
	t.Cleanup(u.Close)
	address := u.Listener.Addr().String()
	options := "transport {\ntls_trust_pool file " + ours.file + "\ntls_server_name register.internal\n}"
	g := gateOf(t, "\thandle /api/objects/pets/named {\n"+passedOn("https://"+address, options)+"}\n"+
		"\thandle /api/objects/pets/implied {\n"+passedOn(address, options)+"}\n"+
		"\thandle {\n"+passedOn("https://"+address, "")+"}\n")
	for _, trial := range []string{"named", "implied"} {
		require.Equal(t, http.StatusCreated, send(t, http.MethodPost, g.URL+objectsOf(trial), `{"n":1}`).Status)
		require.Equal(t, changedBody, u.last(t).Body)
		require.Equal(t, address, <-hosts)
		require.Equal(t, g.address, u.last(t).Header.Get("X-Forwarded-Host"))
	}
	require.Equal(t, http.StatusBadGateway, post(t, g, `{"n":1}`).Status, "nobody said whom to trust")
}

// TestTheProxyAndARegisterThatFails gives the status that reverse_proxy gives, and
// goes on.
func TestTheProxyAndARegisterThatFails(t *testing.T) {
	t.Parallel()
	silent := listening(t, func(c net.Conn) { _, _ = io.Copy(io.Discard, c) })
	rows := map[string]struct {
		to, options string
		status      int
	}{
		"refuses":  {"127.0.0.1:1", "", http.StatusBadGateway},
		"hangs-up": {listening(t, func(c net.Conn) { _ = c.Close() }), "", http.StatusBadGateway},
		"unknown":  {"does-not-exist.invalid", "", http.StatusBadGateway},
		"silent":   {silent, "transport {\nresponse_header_timeout 200ms\n}", http.StatusGatewayTimeout},
	}
	site := ""
	for name, row := range rows {
		site += "\thandle /*/" + name + " {\n" + passedOn(row.to, row.options) + "}\n"
	}
	u := register(t)
	g := gateOf(t, "\theader X-Mine yes\n"+strings.ReplaceAll(site, "/*/", "/api/objects/pets/")+strings.ReplaceAll(site, "/*/", "/plain/")+
		"\thandle {\n"+passedOn(u.address(), "")+"}\n")
	for name, row := range rows {
		for _, path := range []string{objectsOf(name), "/plain/" + name} {
			got := send(t, http.MethodPost, g.URL+path, `{"n":1}`)
			require.Equal(t, row.status, got.Status, "%s", path)
			require.NotContains(t, got.Body, "127.0.0.1")
			require.Equal(t, "yes", got.Header.Get("X-Mine"))
			require.Equal(t, "Caddy", got.Header.Get("Server"), "the answer is Caddy's own")
		}
	}
	require.Equal(t, http.StatusCreated, post(t, g, `{"n":1}`).Status)
}

// TestTheProxyKeepsWhatIsCertainOfAWrite: of one that was broken off the register
// is asked, one that reached nobody is told to nobody.
func TestTheProxyKeepsWhatIsCertainOfAWrite(t *testing.T) {
	t.Parallel()
	d := newDepot(t, localStorage(t), append(doubtful(), subscription{name: "nobody"}), "")
	status, message := d.reload(t, d.globals(append(doubtful(), subscription{name: "nobody"}), ""),
		"\thandle "+objectsOf("nobody")+" {\n"+passedOn("127.0.0.1:1", "")+"}\n\thandle {\n"+passedOn(d.shelf.address(), "")+"}\n")
	require.Equal(t, http.StatusOK, status, message)
	require.Equal(t, http.StatusBadGateway, send(t, http.MethodPost, d.URL+objectsOf("nobody"), writtenBody).Status)
	require.Empty(t, kept(t, d.settlesDoubts(t, 2), "nobody"))
}

// TestATunnelEndsWithItsConfiguration as that of reverse_proxy does.
func TestATunnelEndsWithItsConfiguration(t *testing.T) {
	t.Parallel()
	w := listen(t)
	g := start(t, "", passedOn(w.address, ""))
	c, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", g.address)
	require.NoError(t, err)
	defer c.Close()
	require.NoError(t, c.SetDeadline(time.Now().Add(20*time.Second)))
	_, err = fmt.Fprintf(c, "GET /live HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n")
	require.NoError(t, err)
	reader := bufio.NewReader(c)
	response, err := http.ReadResponse(reader, nil)
	require.NoError(t, err)
	defer response.Body.Close()
	require.Equal(t, http.StatusSwitchingProtocols, response.StatusCode)
	_, err = io.WriteString(c, "hallo\n")
	require.NoError(t, err)
	line, err := reader.ReadString('\n')
	require.NoError(t, err)
	require.Equal(t, "hallo\n", line)

	status, message := g.reload(t, "", passedOn(w.address, "")+"\theader X-New yes\n")
	require.Equal(t, http.StatusOK, status, message)
	_, err = reader.ReadByte()
	require.ErrorIs(t, err, io.EOF)
}

// TestTheProxySaysWhatIsWrongWithItsUpstream when the configuration is loaded.
func TestTheProxySaysWhatIsWrongWithItsUpstream(t *testing.T) {
	t.Parallel()
	u := register(t)
	g := start(t, "", passedOn("{$REGISTER}", ""), "REGISTER="+u.address())
	require.Equal(t, http.StatusCreated, send(t, http.MethodPost, g.URL+"/plain", "x").Status)
	for to, why := range map[string]string{
		"unix//run/register.sock":     "reverse_proxy with transport voorpoort takes sockets",
		"https://register.example/v1": "may only have a scheme, a host and a port",
		"https://a:geheim@b":          "request_header",
		"ftp://b":                     "http or https",
		"b:99999":                     "1 to 65535",
		"{env.NOT_SET}":               "NOT_SET",
	} {
		status, message := g.reload(t, "", passedOn(to, ""))
		require.Equal(t, http.StatusBadRequest, status, to)
		require.Contains(t, message, why, to)
		require.NotContains(t, message, "geheim")
	}
	status, message := g.reload(t, "", passedOn("http://b", "transport {\ntls\n}"))
	require.Equal(t, http.StatusBadRequest, status)
	require.Contains(t, message, "write https://")
	status, message = g.reload(t, "", passedOn("b", "transport {\nproxy_protocol v2\n}"))
	require.Equal(t, http.StatusBadRequest, status)
	require.Contains(t, message, "the PROXY protocol needs reverse_proxy")
	require.Equal(t, http.StatusCreated, send(t, http.MethodPost, g.URL+"/plain", "x").Status, "the old configuration goes on")
}
