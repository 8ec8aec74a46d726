package request

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestOnlySafeMethodsWithoutOverrideOnlyRead(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		method, target, header string
		reads                  bool
	}{
		"GET":                           {"GET", "/a", "", true},
		"HEAD":                          {"HEAD", "/a?x=1", "", true},
		"OPTIONS":                       {"OPTIONS", "/a", "", true},
		"POST":                          {"POST", "/a", "", false},
		"a method nobody knows":         {"FROB", "/a", "", false},
		"get is not GET":                {"get", "/a", "", false},
		"GET with an override header":   {"GET", "/a", "X-HTTP-Method-Override", false},
		"GET with an override in CGI":   {"GET", "/a", "X_HTTP_METHOD_OVERRIDE", false},
		"GET with _method":              {"GET", "/a?_method=PUT", "", false},
		"GET with _method, in disguise": {"GET", "/a?%5fMethod=PUT", "", false},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := httptest.NewRequestWithContext(t.Context(), c.method, c.target, nil)
			if c.header != "" {
				r.Header[c.header] = []string{"DELETE"}
			}
			require.Equal(t, c.reads, OnlyReads(r))
		})
	}
}

func TestMethodsAreWrittenInCapitals(t *testing.T) {
	t.Parallel()
	for method, status := range map[string]int{
		"POST": 0, "M-SEARCH": 0, "FROB": 0, "CONNECT": 400, "post": 400, "Post": 400, "pOST": 400,
	} {
		r := httptest.NewRequestWithContext(t.Context(), method, "/a", nil)
		problem := CheckMethod(r)
		if status == 0 {
			require.Nil(t, problem, method)
			continue
		}
		require.Equal(t, status, problem.Status, method)
	}
}

func BenchmarkOnlyReads(b *testing.B) {
	r := httptest.NewRequestWithContext(b.Context(), http.MethodGet, "/api/objects/a/b?x=1", nil)
	r.Header = http.Header{"Accept": {"*/*"}, "User-Agent": {"x"}, "Host": {"y"}, "Accept-Encoding": {"gzip"}}
	b.ReportAllocs()
	for b.Loop() {
		if !OnlyReads(r) {
			b.Fatal("a GET reads")
		}
	}
}
