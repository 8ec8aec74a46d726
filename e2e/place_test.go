package e2e_test

import (
	"io"
	"net"
	"net/http"
	"net/http/fcgi"
	"net/http/httptrace"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/crypto/bcrypt"
)

// TestTheGateStandsAtItsPlace among Caddy's own directives, wherever in the
// site it is written: after authentication and rewrites, inside encode, before
// everything that proxies.
func TestTheGateStandsAtItsPlace(t *testing.T) {
	t.Parallel()
	const long = `{"text":"lang genoeg om te comprimeren`
	hash, err := bcrypt.GenerateFromPassword([]byte("wachtwoord"), bcrypt.MinCost)
	require.NoError(t, err)
	u := registerWith(t, func(w http.ResponseWriter, _ *http.Request, _ reached) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, long+strings.Repeat("!", 2048)+`"}`)
	})
	s := interceptorWith(t, func(w http.ResponseWriter, e cloudEvent) {
		if strings.Contains(string(e.Data.Body), "Felix") {
			says(422, "application/json", `{"message":"geen Felix"}`)(w, e)
			return
		}
		saysJSON(`{"data":{"x":true}}`)(w, e)
	})
	g := start(t, globals(webhook("change", s.URL, "intercept merge")), `
	handle {
		reverse_proxy `+u.address()+`
	}
	handle_errors {
		respond "restyled {http.error.status_code}"
	}
	voorpoort openregister
	header X-Site yes
	encode gzip
	request_body {
		max_size 200
	}
	request_header X-Request-Id from-the-site
	uri strip_prefix /tenant
	basic_auth {
		admin `+string(hash)+`
	}`)
	const path = "/tenant/api/objects/pets/cats"
	const login = "Authorization: Basic YWRtaW46d2FjaHR3b29yZA=="

	require.Equal(t, http.StatusUnauthorized, send(t, http.MethodPost, g.URL+path, `{}`).Status)
	require.Empty(t, s.events(), "who is unknown asks nobody")

	got := send(t, http.MethodPost, g.URL+path, `{}`, login, "Accept-Encoding: gzip")
	require.Equal(t, http.StatusOK, got.Status)
	require.Equal(t, "gzip", got.Header.Get("Content-Encoding"))
	require.Equal(t, "yes", got.Header.Get("X-Site"))
	e := s.events()[0]
	require.Equal(t, "/api/objects/pets/cats", e.Data.Path, "the path that the register sees")
	require.Equal(t, "from-the-site", e.Data.Headers["X-Request-Id"])
	require.NotContains(t, e.Raw, "YWRtaW4")
	require.Equal(t, "/api/objects/pets/cats", u.last(t).URI)
	require.Equal(t, `{"x":true}`, u.last(t).Body)

	got = send(t, http.MethodPost, g.URL+path, `{"name":"Felix"}`, login)
	require.Equal(t, "geen Felix", got.problem(t).Detail, "handle_errors leaves a block alone")
	require.Equal(t, "yes", got.Header.Get("X-Site"))

	got = send(t, http.MethodPost, g.URL+path, `{"name":"`+strings.Repeat("x", 300)+`"}`, login)
	require.Equal(t, http.StatusRequestEntityTooLarge, got.Status)
	require.Len(t, s.events(), 2)
	require.Len(t, u.seen(), 1)
}

// TestAFastCGIRegisterGetsTheWholeBody, with one length, which PHP sees as
// CONTENT_LENGTH and as HTTP_CONTENT_LENGTH.
func TestAFastCGIRegisterGetsTheWholeBody(t *testing.T) {
	t.Parallel()
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { _ = listener.Close() })
	got := make(chan reached, 10)
	go func() {
		_ = fcgi.Serve(listener, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			body, _ := io.ReadAll(r.Body)
			got <- reached{Method: r.Method, Body: string(body), Length: r.ContentLength, Header: r.Header.Clone()}
			w.WriteHeader(http.StatusCreated)
		}))
	}()
	s := interceptor(t, http.StatusOK, `{"data":{"x":true}}`)
	g := start(t, globals(webhook("change", s.URL, "intercept merge")), `
	voorpoort openregister
	reverse_proxy `+listener.Addr().String()+` {
		transport fastcgi
	}`)
	for sent, want := range map[string]string{
		`{"n":1}`:    changedBody,
		`{"x":true}`: `{"x":true}`,
		``:           `{"x":true}`, // a merge into nothing gives the object
		`{"n":"` + strings.Repeat("x", 100_000) + `"}`: `{"n":"` + strings.Repeat("x", 100_000) + `","x":true}`,
	} {
		require.Equal(t, http.StatusCreated, post(t, g, sent).Status)
		r := <-got
		require.Equal(t, http.MethodPost, r.Method)
		require.Equal(t, want, r.Body)
		require.EqualValues(t, len(want), r.Length)
		require.Equal(t, strconv.Itoa(len(want)), r.Header.Get("Content-Length"), "HTTP_CONTENT_LENGTH says the same")
	}
	require.Equal(t, http.StatusCreated, send(t, http.MethodPost, g.URL+objectsOf("cats")+"/7", "").Status)
	require.Empty(t, (<-got).Body, "no webhook for updates")
}

// TestABlockKeepsTheClientsConnection: a refusal is an ordinary answer.
func TestABlockKeepsTheClientsConnection(t *testing.T) {
	t.Parallel()
	u, s := register(t), interceptor(t, http.StatusUnprocessableEntity, `{"message":"nee"}`)
	g := start(t, globals(webhook("no", s.URL, "intercept")), inFront(u))
	client := &http.Client{Transport: &http.Transport{}}
	t.Cleanup(client.CloseIdleConnections)
	connections := 0
	for range 5 {
		request, err := http.NewRequestWithContext(httptrace.WithClientTrace(t.Context(), &httptrace.ClientTrace{
			GotConn: func(info httptrace.GotConnInfo) {
				if !info.Reused {
					connections++
				}
			},
		}), http.MethodPost, g.URL+objectsOf("cats"), strings.NewReader(`{}`))
		require.NoError(t, err)
		response, err := client.Do(request)
		require.NoError(t, err)
		require.Equal(t, http.StatusUnprocessableEntity, read(t, response).Status)
	}
	require.Equal(t, 1, connections)
}
