package e2e_test

import (
	"crypto/tls"
	"encoding/base64"
	"io"
	"log"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// TestCallsTrustWhomTheyAreToldTo over TLS: a private authority, another name
// than the URL's, and a client certificate, with both clients.
func TestCallsTrustWhomTheyAreToldTo(t *testing.T) {
	t.Parallel()
	ours, theirs := newAuthority(t), newAuthority(t)
	own, foreign := ours.issue(t, "gateway.test"), theirs.issue(t, "gateway.test")
	secure := func(certificate issued, auth tls.ClientAuthType) *service {
		s := unstarted(says(204, "", ""))
		s.TLS = &tls.Config{
			Certificates: []tls.Certificate{certificate.Certificate},
			ClientAuth:   auth, ClientCAs: ours.pool, MinVersion: tls.VersionTLS12,
		}
		s.Config.ErrorLog = quiet()
		s.StartTLS()
		t.Cleanup(s.Close)
		return s
	}
	byAddress := secure(ours.issue(t, "127.0.0.1"), tls.NoClientCert)
	byName := secure(ours.issue(t, "validator.internal"), tls.NoClientCert)
	mutual := secure(ours.issue(t, "127.0.0.1"), tls.RequireAndVerifyClientCert)

	const refused = http.StatusServiceUnavailable
	rows := []struct {
		name   string
		s      *service
		lines  string
		status int
	}{
		{"known-authority", byAddress, "ca " + ours.file, 201},
		{"system-authorities", byAddress, "", refused},
		{"other-authority", byAddress, "ca " + theirs.file, refused},
		{"no-authority", byAddress, "insecure_skip_verify", 201},
		{"other-name", byName, "ca " + ours.file, refused},
		{"server-name", byName, "ca " + ours.file + "\nserver_name validator.internal", 201},
		{"wrong-server-name", byName, "ca " + ours.file + "\nserver_name elsewhere.internal", refused},
		{"client-certificate", mutual, "ca " + ours.file + "\nclient_certificate " + own.file + " " + own.keyFile, 201},
		{"no-client-certificate", mutual, "ca " + ours.file, refused},
		{"foreign-client-certificate", mutual, "ca " + ours.file + "\nclient_certificate " + foreign.file + " " + foreign.keyFile, refused},
		{"files-from-placeholders", mutual, "ca {env.CA_FILE}\nclient_certificate {env.CERT_FILE} {env.KEY_FILE}", 201},
	}
	var trials []trial
	for _, row := range rows {
		block := ""
		if row.lines != "" {
			block = "\ntls {\n" + row.lines + "\n}"
		}
		trials = append(trials,
			trial{name: row.name, url: row.s.URL + "/" + row.name, options: "intercept" + block},
			trial{name: row.name + "-n", url: row.s.URL + "/" + row.name + "-n", options: "intercept\nclient net/http" + block})
	}
	stand := newStand(t, trials, "CA_FILE="+ours.file, "CERT_FILE="+own.file, "KEY_FILE="+own.keyFile)
	for _, row := range rows {
		for _, name := range []string{row.name, row.name + "-n"} {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				got := stand.create(t, name, `{}`)
				require.Equal(t, row.status, got.Status, got.Body)
				if row.status == 201 {
					require.Len(t, row.s.at("/"+name), 1)
				} else {
					require.Empty(t, row.s.at("/"+name))
					require.Empty(t, stand.reached(name))
				}
			})
		}
	}
}

// quiet is a log for servers whose peers are meant to fail.
func quiet() *log.Logger { return log.New(io.Discard, "", 0) }

