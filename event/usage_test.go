package event

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// TestOnlyWhatIsNamedIsGot: an image, an answer or a lookup that no expression names costs nothing.
func TestOnlyWhatIsNamedIsGot(t *testing.T) {
	t.Parallel()
	known := names{params: []string{"id"}, lookups: []string{"a", "b"}, settings: []string{"s"}}
	for expr, want := range map[string]struct {
		uses    usage
		fetches []string
	}{
		`true`:                                     {0, nil},
		`request.path + params.id == ""`:           {0, nil},
		`request.body == null`:                     {usesBody, nil},
		`has(before.x)`:                            {usesBefore, nil},
		`[1].exists(i, after.n == i)`:              {usesAfter, nil},
		`response.body.n == 1`:                     {usesAfter, nil},
		`response.status == 200`:                   {usesResponse, nil},
		`"etag" in response.headers`:               {usesResponse, nil},
		`response == null`:                         {usesResponse | usesAfter, nil},
		`public_url == ""`:                         {usesLinks, nil},
		`fetched.a.x == 1`:                         {usesFetched, []string{"a"}},
		`fetched["b"] == fetched.?a.orValue(1)`:    {usesFetched, []string{"b", "a"}},
		`fetched.a == 1 || fetched.a == 2`:         {usesFetched, []string{"a"}},
		`cel.bind(k, fetched.b, k.x == k.y)`:       {usesFetched, []string{"b"}},
		`request.body.before == "response.status"`: {usesBody, nil},
		`settings.s == 1`:                          {0, nil},
	} {
		p, err := compileProgram("when", expr, resultBool, scopeAfter, known)
		require.NoError(t, err, expr)
		require.Equal(t, want.uses, p.uses, expr)
		require.Equal(t, want.fetches, p.fetches, expr)
	}
}

// TestNamesThatThereAreNot are found when the configuration is loaded, however they are written.
func TestNamesThatThereAreNot(t *testing.T) {
	t.Parallel()
	known := names{params: []string{"id"}, lookups: []string{"a"}}
	for expr, want := range map[string]string{
		`params.x == ""`:                       `when: line 1, column 7: "x" is not a parameter of the path; its parameters are id`,
		`params["x"] == ""`:                    `"x" is not a parameter of the path`,
		`params.?x.hasValue()`:                 `"x" is not a parameter of the path`,
		`params[?"x"].hasValue()`:              `"x" is not a parameter of the path`,
		`has(params.x)`:                        `"x" is not a parameter of the path`,
		"true &&\n  params.x == params.y":      `when: line 2, column 9: "x" is not a parameter`,
		`settings.s == 1`:                      `"s" is not a setting of the rule; it has none`,
		`fetched.b == 1`:                       `"b" is not a lookup of the action; its lookups are a`,
		`fetched == {}`:                        `name the lookup: fetched.<name>`,
		`fetched.a == 1 && fetched.size() > 0`: `name the lookup: fetched.<name>`,
		`fetched[params.id] == 1`:              `name the lookup: fetched.<name>`,
	} {
		_, err := compileProgram("when", expr, resultBool, scopeAfter, known)
		require.ErrorContains(t, err, want, expr)
	}
	_, err := CompileCondition(`params.whatever == ""`)
	require.NoError(t, err, "a webhook's condition is for the events of all rules")
}
