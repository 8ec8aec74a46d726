package apply

import (
	"fmt"
	"strings"
	"testing"
	"time"

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
		{
			"A.6", `{"foo":{"bar":"baz","waldo":"fred"},"qux":{"corge":"grault"}}`, `[{"op":"move","from":"/foo/waldo","path":"/qux/thud"}]`,
			`{"foo":{"bar":"baz"},"qux":{"corge":"grault","thud":"fred"}}`,
		},
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
		{`{"op":"add","path":"/n/new","value":1.10}`, ` {"a":1.10,"big":12345678901234567890,"e":1e400,"n":{"z":1,"y":[1.0,{"q" : "<&>"}],"x":null,"new":1.10}}`, "/n/new"},
		{
			`{"op":"test","path":"/n/y","value":[1,{"q":"<\u0026>"}]},{"op":"remove","path":"/n/z"}`,
			` {"a":1.10,"big":12345678901234567890,"e":1e400,"n":{"y":[1.0,{"q" : "<&>"}],"x":null}}`, "/n/z",
		},
		{`{"op":"move","from":"/n/y/0","path":"/a"}`, ` {"a":1.0,"big":12345678901234567890,"e":1e400,"n":{"z":1,"y":[{"q" : "<&>"}],"x":null}}`, "/n/y/0 /a"},
		{`{"op":"copy","from":"/e","path":"/n"}`, ` {"a":1.10,"big":12345678901234567890,"e":1e400,"n":1e400}`, "/n"},
		{`{"op":"replace","path":"","value":[1e0]}`, ` [1e0]`, ""},
		{
			`{"op":"add","path":"/x","value":{}},{"op":"test","path":"/x","value":{}},{"op":"add","path":"/x/y","value":2},{"op":"test","path":"/x/y","value":2.0}`,
			` {"a":1.10,"big":12345678901234567890,"e":1e400,"n":{"z":1,"y":[1.0,{"q" : "<&>"}],"x":null},"x":{"y":2}}`, "/x /x/y",
		},
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

// TestJSONPatchKeepsBytes has whitespace around everything that is changed.
func TestJSONPatchKeepsBytes(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ doc, patch, want string }{
		{` { "a" : 1 , "b" : 2 , "c" : 3 } `, `{"op":"remove","path":"/a"}`, ` { "b" : 2 , "c" : 3 } `},
		{` { "a" : 1 , "b" : 2 , "c" : 3 } `, `{"op":"remove","path":"/b"}`, ` { "a" : 1 , "c" : 3 } `},
		{` { "a" : 1 , "b" : 2 , "c" : 3 } `, `{"op":"remove","path":"/c"}`, ` { "a" : 1 , "b" : 2 } `},
		{` { "a" : 1 } `, `{"op":"remove","path":"/a"}`, ` {  } `},
		{` { "a" : 1 } `, `{"op":"add","path":"/b","value": [ 2 ] }`, ` { "a" : 1,"b":[ 2 ] } `},
		{` { "a" : 1 } `, `{"op":"add","path":"/a","value": [ 2 ] }`, ` { "a" : [ 2 ] } `},
		{` { } `, `{"op":"add","path":"/\"\u0000/","value":2}`, ``},
		{` { } `, `{"op":"add","path":"/\"\u0000","value":2}`, ` {"\"\u0000":2 } `},
		{` [ 1 , 2 , 3 ] `, `{"op":"remove","path":"/0"}`, ` [ 2 , 3 ] `},
		{` [ 1 , 2 , 3 ] `, `{"op":"remove","path":"/1"}`, ` [ 1 , 3 ] `},
		{` [ 1 , 2 , 3 ] `, `{"op":"remove","path":"/2"}`, ` [ 1 , 2 ] `},
		{` [ 1 ] `, `{"op":"remove","path":"/0"}`, ` [  ] `},
		{` [ 1 , 2 ] `, `{"op":"add","path":"/0","value":9}`, ` [ 9,1 , 2 ] `},
		{` [ 1 , 2 ] `, `{"op":"add","path":"/1","value":9}`, ` [ 1,9 , 2 ] `},
		{` [ 1 , 2 ] `, `{"op":"add","path":"/2","value":9}`, ` [ 1 , 2,9 ] `},
		{` [ 1 , 2 ] `, `{"op":"add","path":"/-","value":9}`, ` [ 1 , 2,9 ] `},
		{` [ ] `, `{"op":"add","path":"/-","value":9}`, ` [9 ] `},
		{` [ ] `, `{"op":"add","path":"/0","value":9}`, ` [9 ] `},
		{` [ 1 , [ 2 , { "x" : 3.0 } ] ] `, `{"op":"replace","path":"/1/1/x","value":3.10}`, ` [ 1 , [ 2 , { "x" : 3.10 } ] ] `},
		{` { "a" : [ 1e400 , 2 ] , "b" : { } } `, `{"op":"move","from":"/a/0","path":"/b/x"}`, ` { "a" : [ 2 ] , "b" : {"x":1e400 } } `},
		{` { "a" : { "x" : 1.0 } , "b" : [ 1 ] } `, `{"op":"copy","from":"/a","path":"/b/0"}`, ` { "a" : { "x" : 1.0 } , "b" : [ { "x" : 1.0 },1 ] } `},
		{` { "a" : 1 , "b" : 2 } `, `{"op":"move","from":"/a","path":"/b"}`, ` { "b" : 1 } `},
		{` { "a" : 1 , "b" : 2 } `, `{"op":"move","from":"/a","path":"/c"}`, ` { "b" : 2,"c":1 } `},
		{` [ 1 , 2 , 3 ] `, `{"op":"move","from":"/2","path":"/0"}`, ` [ 3,1 , 2 ] `},
		{` { "a" : 1 } `, `{"op":"move","from":"/a","path":""}`, ` 1 `},
		{` { "a" : 1 } `, `{"op":"copy","from":"","path":"/b"}`, ` { "a" : 1,"b":{ "a" : 1 } } `},
		{` 5 `, `{"op":"replace","path":"","value":{"a":1}}`, ` {"a":1} `},
		{` {"a\/b":1, "\u007e":{"":{"":2}}} `, `{"op":"replace","path":"/a~1b","value":3},{"op":"replace","path":"/~0//","value":4}`, ` {"a\/b":3, "\u007e":{"":{"":4}}} `},
	} {
		result, err := apply(t, plan(t, JSONPatch), test.doc, `{"data":[`+test.patch+`]}`)
		if test.want == "" {
			require.ErrorIs(t, err, ErrNoValue)
			continue
		}
		require.NoError(t, err, test.patch)
		require.Equal(t, test.want, string(result.Body), "%s %s", test.doc, test.patch)
	}
}

