package event

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/voorpoort/voorpoort/strictjson"
)

// dataOf gives the data that an expression makes of a body.
func dataOf(t *testing.T, expr, body string) (string, error) {
	t.Helper()
	r := post("/zaken/{id}")
	r.DataExpression = expr
	table := compile(t, Config{Rules: []Rule{r}})
	req := request("POST", "/zaken/a%20b", body)
	req.Header.Set("Authorization", "Bearer token")
	m, ok := table.Match("POST", req.Path)
	require.True(t, ok)
	e, ok, err := m.Before(req)
	if err != nil {
		require.False(t, ok)
		return "", err
	}
	envelope := e.AppendJSON(nil, req.Body)
	require.NoError(t, strictjson.Check(envelope, 0), "%s", envelope)
	data, ok := strictjson.Get(envelope, "data")
	require.True(t, ok)
	return string(data), nil
}

func TestDataExpression(t *testing.T) {
	t.Parallel()
	const body = `{"n":12345678901234567890,"x":1.50,"s":"<é\u0000>","list":[true,null,-1],"o":{"b":1,"a":2}}`
	for expr, want := range map[string]string{
		`{"zaak": "urn:uuid:" + params.id, "n": request.body.n}`: `{"n":12345678901234567890,"zaak":"urn:uuid:a b"}`,
		`request.body.o`:                         `{"a":2,"b":1}`,
		`request.body.list + [1u, 2.5]`:          `[true,null,-1,1,2.5]`,
		`request.body.x`:                         `1.5`,
		`request.body.s`:                         `"<é\u0000>"`,
		`b"\xff\x00"`:                            `"/wA="`,
		`timestamp("2026-01-02T03:04:05Z")`:      `"2026-01-02T03:04:05Z"`,
		`request.body.?nope`:                     `null`,
		`request.body.?x`:                        `1.5`,
		`null`:                                   `null`,
		`[]`:                                     `[]`,
		`{}`:                                     `{}`,
		`request.headers`:                        `{"content-type":"application/json"}`,
		`request.body == null ? {} : {"a": [1]}`: `{"a":[1]}`,
	} {
		got, err := dataOf(t, expr, body)
		require.NoError(t, err, expr)
		require.Equal(t, want, got, expr)
	}
	for expr, want := range map[string]string{
		`request.body.huge`:      "beyond the range of a double",
		`{1: 2}`:                 "a key that is not a string",
		`duration("1s")`:         "google.protobuf.Duration, which JSON cannot tell",
		`type(1)`:                "which JSON cannot tell",
		`{"a": request.body.no}`: "no such key: no",
	} {
		_, err := dataOf(t, expr, `{"huge":-1e400}`)
		var failed *EvaluationError
		require.ErrorAs(t, err, &failed, expr)
		require.Equal(t, "data_expression", failed.Field)
		require.ErrorContains(t, err, want)
	}
}

func TestSubjectExpression(t *testing.T) {
	t.Parallel()
	r := post("/a")
	r.SubjectExpression = `request.body.id`
	table := compile(t, Config{Rules: []Rule{r}})
	for body, want := range map[string]string{
		`{"id":"zaak-1"}`: "zaak-1", `{"id":"a/b"}`: "a/b", `{"id":""}`: "", `{"id":" "}`: "%20", `{"id":"a\u0007\ufffe"}`: "a%07%EF%BF%BE",
	} {
		require.Equal(t, want, before(t, table, request("POST", "/a", body)).Subject)
	}
	m, _ := table.Match("POST", "/a")
	_, _, err := m.Before(request("POST", "/a", `{"id":5}`))
	require.ErrorContains(t, err, `evaluating subject_expression of rule "#1": the expression gives a int, not a string`)
}
