package apply

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/voorpoort/voorpoort/strictjson"
)

func TestMerge(t *testing.T) {
	t.Parallel()
	p := plan(t, Merge)
	for _, test := range []struct{ name, body, data, want, pointers string }{
		{
			"OR-28", `{"@self":{"title":"My Object","description":"d"}}`, `{"@self":{"validated":true,"enrichedField":"value"}}`,
			`{"@self":{"title":"My Object","description":"d","validated":true,"enrichedField":"value"}}`, "/@self/validated /@self/enrichedField",
		},
		{"OR-29", `{"a":1,"b":{"c":1,"d":[1,2]}}`, `{"b":{"c":2,"d":[9]},"e":null}`, `{"a":1,"b":{"c":2,"d":[9]},"e":null}`, "/b/c /b/d /e"},
		{
			"untouched bytes", "{ \"z\" : 1e400,\n\t\"n\":12345678901234567890 ,\"q\":\"\\u00e9\\/<\", \"a\":{ \"b\":1.10 , \"c\" : 2 } }", `{"a":{"c":3.00}}`,
			"{ \"z\" : 1e400,\n\t\"n\":12345678901234567890 ,\"q\":\"\\u00e9\\/<\", \"a\":{ \"b\":1.10 , \"c\" : 3.00 } }", "/a/c",
		},
		{"patch spelling", `{"a":1}`, `{"a":1.10e2,"b": { "c" : [ 1 ] }}`, `{"a":1.10e2,"b":{ "c" : [ 1 ] }}`, "/a /b"},
		{"into an empty object", ` { } `, `{"a":1,"b":2}`, ` {"a":1,"b":2 } `, "/a /b"},
		{"into an empty inner object", `{"x":{},"y":[]}`, `{"x":{"a":{"b":1}},"y":{}}`, `{"x":{"a":{"b":1}},"y":{}}`, "/x/a /y"},
		{"before whitespace", "{\n  \"a\": 1\n}", `{"b":2}`, "{\n  \"a\": 1,\"b\":2\n}", "/b"},
		{"object onto scalar", `{"a":5,"b":null,"c":[1]}`, `{"a":{"x":1},"b":{"y":null},"c":{}}`, `{"a":{"x":1},"b":{"y":null},"c":{}}`, "/a /b /c"},
		{"scalar onto object", `{"a":{"x":1}}`, `{"a":5}`, `{"a":5}`, "/a"},
		{"null sets", `{"a":{"x":1}}`, `{"a":{"x":null},"b":null}`, `{"a":{"x":null},"b":null}`, "/a/x /b"},
		{"array replaces", `{"a":[1,2,3]}`, `{"a":[1,2]}`, `{"a":[1,2]}`, "/a"},
		{"escaped names are names", `{"\u0061":1,"a\/b":{"~":2}}`, `{"a":3,"a/b":{"\u007e":4}}`, `{"\u0061":3,"a\/b":{"~":4}}`, "/a /a~1b/~0"},
		{"names that look like syntax", `{"@this":1,"#":{"*":2},"a.b":3,"":4}`, `{"#":{"*":5,"?":6},"a.b":7,"":8}`, `{"@this":1,"#":{"*":5,"?":6},"a.b":7,"":8}`, "/#/* /#/? /a.b /"},
		{
			"deep then next", `{"a":{"b":{"c":{"d":1,"e":[{}]},"f":2},"g":3},"h":{"i":4,"j":5}}`, `{"a":{"b":{"c":{"d":9}}},"h":{"i":8}}`,
			`{"a":{"b":{"c":{"d":9,"e":[{}]},"f":2},"g":3},"h":{"i":8,"j":5}}`, "/a/b/c/d /h/i",
		},
		{"other order", `{"a":1,"b":{"x":1,"y":2},"c":3}`, `{"c":4,"b":{"y":5,"x":6},"a":7}`, `{"a":7,"b":{"x":6,"y":5},"c":4}`, "/a /b/x /b/y /c"},
		{
			"equal members stay as they are", `{"a":1.10,"b":{"x":1,"y":"é"},"c":[1,{"p":1,"q":2}]}`, `{"a":1.1,"b":{"y":"\u00e9","x":1e0},"c":[1.0,{"q":2,"p":1}],"d":1}`,
			`{"a":1.10,"b":{"x":1,"y":"é"},"c":[1,{"p":1,"q":2}],"d":1}`, "/d",
		},
	} {
		result, err := apply(t, p, test.body, `{"status":"modified","data":`+test.data+`}`)
		require.NoError(t, err, test.name)
		require.Equal(t, test.want, string(result.Body), test.name)
		require.Equal(t, test.pointers, strings.Join(result.Pointers, " "), test.name)
		require.True(t, result.Changed, test.name)
		once := result.Body
		result, err = p.Apply(once, []byte(`{"data":`+test.data+`}`))
		require.NoError(t, err)
		require.False(t, result.Changed, "%s: the second time", test.name)
	}
}