// TestJSONPatchEmptyNames has what the library that this package had before did wrong without a word.
func TestJSONPatchEmptyNames(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ doc, patch, want string }{
		{`{"a":1}`, `{"op":"move","from":"/a","path":"//"}`, ``},
		{`{"a":1}`, `{"op":"remove","path":"//a"}`, ``},
		{`{"a":1}`, `{"op":"replace","path":"/","value":2}`, ``},
		{`{"a":1}`, `{"op":"add","path":"/","value":2}`, `{"a":1,"":2}`},
		{`{"a":1,"":{"":{"a":3}}}`, `{"op":"move","from":"/a","path":"//"}`, `{"":{"":1}}`},
		{`{"a":1,"":{"a":{"a":3}}}`, `{"op":"remove","path":"//a"}`, `{"a":1,"":{}}`},
	} {
		result, err := apply(t, plan(t, JSONPatch), test.doc, `{"data":[`+test.patch+`]}`)
		if test.want == "" {
			require.ErrorIs(t, err, ErrNoValue, test.patch)
			continue
		}
		require.NoError(t, err, test.patch)
		require.Equal(t, test.want, string(result.Body), test.patch)
	}
}

func TestJSONPatchErrors(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ patch, want string }{
		{`{"op":"remove","path":"/missing"}`, `operation 0 (remove "/missing"): no such value`},
		{`{"op":"add","path":"/x","value":1},{"op":"remove","path":"/a"},{"op":"remove","path":"/y"},{"op":"add","path":"/z","value":1}`, `operation 2 (remove "/y"): no such value`},
		{`{"op":"replace","path":"/missing","value":1}`, `operation 0 (replace "/missing"): no such value`},
		{`{"op":"test","path":"/missing","value":null}`, `operation 0 (test "/missing"): no such value`},
		{`{"op":"test","path":"/a/b","value":null}`, `operation 0 (test "/a/b"): no such value`},
		{`{"op":"add","path":"/x","value":1},{"op":"test","path":"/a","value":12345678901234567891}`, `operation 1 (test "/a"): the value is another one`},
		{`{"op":"add","path":"/l/-1","value":1}`, `operation 0 (add "/l/-1"): not an index of an array`},
		{`{"op":"add","path":"/l/01","value":1}`, `operation 0 (add "/l/01"): not an index of an array`},
		{`{"op":"test","path":"/l/00","value":1}`, `operation 0 (test "/l/00"): not an index of an array`},
		{`{"op":"replace","path":"/l/1e0","value":1}`, `operation 0 (replace "/l/1e0"): not an index of an array`},
		{`{"op":"add","path":"/l/","value":1}`, `operation 0 (add "/l/"): not an index of an array`},
		{`{"op":"add","path":"/l/99999999999999999999","value":1}`, `operation 0 (add "/l/99999999999999999999"): not an index of an array`},
		{`{"op":"add","path":"/l/4","value":1}`, `operation 0 (add "/l/4"): no such value`},
		{`{"op":"add","path":"/l/3/x","value":1}`, `operation 0 (add "/l/3/x"): no such value`},
		{`{"op":"add","path":"/l/-/x","value":1}`, `operation 0 (add "/l/-/x"): no such value`},
		{`{"op":"replace","path":"/l/3","value":1}`, `operation 0 (replace "/l/3"): no such value`},
		{`{"op":"replace","path":"/l/-","value":1}`, `operation 0 (replace "/l/-"): no such value`},
		{`{"op":"remove","path":"/l/-"}`, `operation 0 (remove "/l/-"): no such value`},
		{`{"op":"remove","path":"/l/-1"}`, `operation 0 (remove "/l/-1"): not an index of an array`},
		{`{"op":"add","path":"/o/x/y","value":1}`, `operation 0 (add "/o/x/y"): no such value`},
		{`{"op":"add","path":"/a/x","value":1}`, `operation 0 (add "/a/x"): no such value`},
		{`{"op":"copy","from":"/q","path":"/r"}`, `operation 0 (copy "/r"): no such value`},
		{`{"op":"move","from":"/q","path":"/q"}`, `operation 0 (move "/q"): no such value`},
		{`{"op":"move","from":"/l/0","path":"/l/3"}`, `operation 0 (move "/l/3"): no such value`},
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
	require.ErrorIs(t, err, ErrPatchTooLarge)
	require.EqualError(t, err, `operation 16 (copy "/a/x16"): the patch asks for too much: it copies more than 8388608 bytes`)
}

