package event

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// TestWhichActionsAreStandard: at the path of one there is the thing itself.
func TestWhichActionsAreStandard(t *testing.T) {
	t.Parallel()
	table := compile(t, Config{Rules: []Rule{
		{Resource: "cat", Path: "/cats/{id}", Actions: map[string]Action{"PUT": {Name: "update"}, "DELETE": {Name: "delete"}}},
		{Resource: "cat", Path: "/cats/{id}/lock", Actions: map[string]Action{"PUT": {Name: "lock", Before: "cat.locking", After: "cat.locked"}}},
	}})
	for path, want := range map[string]bool{"/cats/1": true, "/cats/1/lock": false} {
		m, ok := table.Match("PUT", path)
		require.True(t, ok)
		require.False(t, m.Standard(), "it is not settled which rule decides")
		m, ok, err := m.Choose(request("PUT", path, `{}`))
		require.NoError(t, err)
		require.True(t, ok)
		require.Equal(t, want, m.Standard(), path)
	}
}
