package apply

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/voorpoort/voorpoort/strictjson"
)

// TestJSONPatchAppendixA has the cases of RFC 6902 appendix A; without a result the patch must fail. Case A.13, a
// duplicate member, never comes here: strictjson.Check refuses the answer.
func TestJSONPatchAppendixA(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ name, doc, patch, want string }{
		{"A.1", `{"foo":"bar"}`, `[{"op":"add","path":"/baz","value":"qux"}]`, `{"baz":"qux","foo":"bar"}`},
		{"A.2", `{"foo":["bar","baz"]}`, `[{"op":"add","path":"/foo/1","value":"qux"}]`, `{"foo":["bar","qux","baz"]}`},
		{"A.3", `{"baz":"qux","foo":"bar"}`, `[{"op":"remove","path":"/baz"}]`, `{"foo":"bar"}`},
		{"A.4", `{"foo":["bar","qux","baz"]}`, `[{"op":"remove","path":"/foo/1"}]`, `{"foo":["bar","baz"]}`},
		{"A.5", `{"baz":"qux","foo":"bar"}`, `[{"op":"replace","path":"/baz","value":"boo"}]`, `{"baz":"boo","foo":"bar"}`},
		{"A.6", `{"foo":{"bar":"baz","waldo":"fred"},"qux":{"corge":"grault"}}`, `[{"op":"move","from":"/foo/waldo","path":"/qux/thud"}]`,
			`{"foo":{"bar":"baz"},"qux":{"corge":"grault","thud":"fred"}}`},
		{"A.7", `{"foo":["all","grass","cows","eat"]}`, `[{"op":"move","from":"/foo/1","path":"/foo/3"}]`, `{"foo":["all","cows","eat","grass"]}`},
		{"A.8", `{"baz":"qux","foo":["a",2,"c"]}`, `[{"op":"test","path":"/baz","value":"qux"},{"op":"test","path":"/foo/1","value":2}]`, `{"baz":"qux","foo":["a",2,"c"]}`},
		{"A.9", `{"baz":"qux"}`, `[{"op":"test","path":"/baz","value":"bar"}]`, ``},
		{"A.10", `{"foo":"bar"}`, `[{"op":"add","path":"/child","value":{"grandchild":{}}}]`, `{"foo":"bar","child":{"grandchild":{}}}`},
		{"A.11", `{"foo":"bar"}`, `[{"op":"add","path":"/baz","value":"qux","xyz":123}]`, `{"foo":"bar","baz":"qux"}`},
		{"A.12", `{"foo":"bar"}`, `[{"op":"add","path":"/baz/bat","value":"qux"}]`, ``},
		{"A.14", `{"/":9,"~1":10}`, `[{"op":"test","path":"/~01","value":10}]`, `{"/":9,"~1":10}`},
		{"A.15", `{"/":9,"~1":10}`, `[{"op":"test","path":"/~01","value":"10"}]`, ``},
		{"A.16", `{"foo":["bar"]}`, `[{"op":"add","path":"/foo/-","value":["abc","def"]}]`, `{"foo":["bar",["abc","def"]]}`},
	} {
		result, err := apply(t, plan(t, JSONPatch), test.doc, `{"data":`+test.patch+`}`)
		if test.want == "" {
			var failure *PatchError
			require.ErrorAs(t, err, &failure, test.name)
			continue
		}
		require.NoError(t, err, test.name)
		require.True(t, strictjson.Equal([]byte(test.want), result.Body), "%s: %s", test.name, result.Body)
	}
}

func TestJSONPatch(t *testing.T) {
	t.Parallel()
	const doc = ` {"a":1.10,"big":12345678901234567890,"e":1e400,"n":{"z":1,"y":[1.0,{"q" : "<&>"}],"x":null}}`
	for _, test := range []struct{ patch, want, pointers string }{
		{`{"op":"add","path":"/n/new","value":1.10}`, `{"a":1.10,"big":12345678901234567890,"e":1e400,"n":{"z":1,"y":[1.0,{"q":"<&>"}],"x":null,"new":1.10}}`, "/n/new"},
		{`{"op":"test","path":"/n/y","value":[1,{"q":"<\u0026>"}]},{"op":"remove","path":"/n/z"}`,
			`{"a":1.10,"big":12345678901234567890,"e":1e400,"n":{"y":[1.0,{"q":"<&>"}],"x":null}}`, "/n/z"},
		{`{"op":"move","from":"/n/y/0","path":"/a"}`, `{"a":1.0,"big":12345678901234567890,"e":1e400,"n":{"z":1,"y":[{"q":"<&>"}],"x":null}}`, "/n/y/0 /a"},
		{`{"op":"copy","from":"/e","path":"/n"}`, `{"a":1.10,"big":12345678901234567890,"e":1e400,"n":1e400}`, "/n"},
		{`{"op":"replace","path":"","value":[1e0]}`, `[1e0]`, ""},
		{`{"op":"add","path":"/x","value":{}},{"op":"test","path":"/x","value":{}},{"op":"add","path":"/x/y","value":2},{"op":"test","path":"/x/y","value":2.0}`,
			`{"a":1.10,"big":12345678901234567890,"e":1e400,"n":{"z":1,"y":[1.0,{"q":"<&>"}],"x":null},"x":{"y":2}}`, "/x /x/y"},
	} {
		result, err := apply(t, plan(t, JSONPatch), doc, `{"data":[`+test.patch+`]}`)
		require.NoError(t, err, test.patch)
		require.Equal(t, test.want, string(result.Body), test.patch)
		require.Equal(t, test.pointers, strings.Join(result.Pointers, " "), test.patch)
	}
	for _, patch := range []string{``, `{"op":"test","path":"/a","value":1.1}`, `{"op":"replace","path":"/a","value":11e-1}`, `{"op":"add","path":"/t","value":1},{"op":"remove","path":"/t"}`} {
		result, err := apply(t, plan(t, JSONPatch), doc, `{"data":[`+patch+`]}`)
		require.NoError(t, err, patch)
		require.False(t, result.Changed, patch)
	}
}

