package event

import (
	"context"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestExpressionErrorsHaveAPosition(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		change func(*Rule)
		field  string
		line   int
		column int
		detail string
	}{
		{func(r *Rule) { r.When = "1 +" }, "when", 1, 4, "Syntax error"},
		{func(r *Rule) { r.When = "true &&\n  request.metod == 'x'" }, "when", 2, 3, "the variables are request.method"},
		{func(r *Rule) { r.When = "nope" }, "when", 1, 1, "undeclared reference"},
		{func(r *Rule) { r.When = "'a'" }, "when", 1, 1, "gives a string, but must give a bool"},
		{func(r *Rule) { r.When = "params.shema == 'a'" }, "when", 1, 7, `"shema" is not a parameter of the path; its parameters are schema`},
		{func(r *Rule) { r.When = "request.method == 5" }, "when", 1, 16, "no matching overload"},
		{func(r *Rule) { r.When = "request.path.matches('(')" }, "when", 1, 22, "invalid matches argument"},
		{func(r *Rule) { r.When = "event.type == 'x'" }, "when", 1, 1, "undeclared reference"},
		{func(r *Rule) { r.SubjectExpression = "1" }, "subject_expression", 1, 1, "gives a int, but must give a string"},
		{func(r *Rule) { r.DataExpression = "{" }, "data_expression", 1, 2, "Syntax error"},
		{func(r *Rule) { r.DataExpression = "'" + strings.Repeat("x", maxExpression) + "'" }, "data_expression", 0, 0, "longer than"},
	} {
		r := post("/a/{schema}")
		r.Name = "mine"
		test.change(&r)
		_, err := Compile(Config{Rules: []Rule{r}})
		var wrong *ExpressionError
		require.ErrorAs(t, err, &wrong)
		require.Equal(t, "mine", wrong.Rule)
		require.Equal(t, test.field, wrong.Field)
		require.Equal(t, [2]int{test.line, test.column}, [2]int{wrong.Line, wrong.Column}, wrong.Error())
		require.Contains(t, wrong.Detail, test.detail)
		require.Contains(t, err.Error(), `rule "mine": `+test.field)
	}
}

// holds evaluates a condition on a PUT of body to /api/objects/r/s/1?x=1&x=2.
func holds(t *testing.T, expr, body string) (bool, error) {
	t.Helper()
	table := compile(t, Config{Presets: []string{"openregister"}})
	req := request("PUT", "/api/objects/r/s%20t/1", body)
	req.Query = "x=1&x=2&y=%20"
	req.Header.Set("X-Tenant", "a\xff")
	e := before(t, table, req)
	c, err := CompileCondition(expr)
	require.NoError(t, err, expr)
	return c.Eval(e, req.Body)
}

func TestConditions(t *testing.T) {
	t.Parallel()
	const body = `{"n":5,"f":5.0,"big":18446744073709551615,"bigger":123456789012345678901234567890,"huge":1e400,"s":"x","null":null,` +
		`"list":[1,{"a":true}],"@self":{"name":"Felix"},"a.b":1}`
	for expr, want := range map[string]bool{
		`request.method == "PUT"`:                                    true,
		`request.path == "/api/objects/r/s%20t/1"`:                   true,
		`params.schema == "s t" && params["id"] == "1"`:              true,
		`request.query.x == ["1", "2"] && "2" in request.query.x`:    true,
		`request.query["y"][0] == " "`:                               true,
		`"z" in request.query`:                                       false,
		`request.headers["content-type"] == "application/json"`:      true,
		`request.headers["x-tenant"].startsWith("a")`:                true,
		`"authorization" in request.headers`:                         false,
		`request.body.n == 5 && request.body.f == 5`:                 true,
		`request.body.n + 1 == 6`:                                    true,
		`request.body.n > 4.5`:                                       true,
		`request.body.big == 18446744073709551615u`:                  true,
		`request.body.bigger > request.body.big`:                     true,
		`request.body.huge > 1.0e300`:                                true,
		`request.body["null"] == null`:                               true,
		`request.body["@self"].name == "Felix"`:                      true,
		`request.body["a.b"] == 1`:                                   true,
		`request.body.list[1].a`:                                     true,
		`request.body.list.size() == 2`:                              true,
		`has(request.body.nope)`:                                     false,
		`has(request.body.s)`:                                        true,
		`request.body.?nope.deep.orValue(1) == 1`:                    true,
		`request.body.s.upperAscii() == "X"`:                         true,
		`event.type == "object.updating" && event.phase == "before"`: true,
		`event.action == "update" && event.resource == "object"`:     true,
		`event.subject == "object:r/s t/1"`:                          true,
		`event.source == "/apps/openregister"`:                       true,
		`event.time.getMonth() == 0`:                                 true,
		`before == null && after == null && response == null`:        true,
		`false && request.body.nope == 1`:                            false,
	} {
		got, err := holds(t, expr, body)
		require.NoError(t, err, expr)
		require.Equal(t, want, got, expr)
	}
}