// TestAProxyIsUsedOnlyWhenConfigured and never because the environment names
// one.
func TestAProxyIsUsedOnlyWhenConfigured(t *testing.T) {
	t.Parallel()
	ours := newAuthority(t)
	plain := interceptor(t, 204, "")
	secure := unstarted(says(204, "", ""))
	secure.TLS = &tls.Config{Certificates: []tls.Certificate{ours.issue(t, "validator.invalid").Certificate}, MinVersion: tls.VersionTLS12}
	secure.StartTLS()
	t.Cleanup(secure.Close)
	toPlain := newForwardProxy(t, plain.Listener.Addr().String())
	toSecure := newForwardProxy(t, secure.Listener.Addr().String())
	environment := newForwardProxy(t, plain.Listener.Addr().String())

	withUser := "http://user:p%40ss@" + strings.TrimPrefix(toPlain.URL, "http://")
	s := newStand(t, []trial{
		{name: "plain", url: "http://validator.invalid/plain", options: "intercept;proxy " + withUser},
		{name: "secure", url: "https://validator.invalid/secure", options: "intercept;proxy " + toSecure.URL + ";tls {;ca " + ours.file + ";}"},
		{name: "unasked", url: "http://validator.invalid/unasked", options: "intercept"},
		{name: "unasked-n", url: "http://validator.invalid/unasked", options: "intercept;client net/http"},
	}, "HTTP_PROXY="+environment.URL, "HTTPS_PROXY="+environment.URL, "http_proxy="+environment.URL, "ALL_PROXY="+environment.URL)

	require.Equal(t, http.StatusCreated, s.create(t, "plain", `{}`).Status)
	require.Equal(t, []string{"POST http://validator.invalid/plain user:p@ss"}, toPlain.asked())
	require.Len(t, plain.at("/plain"), 1)

	require.Equal(t, http.StatusCreated, s.create(t, "secure", `{}`).Status)
	require.Equal(t, []string{"CONNECT validator.invalid:443 "}, toSecure.asked())
	require.Len(t, secure.at("/secure"), 1)

	for _, name := range []string{"unasked", "unasked-n"} {
		require.Equal(t, http.StatusServiceUnavailable, s.create(t, name, `{}`).Status)
	}
	require.Empty(t, environment.asked())
}

// TestWhatACallLooksLike is the request side of the contract.
func TestWhatACallLooksLike(t *testing.T) {
	t.Parallel()
	s := newStand(t, []trial{
		{name: "plain", options: "intercept"},
		{name: "own", options: "intercept;method PUT;content_type application/cloudevents+json;header X-Source poort;header Authorization \"Bearer {env.TOKEN}\""},
	}, "TOKEN=t0ken")
	got := send(t, http.MethodPost, s.URL+objectsOf("plain")+"?x=1&y=a%20b&y=c", sentBody,
		"Authorization: Bearer of-the-client", "Cookie: session=of-the-client", "Proxy-Authorization: Basic b2YtdGhlLWNsaWVudA==",
		"X-Api-Key: of-the-client", "X-Request-Id: r-1", "Accept-Language: nl", "User-Agent: client/1", "Content-Type: application/json; charset=utf-8")
	require.Equal(t, http.StatusCreated, got.Status)
	e := s.asked("plain")[0]
	require.Equal(t, http.MethodPost, e.Method)
	require.Equal(t, "application/json", e.Header.Get("Content-Type"), "n8n reads no other type")
	require.Equal(t, "Voorpoort", e.Header.Get("User-Agent"))
	require.Empty(t, e.Header.Values("Authorization"))
	require.Empty(t, e.Header.Values("Cookie"))
	require.Equal(t, "1.0", e.SpecVersion)
	require.Equal(t, "object.creating", e.Type)
	require.Equal(t, "/apps/openregister", e.Source)
	require.Equal(t, "object:pets/plain", e.Subject)
	require.Equal(t, "application/json", e.DataContentType)
	require.Equal(t, http.MethodPost, e.Data.Method)
	require.Equal(t, objectsOf("plain"), e.Data.Path)
	require.Equal(t, map[string]any{"x": "1", "y": []any{"a b", "c"}}, e.Data.QueryParams)
	require.Contains(t, e.Raw, `"body":`+sentBody, "to the byte")
	require.Equal(t, map[string]string{
		"Accept-Language": "nl", "Content-Type": "application/json; charset=utf-8", "User-Agent": "client/1", "X-Request-Id": "r-1",
	}, e.Data.Headers)
	require.NotContains(t, e.Raw, "of-the-client")
	require.NotContains(t, e.Raw, base64.StdEncoding.EncodeToString([]byte("of-the-client")))

	reached := s.u.last(t)
	require.Equal(t, "Bearer of-the-client", reached.Header.Get("Authorization"), "the register gets what the client sent")
	require.Equal(t, "session=of-the-client", reached.Header.Get("Cookie"))
	require.Equal(t, objectsOf("plain")+"?x=1&y=a%20b&y=c", reached.URI)

	require.Equal(t, http.StatusCreated, s.create(t, "own", `{}`).Status)
	e = s.asked("own")[0]
	require.Equal(t, http.MethodPut, e.Method)
	require.Equal(t, "application/cloudevents+json", e.Header.Get("Content-Type"))
	require.Equal(t, "poort", e.Header.Get("X-Source"))
	require.Equal(t, "Bearer t0ken", e.Header.Get("Authorization"))
}

