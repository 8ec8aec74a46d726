package e2e_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"
)

// Nobody gets in without a token, and nobody further than the token says. What is
// refused changes nothing.
func TestTheAPIIsShut(t *testing.T) {
	t.Parallel()
	atEachCounter(t, takes, func(t *testing.T, c *counter) {
		h := c.made(t, "shut", `"secret":"a-secret-of-the-receiver"`)
		routes := []struct{ method, path, body string }{
			{http.MethodGet, "", ""},
			{http.MethodGet, c.path(h, ""), ""},
			{http.MethodGet, "/logs", ""},
			{http.MethodGet, c.path(h, "/logs"), ""},
			{http.MethodGet, c.path(h, "/logs/stats"), ""},
			{http.MethodPost, "", `{"name":"intruder","url":"https://s.example"}`},
			{http.MethodPut, c.path(h, ""), `{"enabled":false}`},
			{http.MethodDelete, c.path(h, ""), ""},
			{http.MethodPost, c.path(h, "/test"), ""},
			{http.MethodPost, "/logs/1/retry", ""},
		}
		for i, r := range routes {
			tokens := []string{""}
			if i%5 == 0 { // more would be taken for guessing
				tokens = append(tokens, "no-such-token")
			}
			for _, token := range tokens {
				got := c.as(t, token, r.method, r.path, r.body)
				require.Equal(t, http.StatusUnauthorized, got.Status, "%s %s", r.method, r.path)
				require.Equal(t, "application/problem+json", got.Header.Get("Content-Type"))
				require.NotEmpty(t, got.Header.Get("WWW-Authenticate"))
			}
			got := c.as(t, readerToken, r.method, r.path, r.body)
			if r.method == http.MethodGet {
				require.Equal(t, http.StatusOK, got.Status, r.path)
				require.NotContains(t, got.Body, "a-secret-of-the-receiver")
				continue
			}
			require.Equal(t, http.StatusForbidden, got.Status, "%s %s", r.method, r.path)
			require.NotContains(t, got.Body, readerToken)
		}
		crossed := c.as(t, ownerToken, http.MethodDelete, c.path(h, ""), "", "Sec-Fetch-Site: cross-site", "Origin: https://elsewhere.example")
		require.Equal(t, http.StatusForbidden, crossed.Status, "a page of another site")
		still := answered[hooked](t, c.do(t, http.MethodGet, c.path(h, ""), ""), http.StatusOK)
		require.True(t, still.Enabled)
		require.Empty(t, c.receiver.at("/"+h.Name), "nobody was called")
		require.NotContains(t, c.do(t, http.MethodGet, "", "").Body, "intruder")
		require.NotContains(t, c.log(), ownerToken)
		require.NotContains(t, c.log(), "no-such-token")
	})
}

// Bodies are for those who may read them.
func TestBodiesAreForThoseWhoMayReadThem(t *testing.T) {
	t.Parallel()
	atEachCounter(t, tells(http.StatusInternalServerError, `{"message":"Jansen is known already"}`), func(t *testing.T, c *counter) {
		h := c.made(t, "bodies", "")
		c.write(t, h, `{"bsn":"999990639"}`)
		c.logged(t, h, 1)
		whole := c.do(t, http.MethodGet, c.path(h, "/logs"), "").Body
		require.Contains(t, whole, "999990639")
		require.Contains(t, whole, "Jansen")
		for _, path := range []string{c.path(h, "/logs"), "/logs", "", c.path(h, "")} {
			got := c.as(t, readerToken, http.MethodGet, path, "")
			require.Equal(t, http.StatusOK, got.Status)
			require.NotContains(t, got.Body, "999990639", path)
			require.NotContains(t, got.Body, "Jansen", "%s: what the receiver says is a body too", path)
		}
	})
}

// Guessing is braked.
func TestGuessingTokensIsBraked(t *testing.T) {
	t.Parallel()
	d := newDesk(t, localStorage(t), takes, "")
	braked := answer{}
	for range 200 {
		braked = insist(t, http.MethodGet, d.address()+"/api/webhooks", "", "Authorization: Bearer guess")
		if braked.Status == http.StatusTooManyRequests {
			break
		}
		require.Equal(t, http.StatusUnauthorized, braked.Status)
	}
	require.Equal(t, http.StatusTooManyRequests, braked.Status)
	require.NotEmpty(t, braked.Header.Get("Retry-After"))
}