func TestMergeWithoutChange(t *testing.T) {
	t.Parallel()
	for _, data := range []string{
		`{}`, ` { } `, `{"a":{}}`, `{"a":{"b":1}}`, `{"a":{"b":1.0,"c":[1,2e0]},"d":"\u0078"}`, `{"e":12345678901234567890}`, `{"f":10e399}`,
	} {
		result, err := apply(t, plan(t, Merge), `{"a":{"b":1,"c":[1,2]},"d":"x","e":12345678901234567890,"f":1e400}`, `{"data":`+data+`}`)
		require.NoError(t, err)
		require.False(t, result.Changed, data)
	}
	result, err := apply(t, plan(t, Merge), `{"e":12345678901234567890}`, `{"data":{"e":12345678901234567891}}`)
	require.NoError(t, err)
	require.True(t, result.Changed, "no float in between")
}

func TestMergeIntoNoBody(t *testing.T) {
	t.Parallel()
	for _, s := range []Strategy{Merge, MergePatch} {
		result, err := apply(t, plan(t, s), ``, `{"data":{"a":1.10}}`)
		require.NoError(t, err)
		require.Equal(t, Result{Body: []byte(`{"a":1.10}`), Changed: true, Pointers: []string{""}}, result)
		result, err = apply(t, plan(t, s), ``, `{"data":{}}`)
		require.NoError(t, err)
		require.Equal(t, `{}`, string(result.Body))
	}
}

// TestMergeLargeObjects has more members on each side than are compared one by one, and would take minutes if the time
// were quadratic.
func TestMergeLargeObjects(t *testing.T) {
	t.Parallel()
	var body, data strings.Builder
	for i := range 50_000 {
		fmt.Fprintf(&body, `,"member%d":%d`, i, i)
		fmt.Fprintf(&data, `,"member%d":%d`, 99_999-2*i, 99_999-2*i)
	}
	start := time.Now()
	result, err := apply(t, plan(t, Merge), "{"+body.String()[1:]+"}", `{"data":{`+data.String()[1:]+`}}`)
	require.NoError(t, err)
	require.True(t, result.More)
	require.Len(t, result.Pointers, MaxPointers)
	index := strictjson.NewIndex(result.Body)
	defer index.Release()
	require.Equal(t, 75_000, index.Len())
	require.Less(t, time.Since(start), 20*time.Second)
}