// TestJSONPatchWorkIsBounded has patches of as many operations as are allowed, each as laborious as can be.
func TestJSONPatchWorkIsBounded(t *testing.T) {
	t.Parallel()
	var small, deep, turned strings.Builder
	for small.Len() < 1<<20 {
		small.WriteString(`1,`)
	}
	for i := range 100 {
		deep.WriteString(`{"a":1,"b":` + strings.Repeat(" ", 10_000*(i%2)))
		turned.WriteString(`{"b":`)
	}
	body := `{"l":[` + small.String() + `1],"s":"` + strings.Repeat("x", 1<<20) + `","d":` + deep.String() + `0` + strings.Repeat(`}`, 100) + `,"z":0}`
	for _, operation := range []string{
		`{"op":"replace","path":"/z","value":1}`, `{"op":"test","path":"/l/524287","value":1}`, `{"op":"move","from":"/l/0","path":"/l/-"}`, `{"op":"test","path":"/d","value":` + turned.String() + `0` + strings.Repeat(`,"a":1}`, 100) + `}`,
	} {
		start := time.Now()
		_, err := plan(t, JSONPatch).Apply([]byte(body), []byte(`{"data":[`+strings.Repeat(operation+`,`, MaxOperations-1)+operation+`]}`))
		var failure *PatchError
		require.ErrorAs(t, err, &failure)
		require.ErrorIs(t, err, ErrPatchTooLarge)
		require.ErrorContains(t, err, "are to be read and moved")
		require.Positive(t, failure.Index)
		require.False(t, failure.Failed)
		require.Less(t, time.Since(start), time.Minute)
		t.Log(failure.Index, time.Since(start), operation[:30])
	}
}

func TestManyOperationsHaveRoom(t *testing.T) {
	t.Parallel()
	body := benchBody(1 << 17)
	_, err := apply(t, plan(t, JSONPatch), string(body), `{"data":[`+strings.Repeat(`{"op":"add","path":"/zaak/x","value":[1]},`, MaxOperations-1)+`{"op":"remove","path":"/zaak"}]}`)
	require.NoError(t, err)
}

func TestDepth(t *testing.T) {
	t.Parallel()
	for value, want := range map[string]int{`1`: 0, `"[["`: 0, `{}`: 1, `[[],{"[[[":[]}]`: 3, `{"a":"\"[","b":[1]}`: 2} {
		require.Equal(t, want, depth([]byte(value)), value)
	}
}
