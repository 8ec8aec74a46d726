package request

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/require"
)

func headRequest(method, query string, header ...string) *http.Request {
	r := httptest.NewRequest(method, "/api/objects/1/2", http.NoBody)
	r.URL.RawQuery = query
	for i := 0; i < len(header); i += 2 {
		r.Header[header[i]] = append(r.Header[header[i]], header[i+1])
	}
	return r
}

func TestApplyMethodOverride(t *testing.T) {
	t.Parallel()
	const long, short, plain = "X-Http-Method-Override", "X-Http-Method", "X-Method-Override"
	cases := []struct {
		name   string
		method string
		query  string
		header []string
		// The results: "" is a refusal.
		strip, honour, reject string
		left                  string // the query afterwards
	}{
		{name: "none", method: "POST", strip: "POST", honour: "POST", reject: "POST"},
		{name: "an ordinary query", method: "POST", query: "a=1&method=PUT", strip: "POST", honour: "POST", reject: "POST", left: "a=1&method=PUT"},
		{name: "the header", method: "POST", header: []string{long, "PUT"}, strip: "POST", honour: "PUT"},
		{name: "the shorter header", method: "POST", header: []string{short, "patch"}, strip: "POST", honour: "PATCH"},
		{name: "the other header", method: "POST", header: []string{plain, " DELETE "}, strip: "POST", honour: "DELETE"},
		{name: "underscores", method: "POST", header: []string{"X_HTTP_METHOD_OVERRIDE", "PUT"}, strip: "POST", honour: "PUT"},
		{name: "dots", method: "POST", header: []string{"X.http.method", "PUT"}, strip: "POST", honour: "PUT"},
		{name: "the same method", method: "PUT", header: []string{long, "PUT"}, strip: "PUT", honour: "PUT"},
		{name: "not from a POST", method: "GET", header: []string{long, "DELETE"}, strip: "GET"},
		{name: "to an unknown method", method: "POST", header: []string{long, "BREW"}, strip: "POST"},
		{name: "to a reading method", method: "POST", header: []string{long, "GET"}, strip: "POST"},
		{name: "an empty header", method: "POST", header: []string{long, ""}, strip: "POST"},
		{name: "a post in lower case", method: "post", query: "_method=PUT", strip: "post", honour: "PUT"},
		{name: "twice the same", method: "POST", header: []string{long, "PUT", long, "put"}, strip: "POST", honour: "PUT"},
		{name: "two headers that differ", method: "POST", header: []string{long, "PUT", short, "DELETE"}},
		{name: "a list", method: "POST", header: []string{long, "PUT, DELETE"}, strip: "POST"},
		{name: "the parameter", method: "POST", query: "_method=PUT", strip: "POST", honour: "PUT"},
		{name: "between others", method: "POST", query: "b=%20+x&_method=put&&a=%7e", strip: "POST", honour: "PUT", left: "b=%20+x&&a=%7e"},
		{name: "escaped", method: "POST", query: "a=1&%5f%4dethod=%50UT", strip: "POST", honour: "PUT", left: "a=1"},
		{name: "any case", method: "POST", query: "_METHOD=PUT&a", strip: "POST", honour: "PUT", left: "a"},
		{name: "as PHP reads it", method: "POST", query: "+.method=PUT&[method=PUT&_method%00x=PUT", strip: "POST", honour: "PUT"},
		{name: "as a list", method: "POST", query: "_method[]=PUT", strip: "POST", honour: "PUT"},
		{name: "behind a semicolon", method: "POST", query: "a=1;_method=PUT&b=2", strip: "POST", honour: "PUT", left: "a=1&b=2"},
		{name: "before a semicolon", method: "POST", query: "a=1&_method=PUT;b=2", strip: "POST", honour: "PUT", left: "a=1&b=2"},
		{name: "an escape that is none", method: "POST", query: "_method=%zz&a=%zz", strip: "POST", left: "a=%zz"},
		{name: "two that differ", method: "POST", query: "_method=PUT&_method=DELETE"},
		{name: "query against header", method: "POST", query: "_method=PUT", header: []string{long, "DELETE"}},
		{name: "query with header", method: "POST", query: "_method=PUT", header: []string{long, "PUT"}, strip: "POST", honour: "PUT"},
		{name: "not quite the name", method: "POST", query: "_methods=PUT&x_method=PUT&_metho=PUT&%255fmethod=PUT", strip: "POST", honour: "POST", reject: "POST", left: "_methods=PUT&x_method=PUT&_metho=PUT&%255fmethod=PUT"},
	}
	for _, c := range cases {
		for policy, want := range map[Override]string{StripOverride: c.strip, HonourOverride: c.honour, RejectOverride: c.reject} {
			r := headRequest(c.method, c.query, c.header...)
			effective, problem := ApplyMethodOverride(r, policy)
			if want == "" {
				require.NotNil(t, problem, "%s, %s", c.name, policy)
				require.Equal(t, http.StatusBadRequest, problem.Status)
				require.Equal(t, c.method, r.Method)
				continue
			}
			require.Nil(t, problem, "%s, %s", c.name, policy)
			require.Equal(t, want, effective, "%s, %s", c.name, policy)
			require.Equal(t, want, r.Method)
			require.Equal(t, c.left, r.URL.RawQuery, c.name)
			require.False(t, hasOverrideHeader(r.Header))
		}
	}
}

