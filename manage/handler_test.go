package manage

import (
	"context"
	"crypto/tls"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/voorpoort/voorpoort/delivery"
)

func TestMountedAnywhere(t *testing.T) {
	d := newDesk(t)
	for _, root := range []string{"/api", "/api/v1", prefix, prefix + "/v1", "/a/api/b/api", "/api/api"} {
		d.send(request("GET", root+"/webhooks", "")).is(http.StatusOK)
		d.send(request("GET", root+"/webhooks/"+fixedUUID, "")).is(http.StatusOK)
		d.send(request("GET", root+"/nothing", "")).refused(http.StatusNotFound, "")
	}
	for _, nowhere := range []string{"/api", "/api/", "/api/v1", "/api/v1/", "/api/webhooks/", "/api/webhooks//logs", "/api//webhooks", "/api/webhooks/%zz", "/api/v2/webhooks", "/api/../webhooks"} {
		r := request("GET", "/", "")
		r.URL = &url.URL{Path: nowhere, RawPath: nowhere}
		d.send(r).refused(http.StatusNotFound, "")
	}
}

// An id may look like a part of the path.
func TestIDThatLooksLikeAPath(t *testing.T) {
	d := newDesk(t)
	d.do("GET", "/webhooks/api/logs", "").refused(http.StatusNotFound, "Webhook not found")
	d.do("GET", "/webhooks/a%2Fapi%2Fwebhooks", "").refused(http.StatusNotFound, "Webhook not found")
	d.do("GET", "/webhooks/v1", "").refused(http.StatusNotFound, "Webhook not found")
}

func TestTheRestIsTheDashboards(t *testing.T) {
	page := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusTeapot) })
	d := newDesk(t, func(c *Config) { c.Dashboard = page })
	for _, path := range []string{"/", "/mount/", "/mount/assets/app.js", "/apis/x"} {
		d.send(request("GET", path, "")).is(http.StatusTeapot)
	}
	d.send(request("GET", "/mount/api/x", "")).is(http.StatusNotFound)
	newDesk(t).send(request("GET", "/", "")).refused(http.StatusNotFound, "")
}

func TestEveryAnswerIsProtected(t *testing.T) {
	d := newDesk(t)
	for _, r := range []*http.Request{
		request("GET", prefix+"/webhooks", ""), request("GET", prefix+"/webhooks/9", ""), request("DELETE", prefix+"/webhooks", ""),
		httptest.NewRequest("GET", prefix+"/webhooks", nil), request("GET", "/", ""),
	} {
		header := d.send(r).Header()
		for name, value := range map[string]string{
			"API-Version": "1.0.0", "Cache-Control": "no-store", "X-Content-Type-Options": "nosniff", "X-Frame-Options": "DENY",
			"Content-Security-Policy": "frame-ancestors 'none'", "Referrer-Policy": "no-referrer",
			"Strict-Transport-Security": "", "Access-Control-Allow-Origin": "",
		} {
			require.Equal(t, value, header.Get(name), name)
		}
	}
	r := request("GET", prefix+"/webhooks", "")
	r.TLS = &tls.ConnectionState{}
	require.NotEmpty(t, d.send(r).Header().Get("Strict-Transport-Security"))
}

func TestMethodNotAllowed(t *testing.T) {
	d := newDesk(t)
	for _, one := range []struct{ method, path, allow string }{
		{"DELETE", "/webhooks", "GET, HEAD, POST"},
		{"OPTIONS", "/webhooks/1", "DELETE, GET, HEAD, PATCH, PUT"},
		{"POST", "/webhooks/events", "GET, HEAD"},
		{"GET", "/webhooks/1/test", "POST"},
		{"HEAD", "/webhooks/1/test", "POST"},
		{"TRACE", "/webhooks/logs", "GET, HEAD"},
	} {
		require.Equal(t, one.allow, d.do(one.method, one.path, "").refused(http.StatusMethodNotAllowed, "").Header().Get("Allow"))
	}
}

