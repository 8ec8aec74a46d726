package apply

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestParseOperations(t *testing.T) {
	t.Parallel()
	operations, err := parseOperations([]byte(` [ {"op":"add","path":"/a~1b/~01","value": [1] ,"more":{}}, {"p\u0061th":"/","\u006fp":"mo\u0076e","from":""} ] `))
	require.EqualError(t, err, `operation 1 (move "/"): a value cannot be moved into itself`)
	require.Empty(t, operations)
	operations, err = parseOperations([]byte(` [ {"op":"add","path":"/a~1b/~01","value": [1] ,"more":{}}, {"p\u0061th":"","\u006fp":"mo\u0076e","from":"/"} ] `))
	require.NoError(t, err)
	require.Equal(t, []operation{
		{op: "add", path: "/a~1b/~01", tokens: []string{"a/b", "~1"}, value: []byte(`[1]`)},
		{op: "move", path: "", from: "/", source: []string{""}},
	}, operations)
	operations, err = parseOperations([]byte(`[]`))
	require.NoError(t, err)
	require.Empty(t, operations)
}

// TestMalformedOperations has patches that are refused before anything is done, each behind a good operation.
func TestMalformedOperations(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ patch, want string }{
		{`{"op":"move","from":"/o","path":"/o/x"}`, `operation 1 (move "/o/x"): a value cannot be moved into itself`},
		{`{"op":"move","from":"","path":"/o"}`, `operation 1 (move "/o"): a value cannot be moved into itself`},
		{`{"op":"copy","from":"o","path":"/x"}`, `operation 1 (copy "/x"): from is not a JSON pointer`},
		{`{"op":"move","from":"/~","path":"/x"}`, `operation 1 (move "/x"): from is not a JSON pointer`},
		{`{"op":"copy","path":"/x"}`, `operation 1 (copy "/x"): a member is missing or not a string`},
		{`{"op":"copy","from":null,"path":"/x"}`, `operation 1 (copy "/x"): a member is missing or not a string`},
		{`{"op":"add","path":"o","value":1}`, `operation 1 (add "o"): not a JSON pointer`},
		{`{"op":"add","path":"/~2","value":1}`, `operation 1 (add "/~2"): not a JSON pointer`},
		{`{"op":"add","path":"#/a","value":1}`, `operation 1 (add "#/a"): not a JSON pointer`},
		{`{"op":"add","path":"/o"}`, `operation 1 (add "/o"): a member is missing or not a string`},
		{`{"op":"replace","path":"/o","Value":1}`, `operation 1 (replace "/o"): a member is missing or not a string`},
		{`{"op":"test","path":"/o"}`, `operation 1 (test "/o"): a member is missing or not a string`},
		{`{"op":"remove","path":""}`, `operation 1 (remove ""): the whole document cannot be removed`},
		{`{"op":"remove","path":["a"]}`, `operation 1 (remove ""): a member is missing or not a string`},
		{`{"op":"add","value":1}`, `operation 1 (add ""): a member is missing or not a string`},
		{`{"op":1,"path":"","value":1}`, `operation 1 ( ""): a member is missing or not a string`},
		{`{"path":"","value":1}`, `operation 1 ( ""): a member is missing or not a string`},
		{`{"op":"ADD","path":"/o","value":1}`, `operation 1 (unknown "/o"): unknown operation`},
		{`{"op":"","path":"/o","value":1}`, `operation 1 ( "/o"): unknown operation`},
		{`5`, `operation 1 ( ""): a member is missing or not a string`},
		{`[{"op":"remove","path":"/a"}]`, `operation 1 ( ""): a member is missing or not a string`},
		{`{"op":"add","path":"x` + strings.Repeat("é", 500) + `","value":1}`, `operation 1 (add "x` + strings.Repeat("é", 127) + `..."): not a JSON pointer`},
		{strings.Repeat(`{"op":"test","path":"","value":1},`, MaxOperations-1) + `1`, `patch: the patch asks for too much: it has more than 1000 operations`},
	} {
		_, err := apply(t, plan(t, JSONPatch), `{"a":1}`, `{"data":[{"op":"remove","path":"/missing"},`+test.patch+`]}`)
		var failure *PatchError
		require.ErrorAs(t, err, &failure)
		require.EqualError(t, err, test.want)
		require.False(t, failure.Failed)
	}
}