func TestApplyMethodOverrideKeepsTargetsTogether(t *testing.T) {
	t.Parallel()
	r := headRequest("POST", "a=1&_method=PUT")
	_, problem := ApplyMethodOverride(r, StripOverride)
	require.Nil(t, problem)
	require.Equal(t, "/api/objects/1/2?a=1", r.RequestURI)
}

func TestParseOverride(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]Override{"": StripOverride, "strip": StripOverride, "honour": HonourOverride, "reject": RejectOverride} {
		got, err := ParseOverride(name)
		require.NoError(t, err)
		require.Equal(t, want, got)
	}
	_, err := ParseOverride("ignore")
	require.ErrorContains(t, err, "strip, honour, reject")
}

func TestMayOverride(t *testing.T) {
	t.Parallel()
	require.False(t, MayOverride(headRequest("POST", "")))
	r := headRequest("POST", "")
	r.Body = &replay{}
	require.True(t, MayOverride(r))
	r.Method = "post"
	require.True(t, MayOverride(r))
	r.Method = "PUT"
	require.False(t, MayOverride(r))
}

// FuzzTakeParameters: what is left holds no override, and is the query itself
// when there was none.
func FuzzTakeParameters(f *testing.F) {
	f.Add("a=1&_method=PUT;b=2")
	f.Add("&&_method&%5Fmethod=x;;+_method[=")
	f.Fuzz(func(t *testing.T, query string) {
		var found overrides
		rest := found.takeParameters(query)
		require.False(t, hasOverrideParameter(rest), "%q leaves %q", query, rest)
		require.Equal(t, hasOverrideParameter(query), len(found.named) > 0)
		if len(found.named) == 0 {
			require.Equal(t, query, rest)
		}
	})
}

func TestApplyMethodOverrideAllocatesNothing(t *testing.T) {
	r := headRequest("POST", "page=1&filter=%5Fx", "Content-Type", "application/json", "X-Request-Id-Of-Client", "1")
	require.Zero(t, testing.AllocsPerRun(100, func() { _, _ = ApplyMethodOverride(r, StripOverride) }))
}

func BenchmarkApplyMethodOverrideNone(b *testing.B) {
	r := headRequest("POST", "page=1&limit=20&filter=%5Fx",
		"Content-Type", "application/json", "Content-Length", "2048", "Accept", "application/json", "User-Agent", "bench",
		"Accept-Encoding", "gzip", "Authorization", "Bearer x", "X-Forwarded-For", "192.0.2.1", "Cookie", "a=b")
	b.ReportAllocs()
	for b.Loop() {
		if _, problem := ApplyMethodOverride(r, StripOverride); problem != nil {
			b.Fatal(problem)
		}
	}
}