// HEAD is GET without the body, which net/http leaves out.
func TestHead(t *testing.T) {
	d := newDesk(t)
	server := httptest.NewServer(d.handler)
	defer server.Close()
	get := func(method string) *http.Response {
		r := request(method, server.URL+prefix+"/webhooks", "")
		r.RequestURI = ""
		response, err := server.Client().Do(r)
		require.NoError(t, err)
		t.Cleanup(func() { require.NoError(t, response.Body.Close()) })
		return response
	}
	head, full := get("HEAD"), get("GET")
	require.Equal(t, http.StatusOK, head.StatusCode)
	require.Equal(t, full.ContentLength, head.ContentLength)
	require.Empty(t, drain(t, head.Body))
	require.NotEmpty(t, drain(t, full.Body))
}

func TestOtherSitesCannotChangeAnything(t *testing.T) {
	d := newDesk(t)
	for name, value := range map[string]string{"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example"} {
		r := request("POST", "https://gateway.example"+prefix+"/webhooks", minimal)
		r.Header.Set(name, value)
		d.send(r).refused(http.StatusForbidden, "another site")
	}
	r := request("POST", "https://gateway.example"+prefix+"/webhooks", minimal)
	r.Header.Set("Origin", "https://gateway.example")
	d.send(r).is(http.StatusCreated)
}

// A lease keeps messages from the subscriber, so fetching with one is a change,
// though it is a GET: an image on a page of another site must not take them in
// the name of who looks at it, and HEAD must not take them at all.
func TestOtherSitesCannotLease(t *testing.T) {
	t.Parallel()
	d, lane := officeWithPull(t, 2)
	pull := func(method, query, site string) int {
		r := httptest.NewRequestWithContext(t.Context(), method, pullPath+query, http.NoBody)
		r.Header.Set("Sec-Fetch-Site", site)
		w := httptest.NewRecorder()
		d.handler.ServeHTTP(w, r.WithContext(WithUser(r.Context(), "ann", Read|Write)))
		return w.Code
	}
	for _, refused := range []struct {
		method, query, site string
		status              int
	}{
		{"GET", "?lease=60", "cross-site", http.StatusForbidden},
		{"GET", "?limit=1&lease=60", "same-site", http.StatusForbidden},
		{"HEAD", "?lease=60", "cross-site", http.StatusMethodNotAllowed},
		{"HEAD", "?lease=60", "same-origin", http.StatusMethodNotAllowed},
	} {
		require.Equal(t, refused.status, pull(refused.method, refused.query, refused.site), refused)
	}
	require.Equal(t, "GET", d.do("HEAD", pullPath+"?lease=60", "").header.Get("Allow"))
	for _, site := range []string{"cross-site", "same-origin"} {
		require.Equal(t, http.StatusOK, pull("GET", "", site), "a look changes nothing")
		require.Equal(t, http.StatusOK, pull("HEAD", "?lease=", site))
	}
	leases, _, err := d.store.Lease(t.Context(), lane, 10, time.Now().Add(time.Minute))
	require.NoError(t, err)
	require.Len(t, leases, 2, "nobody has taken any")
	require.Equal(t, http.StatusOK, pull("GET", "?lease=60", "same-origin"))
	require.Equal(t, http.StatusOK, pull("GET", "?lease=60", "none"), "whoever types the address means it")
}

func TestAccept(t *testing.T) {
	d := newDesk(t)
	for accept, status := range map[string]int{
		"": 200, "*/*": 200, "application/*": 200, "application/json; q=0.5": 200, "text/html, application/json": 200,
		"text/html": 406, "application/json;q=0": 406, "application/jsonx": 406, ";;;": 406,
	} {
		r := request("GET", prefix+"/webhooks/events", "")
		r.Header.Set("Accept", accept)
		d.send(r).is(status)
	}
}

func TestBodies(t *testing.T) {
	d := newDesk(t)
	for _, media := range []string{"", "text/plain", "application/x-www-form-urlencoded", "application/merge-patch+json", "json", ";"} {
		r := request("POST", prefix+"/webhooks", minimal)
		r.Header.Set("Content-Type", media)
		d.send(r).refused(http.StatusUnsupportedMediaType, "application/json")
	}
	r := request("POST", prefix+"/webhooks", minimal)
	r.Header.Set("Content-Type", "Application/JSON; charset=utf-8")
	d.send(r).is(http.StatusCreated)

	for _, body := range []string{"{", "[]", `"x"`, "null", `{"name":"a","name":"b"}`, "\ufeff{}", "{} {}", `{"a":"` + "\xff" + `"}`, strings.Repeat(`{"a":`, 99)} {
		require.Equal(t, []string{"#"}, append(d.do("POST", "/webhooks", body).refused(http.StatusBadRequest, "").pointers(), "#")[:1], body)
	}
	large := `{"name":"` + strings.Repeat("x", maxBody) + `"}`
	d.do("POST", "/webhooks", large).refused(http.StatusRequestEntityTooLarge, "1048576")
}