// TestMergePatch has the cases of RFC 7396 appendix A, of which the last column says what a null patch does to the
// functions beneath Apply, for which null is no data.
func TestMergePatchAppendixA(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ original, patch, result string }{
		{`{"a":"b"}`, `{"a":"c"}`, `{"a":"c"}`},
		{`{"a":"b"}`, `{"b":"c"}`, `{"a":"b","b":"c"}`},
		{`{"a":"b"}`, `{"a":null}`, `{}`},
		{`{"a":"b","b":"c"}`, `{"a":null}`, `{"b":"c"}`},
		{`{"a":["b"]}`, `{"a":"c"}`, `{"a":"c"}`},
		{`{"a":"c"}`, `{"a":["b"]}`, `{"a":["b"]}`},
		{`{"a":{"b":"c"}}`, `{"a":{"b":"d","c":null}}`, `{"a":{"b":"d"}}`},
		{`{"a":[{"b":"c"}]}`, `{"a":[1]}`, `{"a":[1]}`},
		{`["a","b"]`, `["c","d"]`, `["c","d"]`},
		{`{"a":"b"}`, `["c"]`, `["c"]`},
		{`{"a":"foo"}`, `null`, `null`},
		{`{"a":"foo"}`, `"bar"`, `"bar"`},
		{`{"e":null}`, `{"a":1}`, `{"e":null,"a":1}`},
		{`[1,2]`, `{"a":"b","c":null}`, `{"a":"b"}`},
		{`{}`, `{"a":{"bb":{"ccc":null}}}`, `{"a":{"bb":{}}}`},
	} {
		m := &merger{deleting: true}
		require.True(t, m.run([]byte(test.original), []byte(test.patch)))
		require.Equal(t, test.result, string(m.out), "%s and %s", test.original, test.patch)
		if test.patch != "null" {
			result, err := apply(t, plan(t, MergePatch), test.original, `{"data":`+test.patch+`}`)
			require.NoError(t, err)
			require.Equal(t, test.result, string(result.Body))
		}
	}
}

func TestMergePatchKeepsBytes(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ body, data, want, pointers string }{
		{`{ "a":1 , "b":2 , "c":3 }`, `{"a":null}`, `{ "b":2 , "c":3 }`, "/a"},
		{`{ "a":1 , "b":2 , "c":3 }`, `{"b":null}`, `{ "a":1 , "c":3 }`, "/b"},
		{`{ "a":1 , "b":2 , "c":3 }`, `{"c":null}`, `{ "a":1 , "b":2 }`, "/c"},
		{`{ "a":1 , "b":2 , "c":3 }`, `{"a":null,"b":null}`, `{ "c":3 }`, "/a /b"},
		{`{ "a":1 , "b":2 , "c":3 }`, `{"a":null,"c":null}`, `{ "b":2 }`, "/a /c"},
		{`{ "a":1 , "b":2 , "c":3 }`, `{"a":null,"b":null,"c":null}`, `{  }`, "/a /b /c"},
		{`{ "a":1 , "b":2 , "c":3 }`, `{"a":null,"b":null,"c":null,"d":4}`, `{ "d":4 }`, "/a /b /c /d"},
		{`{ "a":1 , "b":2 }`, `{"a":null,"d":{"x":null,"y":[null]}}`, `{ "b":2,"d":{"y":[null]} }`, "/a /d"},
		{`{"a":{"x":1,"y":2},"b":1e400}`, `{"a":{"x":null,"y":null}}`, `{"a":{},"b":1e400}`, "/a/x /a/y"},
		{`{"a":{"x":1,"y":2},"b":1.10}`, `{"a":{"x":null},"b":null}`, `{"a":{"y":2}}`, "/a/x /b"},
		{`{"a":1,"n":null}`, `{"a":{"p":null,"q":{"r":null,"s":1}},"n":null}`, `{"a":{"q":{"s":1}}}`, "/a /n"},
	} {
		result, err := apply(t, plan(t, MergePatch), test.body, `{"data":`+test.data+`}`)
		require.NoError(t, err)
		require.Equal(t, test.want, string(result.Body), test.data)
		require.Equal(t, test.pointers, strings.Join(result.Pointers, " "), test.data)
	}
	for _, data := range []string{`{"x":null}`, `{"a":{"x":null}}`, `{}`, `{"a":{"b":1.0}}`} {
		result, err := apply(t, plan(t, MergePatch), `{"a":{"b":1},"c":[null]}`, `{"data":`+data+`}`)
		require.NoError(t, err)
		require.False(t, result.Changed, data)
	}
}
