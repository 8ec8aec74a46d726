package event

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// correlated is a rule of a register whose clients number their requests.
func correlated(expression string) Rule {
	r := post("/{register}/requests")
	r.Name, r.Correlate = "requests", expression
	r.Actions["PUT"] = Action{Name: "update"}
	return r
}

// correlate asks where the thing is that a request has made.
func correlate(t *testing.T, r Rule, req *Request) (string, bool, error) {
	t.Helper()
	m, ok := compile(t, Config{Rules: []Rule{r}}).Match(req.Method, req.Path)
	require.True(t, ok)
	return m.Correlate(req)
}

func TestCorrelate(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ expression, body, want string }{
		"by a number of the client's": {
			`request.path + "?externalId=" + urlencode(request.body.externalId)`, `{"externalId":"A 1&x=2/é"}`,
			"/zaken/requests?externalId=A%201%26x%3D2%2F%C3%A9",
		},
		"by an id of the client's":       {`"/" + params.register + "/requests/" + request.body.id`, `{"id":"4f1c"}`, "/zaken/requests/4f1c"},
		"by a header":                    {`request.path + "?key=" + urlencode(request.headers["x-request-id"])`, `{}`, "/zaken/requests?key=r-7"},
		"nothing to go by":               {`has(request.body.id) ? request.path + "/" + request.body.id : ""`, `{}`, ""},
		"an expression of an open type":  {`request.body.self`, `{"self":"/zaken/requests/1"}`, "/zaken/requests/1"},
		"a query with a slash and colon": {`request.body.self`, `{"self":"/requests?url=http://h/1"}`, "/requests?url=http://h/1"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			req := request("POST", "/zaken/requests", test.body)
			req.Header["X-Request-Id"] = []string{"r-7"}
			path, ok, err := correlate(t, correlated(test.expression), req)
			require.NoError(t, err)
			require.Equal(t, test.want, path)
			require.Equal(t, test.want != "", ok)
		})
	}
}

func TestCorrelateIsForPOST(t *testing.T) {
	t.Parallel()
	_, ok, err := correlate(t, correlated(`request.body.id`), request("PUT", "/zaken/requests", `{"id":"/a"}`))
	require.NoError(t, err)
	require.False(t, ok)
	_, ok, err = correlate(t, post("/a"), request("POST", "/a", `{"id":"/a"}`))
	require.NoError(t, err)
	require.False(t, ok, "the rule does not say")
	_, ok, err = correlate(t, correlated(`"/" + request.body.id`), request("post", "/zaken/requests", `{"id":"1"}`))
	require.NoError(t, err)
	require.True(t, ok, "methods compare without regard to case")
}

// TestCorrelateFollowsTheChosenRule: what webhooks make of the body does not change the rule, but is what the register got.
func TestCorrelateFollowsTheChosenRule(t *testing.T) {
	t.Parallel()
	first, second := correlated(`"/first/" + request.body.id`), correlated(`"/second/" + request.body.id`)
	first.When, second.Name = `request.body.id == "1"`, "others"
	table := compile(t, Config{Rules: []Rule{first, second}})
	m, _ := table.Match("POST", "/zaken/requests")
	m, ok, err := m.Choose(request("POST", "/zaken/requests", `{"id":"1"}`))
	require.NoError(t, err)
	require.True(t, ok)
	path, _, err := m.Correlate(request("POST", "/zaken/requests", `{"id":"2"}`))
	require.NoError(t, err)
	require.Equal(t, "/first/2", path)
}

func TestCorrelateRefusesWhatIsNoPath(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]string{
		`"http://elsewhere/a"`: "one slash",
		`"//elsewhere/a"`:      "one slash",
		`"a"`:                  "one slash",
		`"?a=b"`:               "one slash",
		`"/a//b"`:              "empty segment",
		`"/a b"`:               "percent-encoded",
		`"/a\r\nHost: b"`:      "percent-encoded",
		`"/a\u0000"`:           "percent-encoded",
		`"/a\u007f"`:           "percent-encoded",
		`"/é"`:                 "percent-encoded",
		`"/a#b"`:               "percent-encoded",
		`"/a/../b"`:            "more than one",
		`"/a/%2e%2E/b"`:        "more than one",
		`"/a%2fb"`:             "more than one",
		`"/a%zz"`:              "begins no escape",
		`"/` + strings.Repeat("a", maxRegisterPath) + `"`: "longer than 8000 bytes",
		`17`:   "gives a int, not a string",
		`null`: "gives a null_type, not a string",
	} {
		_, ok, err := correlate(t, correlated(`request.body.self`), request("POST", "/zaken/requests", `{"self":`+body+`}`))
		var wrong *EvaluationError
		require.ErrorAs(t, err, &wrong, body)
		require.False(t, ok)
		require.Equal(t, "requests", wrong.Rule)
		require.Equal(t, "correlate", wrong.Field)
		require.ErrorContains(t, err, want, body)
	}
	_, _, err := correlate(t, correlated(`"/" + request.body.id`), request("POST", "/zaken/requests", `{}`))
	require.EqualError(t, err, `evaluating correlate of rule "requests": no such key: id`)
	_, _, err = correlate(t, correlated(`"/" + request.headers["authorization"]`), request("POST", "/zaken/requests", `{}`))
	require.ErrorContains(t, err, "no such key", "credentials are nobody's address")
}

func TestCorrelateIsCheckedWithTheConfiguration(t *testing.T) {
	t.Parallel()
	for expression, want := range map[string]string{
		`request.path + `:           `rule "requests": correlate: line 1, column 16: Syntax error`,
		`request.body == null`:      `rule "requests": correlate: line 1, column 1: gives a bool, but must give a string`,
		`"/a/" + after.id`:          `rule "requests": correlate: line 1, column 9: undeclared reference to 'after' (in container ''); the variables are request.method`,
		`"/a/" + before.id`:         `undeclared reference to 'before'`,
		`response.headers.location`: `undeclared reference to 'response'`,
		`public_url + "/a"`:         `undeclared reference to 'public_url'`,
		`"/a/" + params.id`:         `rule "requests": correlate: line 1, column 15: "id" is not a parameter of the path; its parameters are register`,
		`"/a/" + settings.id`:       `"id" is not a setting of the rule`,
		`urlencode(1)`:              `found no matching overload for 'urlencode'`,
	} {
		_, err := Compile(Config{Rules: []Rule{correlated(expression)}})
		require.ErrorContains(t, err, want, expression)
	}
	r := correlated(`"/a"`)
	delete(r.Actions, "POST")
	_, err := Compile(Config{Rules: []Rule{r}})
	require.EqualError(t, err, `rule "requests": correlate: finds what a POST has created, but the rule has no action for POST`)
}

func TestCorrelateIsLimited(t *testing.T) {
	t.Parallel()
	body := `{"many":[` + strings.Repeat(`0,`, 2000) + `0],"text":"` + strings.Repeat("a", 20_000) + `"}`
	_, _, err := correlate(t, correlated(`"/" + request.body.many.map(i, urlencode(request.body.text))[0]`), request("POST", "/zaken/requests", body))
	require.ErrorContains(t, err, "actual cost limit exceeded")
}