// What fails inside is told to whoever watches the gateway, and not to clients.
func TestFailuresInside(t *testing.T) {
	d := newDesk(t)
	id, _ := d.make(minimal)
	d.failure = errBroken
	broken := d.do("POST", "/webhooks/"+id+"/test", "").refused(http.StatusInternalServerError, "its log")
	require.NotContains(t, broken.Body.String(), "secret")
	require.Len(t, d.reported, 1)
	require.ErrorIs(t, d.reported[0], errBroken)
}

// A store that is away is said to be away, and clients are asked to come again.
// It is no fault of the gateway, which 500 stands for.
func TestAStoreThatIsAway(t *testing.T) {
	t.Parallel()
	var reported error
	d := newOffice(t, func(c *Config) {
		c.Store = brokenStore{c.Store}
		c.Away = func(err error) bool { return errors.Is(err, errBroken) }
		c.Report = func(err error) { reported = err }
	})
	a := d.do("GET", "/api/webhooks/logs", "")
	a.problem(http.StatusServiceUnavailable)
	require.Contains(t, string(a.body), "the store cannot be reached at the moment")
	require.NotContains(t, string(a.body), "secret")
	require.NotEmpty(t, a.header.Get("Retry-After"))
	require.ErrorIs(t, reported, errBroken)
	d.do("GET", "/api/webhooks/9/logs", "").problem(http.StatusNotFound)
}

// brokenStore has a log that cannot be read.
type brokenStore struct{ Store }

func (brokenStore) Attempts(context.Context, delivery.AttemptQuery) ([]delivery.Attempt, uint64, error) {
	return nil, 0, errBroken
}

func TestRoutesAreWellMade(t *testing.T) {
	d := newDesk(t)
	names, operations := map[string]bool{}, map[string]bool{}
	for _, route := range d.handler.routes {
		require.False(t, names[route.Name], "%s twice", route.Name)
		require.False(t, operations[route.Method+route.Pattern], "%s %s twice", route.Method, route.Pattern)
		names[route.Name], operations[route.Method+route.Pattern] = true, true
		require.Regexp(t, `^(/[a-z0-9.-]+|/\{[a-zA-Z]+\})+$`, route.Pattern)
		require.NotEmpty(t, route.Summary, route.Name)
		require.NotEmpty(t, route.Group, route.Name)
		require.NotNil(t, route.Serve, route.Name)
		for _, p := range route.Parameters {
			require.Contains(t, []string{"string", "integer", "boolean", "date-time"}, p.Type, route.Name)
			if !p.Hidden {
				require.Regexp(t, `^[a-z][a-z\d]*([A-Z][a-z\d]*)*$`, p.Name, "API Design Rules core/query-keys-camel-case")
				require.NotEmpty(t, p.Detail, "%s of %s", p.Name, route.Name)
			}
		}
	}
}

func FuzzLocate(f *testing.F) {
	for _, path := range []string{"/api/webhooks", "/x/api/v1/webhooks/1/logs/stats", "/api/api/api", "/api/%2F", "//api//", "/api/webhooks/%2e%2e/logs"} {
		f.Add(path)
	}
	routes := []*route{{Pattern: "/webhooks"}, {Pattern: "/webhooks/{id}"}, {Pattern: "/webhooks/{id}/logs"}, {Pattern: "/healthz", Anywhere: true}}
	f.Fuzz(func(t *testing.T, path string) {
		u, err := url.ParseRequestURI(path)
		if err != nil {
			return
		}
		at := locate(routes, u)
		if at.routes != nil {
			require.True(t, at.api)
			require.Zero(t, len(at.values)%2)
			for i := 1; i < len(at.values); i += 2 {
				require.NotEmpty(t, at.values[i])
			}
		}
	})
}
