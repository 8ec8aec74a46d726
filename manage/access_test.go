package manage

import (
	"encoding/base64"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// pathOf fills in a route's variables.
func pathOf(t *route) string {
	path := t.Pattern
	for strings.Contains(path, "{") {
		open, end := strings.Index(path, "{"), strings.Index(path, "}")
		path = path[:open] + "1" + path[end+1:]
	}
	if t.Anywhere {
		return "/mount" + path
	}
	return prefix + path
}

// eachScope gives the scopes that a route does not need.
func weakScopes(need Scopes) (weak []Scopes) {
	for _, s := range []Scopes{0, Read, Write, Replay, ReadPayload, Read | ReadPayload, Read | Write | Replay | ReadPayload} {
		if !s.Has(need) {
			weak = append(weak, s)
		}
	}
	weak = append(weak, (Read|Write|Replay|ReadPayload)&^need)
	return weak
}

// Every route that there is, without, with wrong and with too weak credentials.
func TestEveryRouteNeedsItsScope(t *testing.T) {
	d := newDesk(t)
	var guarded int
	for _, route := range d.handler.routes {
		send := func(change func(*http.Request)) *reply {
			r := httptest.NewRequest(route.Method, pathOf(route), strings.NewReader(`{}`))
			r.Header.Set("Content-Type", "application/json")
			r.RemoteAddr = "[2001:db8:" + strings.Repeat("1", 1+guarded%4) + "::1]:1"
			change(r)
			return d.send(r)
		}
		if route.Scope == 0 {
			require.Contains(t, []string{"getHealth", "getReadiness", "getOpenAPI", "getAsyncAPI"}, route.Name, "open to all")
			continue
		}
		guarded++
		d.handler.config.Access.brake = newBrake()
		missing := send(func(*http.Request) {}).refused(http.StatusUnauthorized, "token")
		require.Equal(t, "Bearer", missing.Header().Get("WWW-Authenticate"), route.Name)
		for _, wrong := range []string{"Bearer wrong", "Bearer", "Bearer ", "Basic", "Basic !", "Basic " + base64.StdEncoding.EncodeToString([]byte("admin:wrong")), "Digest " + tokenAll, tokenAll, ""} {
			answer := send(func(r *http.Request) { r.Header.Set("Authorization", wrong) })
			answer.refused(http.StatusUnauthorized, "token")
			require.Contains(t, answer.Header().Get("WWW-Authenticate"), "invalid_token")
		}
		for _, weak := range weakScopes(route.Scope) {
			answer := send(func(r *http.Request) { *r = *r.WithContext(WithUser(r.Context(), "somebody", weak)) })
			answer.refused(http.StatusForbidden, route.Scope.String())
			require.Contains(t, answer.Header().Get("WWW-Authenticate"), "insufficient_scope")
		}
	}
	require.GreaterOrEqual(t, guarded, 14)
	require.Empty(t, d.engine.resumed)
	require.Empty(t, d.tested)
	require.Empty(t, d.resent)
}

// Reading needs read, changing does not come with it, and so on.
func TestScopesOfMethods(t *testing.T) {
	for _, route := range newDesk(t).handler.routes {
		switch {
		case route.Scope == 0 && route.Method == "GET":
		case route.Method == "GET", route.Name == "check": // which changes nothing
			require.True(t, route.Scope.Has(Read), route.Name)
		case route.Method == "POST" && route.Pattern == "/check": // asks a question, with a body
			require.Equal(t, Read, route.Scope&^ReadPayload)
		default:
			require.NotZero(t, route.Scope&(Write|Replay), "%s changes something", route.Name)
		}
	}
}

func TestTokens(t *testing.T) {
	d := newDesk(t)
	get := func(authorization ...string) *reply {
		r := httptest.NewRequest("GET", prefix+"/webhooks", nil)
		r.Header["Authorization"] = authorization
		return d.send(r)
	}
	get("Bearer " + tokenRead).is(http.StatusOK)
	get("bearer  " + tokenRead).is(http.StatusOK)
	get("Basic " + base64.StdEncoding.EncodeToString([]byte("admin:"+tokenRead))).is(http.StatusOK)
	get("Bearer "+tokenWrite).refused(http.StatusForbidden, "read")
	get("Bearer "+tokenRead, "Bearer "+tokenAll).refused(http.StatusUnauthorized, "")
}

func TestUserInFront(t *testing.T) {
	d := newDesk(t)
	r := httptest.NewRequest("GET", prefix+"/webhooks", nil)
	r.Header.Set("Authorization", "Basic "+base64.StdEncoding.EncodeToString([]byte("user:password"))) // for the handler in front
	for range 2 * maxFailures {
		d.send(r.WithContext(WithUser(r.Context(), "user", Read))).is(http.StatusOK)
	}
}

func TestNobodyCouldLogIn(t *testing.T) {
	_, err := NewAccess(nil, false)
	require.ErrorContains(t, err, "token or a user")
	_, err = New(Config{})
	require.ErrorContains(t, err, "log in")
	_, err = NewAccess(nil, true)
	require.NoError(t, err)
}

func TestParseToken(t *testing.T) {
	hash := strings.Repeat("0A", 32)
	token, err := ParseToken("read, replay", hash, "monitoring at night")
	require.NoError(t, err)
	require.Equal(t, "monitoring at night", token.Name)
	require.Equal(t, "read,replay", token.Scopes.String())
	for _, wrong := range [][2]string{{"", hash}, {"admin", hash}, {"read,", hash}, {"read", ""}, {"read", hash[2:]}, {"read", hash + "00"}, {"read", strings.Repeat("x", 64)}} {
		_, err := ParseToken(wrong[0], wrong[1], "")
		require.Error(t, err, wrong)
		require.NotContains(t, err.Error(), hash, "nothing of what may be a secret")
	}
	for _, wrong := range []string{strings.Repeat("x", 65), "two\nlines", "\x00", "a\u202eb"} {
		_, err := ParseToken("read", hash, wrong)
		require.ErrorContains(t, err, "name", wrong)
	}
}

func TestBrakeOnGuessing(t *testing.T) {
	d := newDesk(t)
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	d.handler.config.Access.now = func() time.Time { return now }
	try := func(token, from string) *reply {
		r := httptest.NewRequest("GET", prefix+"/webhooks", nil)
		r.RemoteAddr = from
		if token != "" {
			r.Header.Set("Authorization", "Bearer "+token)
		}
		return d.send(r)
	}
	for range maxFailures {
		try("", "192.0.2.1:1").is(http.StatusUnauthorized) // no guess
		try("guess", "192.0.2.1:1").is(http.StatusUnauthorized)
	}
	braked := try(tokenAll, "192.0.2.1:2").refused(http.StatusTooManyRequests, "too many")
	require.Equal(t, "60", braked.Header().Get("Retry-After"))
	try(tokenAll, "192.0.2.2:1").is(http.StatusOK)

	now = now.Add(59*time.Second + 500*time.Millisecond)
	require.Equal(t, "1", try(tokenAll, "192.0.2.1:2").is(http.StatusTooManyRequests).Header().Get("Retry-After"))
	now = now.Add(500 * time.Millisecond)
	try(tokenAll, "192.0.2.1:2").is(http.StatusOK)
	try("guess", "192.0.2.1:2").is(http.StatusUnauthorized)
	try(tokenAll, "192.0.2.1:2").is(http.StatusOK)
}

func TestBrakeTakesNetworksOfIPv6AsOne(t *testing.T) {
	client := func(remote string, given ...string) string {
		r := httptest.NewRequest("GET", "/", nil)
		r.RemoteAddr = remote
		if len(given) > 0 {
			r = r.WithContext(WithClientAddress(r.Context(), given[0]))
		}
		return clientOf(r)
	}
	require.Equal(t, client("[2001:db8::1]:1"), client("[2001:db8::ffff:2]:9"))
	require.NotEqual(t, client("[2001:db8::1]:1"), client("[2001:db8:0:1::1]:1"))
	require.Equal(t, "192.0.2.1", client("[::ffff:192.0.2.1]:1"))
	require.Equal(t, "192.0.2.7", client("127.0.0.1:1", "192.0.2.7"))
	require.Equal(t, client("[fe80::1%eth0]:1"), client("[fe80::1%eth1]:1"))
	require.Equal(t, "unknown", client("@"))
}

func TestBrakeRemembersSoMany(t *testing.T) {
	b, now := newBrake(), time.Now()
	for range maxFailures {
		b.failed("persistent", now)
	}
	for i := range 3 * maxGuessers {
		b.failed(time.Duration(i).String(), now)
	}
	require.Len(t, b.guessers, maxGuessers)
	require.Positive(t, b.wait("persistent", now), "those who guess once do not push out who guesses often")
	b.failed("later", now.Add(failureWindow))
	require.Len(t, b.guessers, 1)
}

func FuzzParseAuthorization(f *testing.F) {
	for _, header := range []string{"Bearer x", "Basic YTpi", "basic Og==", "Basic " + strings.Repeat("A", 100), "", " ", "Bearer\tx", "\x00"} {
		f.Add(header)
	}
	a, err := NewAccess([]Token{tokenOf("the token", Read)}, false)
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, header string) {
		token, ok := parseAuthorization([]string{header})
		require.Equal(t, ok, token != "")
		if _, known := a.lookup(token); known {
			require.Equal(t, "the token", token)
		}
	})
}
