package event

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestConditionsSeeAllHeadersButDataOnlyTheAllowed(t *testing.T) {
	t.Parallel()
	r := post("/a")
	r.When = `request.headers["authorization"].startsWith("Bearer ")`
	r.DataExpression = `request.headers`
	r.SubjectExpression = `"authorization" in request.headers ? "leak" : "none"`
	table := compile(t, Config{Rules: []Rule{r}})
	req := request("POST", "/a", "{}")
	req.Header = http.Header{"Authorization": {"Bearer token"}, "Accept": {"a", "b"}, "X-Other": {"x"}}
	e := before(t, table, req)
	require.Equal(t, "none", e.Subject)
	require.Contains(t, string(e.AppendJSON(nil, req.Body)), `"data":{"accept":"a, b"}}`)
}

func TestVariablesAreAlwaysText(t *testing.T) {
	t.Parallel()
	r := post("/a/{x}")
	r.DataExpression = `[params.x, request.path, request.query.a[0], request.headers["accept"], request.method]`
	req := request("POST", "/a/\xff", "")
	req.Query, req.Header = "a=\xff", http.Header{"Accept": {"\xff"}}
	e := before(t, compile(t, Config{Rules: []Rule{r}}), req)
	require.Contains(t, string(e.AppendJSON(nil, nil)), "\"data\":[\"\uFFFD\",\"/a/\uFFFD\",\"\uFFFD\",\"\uFFFD\",\"POST\"]}")
}

func TestTheBodyIsDecodedOnlyForThoseWhoName(t *testing.T) {
	t.Parallel()
	for expr, want := range map[string]bool{
		`request.method == "POST"`:           false,
		`request.body == null`:               true,
		`has(request.body.x)`:                true,
		`[1].exists(i, request.body.n == i)`: true,
		`request.path == "request.body"`:     false,
	} {
		p, err := compileProgram("when", expr, resultBool, scopeRule, names{})
		require.NoError(t, err)
		require.Equal(t, want, p.uses&usesBody != 0, expr)
	}
}

func TestTheBodyIsDecodedOnce(t *testing.T) {
	t.Parallel()
	e := before(t, compile(t, Config{Rules: []Rule{post("/a")}}), request("POST", "/a", `{"a":{"b":[1]}}`))
	_, err := e.decode(e.Request.Body)
	require.NoError(t, err)
	first := e.decodedBody.Load()
	_, err = e.decode([]byte(`{"a":{"b":[1]}}`))
	require.NoError(t, err)
	require.Same(t, first, e.decodedBody.Load(), "the same bytes elsewhere are the same body")
	_, err = e.decode([]byte(`{"a":{"b":[2]}}`))
	require.NoError(t, err)
	require.NotSame(t, first, e.decodedBody.Load())
	_, err = e.decode([]byte(`{`))
	require.EqualError(t, err, "the body is not JSON")
}