// TestTheOperatorChoosesTheHeadersInEvents by name; the list replaces the
// built-in one.
func TestTheOperatorChoosesTheHeadersInEvents(t *testing.T) {
	t.Parallel()
	u, s := register(t), interceptor(t, 204, "")
	g := start(t, "voorpoort {\n\theaders X-Tenant Authorization\n"+webhook("look", s.URL, "intercept")+"}\n", inFront(u))
	post(t, g, `{}`, "X-Tenant: a", "X-Request-Id: r-1", "Authorization: Bearer asked-for", "Cookie: c=1")
	require.Equal(t, map[string]string{"X-Tenant": "a", "Authorization": "Bearer asked-for"}, s.events()[0].Data.Headers)
}

// TestConnectionsToServicesAreKept for the next call.
func TestConnectionsToServicesAreKept(t *testing.T) {
	t.Parallel()
	s := newStand(t, []trial{
		{name: "ours", options: "intercept merge", answer: saysJSON(`{"data":{"x":1}}`)},
		{name: "refusing", options: "intercept", answer: says(422, "application/json", `{"message":"nee"}`)},
	})
	for range 10 {
		s.create(t, "ours", `{}`)
		s.create(t, "refusing", `{}`)
	}
	require.LessOrEqual(t, s.s.accepted.Load(), int64(2), "one client for each webhook, each with one connection")

	s.s.CloseClientConnections() // as a restart of the service does
	require.Eventually(t, func() bool { return s.s.open.Load() == 0 }, 20*time.Second, 10*time.Millisecond)
	require.Equal(t, http.StatusCreated, s.create(t, "ours", `{}`).Status)
}

// TestALostCallIsRepeatedOnce when a kept connection breaks under it, with the
// same event id: the service can tell that it is the same call.
func TestALostCallIsRepeatedOnce(t *testing.T) {
	t.Parallel()
	var calls atomic.Int64
	s := newStand(t, []trial{
		{name: "restarting", options: "intercept", answer: func(w http.ResponseWriter, _ cloudEvent) {
			if calls.Add(1) == 2 {
				panic(http.ErrAbortHandler) // the connection breaks off without an answer
			}
			w.WriteHeader(http.StatusNoContent)
		}},
		{name: "dropping", options: "intercept", answer: func(http.ResponseWriter, cloudEvent) { panic(http.ErrAbortHandler) }},
	})
	require.Equal(t, http.StatusCreated, s.create(t, "restarting", `{}`).Status)
	require.Equal(t, http.StatusCreated, s.create(t, "restarting", `{}`).Status)
	asked := s.asked("restarting")
	require.Len(t, asked, 3)
	require.NotEqual(t, asked[0].ID, asked[1].ID)
	require.Equal(t, asked[1].ID, asked[2].ID)
	require.Equal(t, asked[1].Raw, asked[2].Raw)

	require.Equal(t, http.StatusServiceUnavailable, s.create(t, "dropping", `{}`).Status)
	require.Len(t, s.asked("dropping"), 1, "a new connection that breaks is no leftover")
	require.Empty(t, s.reached("dropping"))
}