func TestConditionsWithoutABody(t *testing.T) {
	t.Parallel()
	got, err := holds(t, `request.body == null`, "")
	require.NoError(t, err)
	require.True(t, got)
	got, err = holds(t, `request.body != null && request.body.x == 1`, "")
	require.NoError(t, err)
	require.False(t, got)
}

func TestWhatCannotBeEvaluatedIsAnErrorWithoutValues(t *testing.T) {
	t.Parallel()
	const body = `{"s":"top-secret","n":5,"list":[1]}`
	for expr, want := range map[string]string{
		`request.body.nope == 1`:                       "no such key: nope",
		`request.body[request.body.s] == 1`:            "no such key",
		`request.body.s > 5`:                           "no such overload",
		`request.body.n`:                               "gives a int, not a bool",
		`int(request.body.s) == 1`:                     "a value is not what the expression expects",
		`timestamp(request.body.s) == event.time`:      "a value is not what the expression expects",
		`request.body.n / 0 == 1`:                      "division by zero",
		`request.body.list[5] == 1`:                    "index out of bounds",
		`request.query.nope == []`:                     "no such key: nope",
		`request.body.s.matches(request.body.s + "(")`: "a value is not what the expression expects",
	} {
		_, err := holds(t, expr, body)
		var failed *EvaluationError
		require.ErrorAs(t, err, &failed, expr)
		require.ErrorContains(t, err, want, expr)
		require.NotContains(t, err.Error(), "secret", expr)
	}
}

func TestEvaluationIsBounded(t *testing.T) {
	t.Parallel()
	body := "[" + strings.Repeat("1,", 500) + "1]"
	const expr = `request.body.all(a, request.body.all(b, request.body.all(c, a + b + c > 0)))`
	_, err := holds(t, expr, body)
	require.ErrorContains(t, err, "cost limit exceeded")

	c, err := CompileCondition(`request.body.all(a, request.body.all(b, a + b > 0))`)
	require.NoError(t, err)
	ctx, cancel := context.WithCancelCause(t.Context())
	cause := context.Canceled
	cancel(cause)
	_, err = c.program.evalBool(ctx, before(t, compile(t, Config{Rules: []Rule{post("/a")}}), request("POST", "/a", body)), []byte(body))
	require.ErrorIs(t, err, cause)
}

func TestConditionSeesTheCurrentBody(t *testing.T) {
	t.Parallel()
	c, err := CompileCondition(`request.body.n == 1`)
	require.NoError(t, err)
	e := before(t, compile(t, Config{Rules: []Rule{post("/a")}}), request("POST", "/a", `{"n":1}`))
	buffer := []byte(`{"n":1}`)
	for _, digit := range []byte("121") {
		buffer[5] = digit // as a pooled buffer does
		got, err := c.Eval(e, buffer)
		require.NoError(t, err)
		require.Equal(t, digit == '1', got)
	}
}

func TestConditionOnAnEventThatNoTableMade(t *testing.T) {
	t.Parallel()
	c, err := CompileCondition(`event.type == "x" && params.size() == 0 && request.headers.size() == 0`)
	require.NoError(t, err)
	got, err := c.Eval(&Event{Type: Type{Name: "x"}, Request: &Request{}}, nil)
	require.NoError(t, err)
	require.True(t, got)
}

func FuzzCompileCondition(f *testing.F) {
	for _, expr := range []string{`request.body.x == 1`, `params.a`, `has(request.body.x)`, `request.body.all(a, a > 1)`, `{`, `event.time`} {
		f.Add(expr, `{"x":1e400,"y":[null]}`)
	}
	table := compile(f, Config{Rules: []Rule{post("/a")}})
	f.Fuzz(func(t *testing.T, expr, body string) {
		c, err := CompileCondition(expr)
		if err != nil {
			return
		}
		_, _ = c.Eval(before(t, table, request("POST", "/a", "")), []byte(body))
	})
}

func BenchmarkCondition(b *testing.B) {
	c, err := CompileCondition(`request.body["@self"].name == "Felix" && params.id == "1"`)
	require.NoError(b, err)
	table := compile(b, Config{Presets: []string{"openregister"}})
	req := request("PUT", "/api/objects/r/s/1", `{"@self":{"name":"Felix"},"age":5}`)
	m, _ := table.Match(req.Method, req.Path)
	b.ReportAllocs()
	for b.Loop() {
		e, _, _ := m.Before(req)
		if ok, err := c.Eval(e, req.Body); !ok || err != nil {
			b.Fatal(ok, err)
		}
	}
}