func TestJSONPatchErrors(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ patch, want string }{
		{`{"op":"remove","path":"/missing"}`, `operation 0 (remove "/missing"): no such value`},
		{`{"op":"add","path":"/x","value":1},{"op":"remove","path":"/a"},{"op":"remove","path":"/y"},{"op":"add","path":"/z","value":1}`, `operation 2 (remove "/y"): no such value`},
		{`{"op":"replace","path":"/missing","value":1}`, `operation 0 (replace "/missing"): no such value`},
		{`{"op":"test","path":"/missing","value":null}`, `operation 0 (test "/missing"): no such value`},
		{`{"op":"add","path":"/x","value":1},{"op":"test","path":"/a","value":12345678901234567891}`, `operation 1 (test "/a"): the value is another one`},
		{`{"op":"add","path":"/l/-1","value":1}`, `operation 0 (add "/l/-1"): no such value`},
		{`{"op":"add","path":"/l/4","value":1}`, `operation 0 (add "/l/4"): no such value`},
		{`{"op":"remove","path":"/l/-1"}`, `operation 0 (remove "/l/-1"): no such value`},
		{`{"op":"copy","from":"/q","path":"/r"}`, `operation 0 (copy "/r"): no such value`},
		{`{"op":"move","from":"/o","path":"/o/x"}`, `operation 0 (move "/o/x"): a value cannot be moved into itself`},
		{`{"op":"copy","from":"o","path":"/x"}`, `operation 0 (copy "/x"): from: not a JSON pointer`},
		{`{"op":"add","path":"o","value":1}`, `operation 0 (add "o"): not a JSON pointer`},
		{`{"op":"add","path":"/~2","value":1}`, `operation 0 (add "/~2"): not a JSON pointer`},
		{`{"op":"add","path":"/o"}`, `operation 0 (add "/o"): a member is missing or not a string`},
		{`{"op":"copy","path":"/o"}`, `operation 0 (copy "/o"): a member is missing or not a string`},
		{`{"op":"add","value":1}`, `operation 0 (add ""): a member is missing or not a string`},
		{`{"op":1,"path":"","value":1}`, `operation 0 ( ""): a member is missing or not a string`},
		{`{"op":"ADD","path":"/o","value":1}`, `operation 0 (unknown "/o"): unknown operation`},
		{`{"op":"move","from":"/a","path":"//"}`, `operation 0 (move "//"): members whose name is empty are not supported`},
		{`{"op":"copy","from":"//a","path":"/b"}`, `operation 0 (copy "/b"): from: members whose name is empty are not supported`},
		{`5`, `operation 0 ( ""): a member is missing or not a string`},
		{strings.Repeat(`{"op":"test","path":"","value":1},`, MaxOperations) + `1`, `patch: the patch asks for too much`},
		{strings.Repeat(`{"op":"add","path":"/x","value":1},{"op":"test","path":"/x","value":1},`, MaxTestRounds+1) + `1`, `operation 34 ( ""): a member is missing or not a string`},
		{strings.Repeat(`{"op":"add","path":"/x","value":1},{"op":"test","path":"/x","value":1},`, MaxTestRounds) + `{"op":"add","path":"/x","value":1}`, `patch: the patch asks for too much`},
	} {
		_, err := apply(t, plan(t, JSONPatch), `{"a":12345678901234567890,"l":[1,2,3],"o":{}}`, `{"data":[`+test.patch+`]}`)
		var failure *PatchError
		require.ErrorAs(t, err, &failure)
		require.EqualError(t, err, test.want)
		require.Equal(t, failure.Op == "test", failure.Failed)
	}
}

func TestJSONPatchCannotBlowUp(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	for i := range 40 { // Each copy doubles the document.
		fmt.Fprintf(&b, `,{"op":"copy","from":"/a","path":"/a/x%d"}`, i)
	}
	_, err := apply(t, plan(t, JSONPatch), `{"a":{"text":"`+strings.Repeat("x", 100)+`"}}`, `{"data":[`+b.String()[1:]+`]}`)
	var failure *PatchError
	require.ErrorAs(t, err, &failure)
	require.ErrorIs(t, err, ErrPatchTooLarge)
	require.Positive(t, failure.Index)
}
