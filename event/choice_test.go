package event

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestRecall(t *testing.T) {
	t.Parallel()
	one, two := post("/a/{x}"), post("/{y}/{x}")
	one.Name, one.When, two.Name = "one", "false", "two"
	table := compile(t, Config{Rules: []Rule{one, two}})
	for _, name := range []string{"one", "two"} {
		m, ok := table.Recall("POST", "/a/5", name)
		require.True(t, ok, name)
		require.Equal(t, name, m.Rule())
		e, ok, err := m.Before(request("POST", "/a/5", ""))
		require.NoError(t, err)
		require.True(t, ok)
		require.Equal(t, name, e.Rule(), "its condition is not asked again")
		value, _ := e.Param("x")
		require.Equal(t, "5", value)
	}
	for _, wrong := range [][3]string{{"POST", "/a/5", "three"}, {"PUT", "/a/5", "one"}, {"POST", "/a", "one"}, {"", "", ""}} {
		_, ok := table.Recall(wrong[0], wrong[1], wrong[2])
		require.False(t, ok, wrong)
	}
}

func TestChoose(t *testing.T) {
	t.Parallel()
	r := post("/a")
	r.When = "request.body.n == 1"
	table := compile(t, Config{Rules: []Rule{r}})
	m, _ := table.Match("POST", "/a")
	require.Empty(t, m.Rule())
	_, ok, err := m.Choose(request("POST", "/a", `{"n":2}`))
	require.NoError(t, err)
	require.False(t, ok)
	_, ok, err = m.Choose(request("POST", "/a", `{}`))
	require.Error(t, err)
	require.False(t, ok)
	_, err = m.After(t.Context(), answered(request("POST", "/a", `{}`), 200, `{}`))
	var failed *EvaluationError
	require.ErrorAs(t, err, &failed)
	require.Error(t, m.Prepare(t.Context(), answered(request("POST", "/a", `{}`), 0, ``)))
}
