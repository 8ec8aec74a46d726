package apply

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/voorpoort/voorpoort/strictjson"
)

func TestCompileFields(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ mapping, want string }{
		{"", `strategy "custom" needs a field mapping`},
		{" -> a", `source path "": a step is empty`},
		{"a..b -> a", `source path "a..b": a step is empty`},
		{"a -> ", `target path "": a step is empty`},
		{"a -> a.", `target path "a.": a step is empty`},
		{"a -> data.", `target path "data.": a step is empty`},
		{"a -> x; b -> x", `target paths "x" and "x" are in conflict`},
		{"a -> x; b -> data.x", `target paths "x" and "data.x" are in conflict`},
		{"a -> body.x.y; b -> x", `target paths "body.x.y" and "x" are in conflict`},
		{"a -> x; b -> x.y.z", `target paths "x" and "x.y.z" are in conflict`},
		{"a -> data; b -> body", `target paths "data" and "body" are in conflict`},
	} {
		var fields []Field
		for pair := range strings.SplitSeq(test.mapping, "; ") {
			if from, to, ok := strings.Cut(pair, " -> "); ok {
				fields = append(fields, Field{From: from, To: to})
			}
		}
		_, err := Compile(Custom, fields)
		require.EqualError(t, err, test.want)
	}
	plan(t, Custom, "a -> data", "b -> x.y", "c -> x.z", "d -> body.data", "e -> xy")
}

func TestCustom(t *testing.T) {
	t.Parallel()
	const body = `{"a":1,"b":{"c":1,"d":[1,2]}}`
	for _, test := range []struct{ mapping, body, answer, want, pointers string }{
		{
			"validatedData -> data; metadata -> @self.metadata", body, `{"validatedData":{"a":5},"metadata":{"m":1},"ignored":true}`,
			`{"a":5,"b":{"c":1,"d":[1,2]},"@self":{"metadata":{"m":1}}}`, "/a /@self",
		}, // OR-29
		{"v -> body", body, `{"v":{"b":{"c":2}}}`, `{"a":1,"b":{"c":2,"d":[1,2]}}`, "/b/c"},
		{
			"validatedData -> data; enrichedFields -> @self", `{"a":1,"@self":{"title":"t", "n":1.10}}`, `{"validatedData":{"a":2},"enrichedFields":{"score":1.0}}`,
			`{"a":2,"@self":{"title":"t", "n":1.10,"score":1.0}}`, "/a /@self/score",
		}, // seed 002
		{"v -> b", body, `{"v":{"c":2,"e":{"f":null}}}`, `{"a":1,"b":{"c":2,"d":[1,2],"e":{"f":null}}}`, "/b/c /b/e"},
		{"v -> b.c/~", `{"b":{"c/~": { "x" : {"y":1, "z":2} }}}`, `{"v":{"x":{"y":3}}}`, `{"b":{"c/~": { "x" : {"y":3, "z":2} }}}`, "/b/c~1~0/x/y"},
		{"v -> b.c", body, `{"v":{"x":1}}`, `{"a":1,"b":{"c":{"x":1},"d":[1,2]}}`, "/b/c"},
		{"v -> b", body, `{"v":[1]}`, `{"a":1,"b":[1]}`, "/b"},
		{"v -> b; w -> data; u -> c", body, `{"v":{"c":2},"w":{"b":{"c":3},"c":{"x":0}},"u":{"y":0}}`, `{"a":1,"b":{"c":2,"d":[1,2]},"c":{"x":0,"y":0}}`, "/b/c /c /b/c /c/y"},
		{"v -> data.b.c", body, `{"v":1.10}`, `{"a":1,"b":{"c":1.10,"d":[1,2]}}`, "/b/c"},
		{"v -> body.data", body, `{"v":7}`, `{"a":1,"b":{"c":1,"d":[1,2]},"data":7}`, "/data"},
		{"v -> data.body.x", body, `{"v":7}`, `{"a":1,"b":{"c":1,"d":[1,2]},"body":{"x":7}}`, "/body"},
		{"v -> b.x.y.z", body, `{"v":[]}`, `{"a":1,"b":{"c":1,"d":[1,2],"x":{"y":{"z":[]}}}}`, "/b/x"},
		{"v -> b.x", "{\n  \"b\": { }\n}", `{"v":[]}`, "{\n  \"b\": {\"x\":[] }\n}", "/b/x"},
		{"l.0.n -> a; l.1 -> b.c", body, `{"l":[{"n":"x"},1e400]}`, `{"a":"x","b":{"c":1e400,"d":[1,2]}}`, "/a /b/c"},
		{"v -> a", body, `{"v":null}`, `{"a":null,"b":{"c":1,"d":[1,2]}}`, "/a"},
		{"x -> data; y -> a", body, `{"x":{"a":2},"y":3}`, `{"a":3,"b":{"c":1,"d":[1,2]}}`, "/a /a"},
		{"y -> a; x -> data", body, `{"x":{"a":2},"y":3}`, `{"a":3,"b":{"c":1,"d":[1,2]}}`, "/a /a"},
		{`q"\é -> #|@this`, `{}`, `{"q\"\\\u00e9":1}`, `{"#|@this":1}`, "/#|@this"},
		{`v -> q"`, `{}`, `{"v":1}`, `{"q\"":1}`, `/q"`},
		{"v -> x.y", ``, `{"v":1}`, `{"x":{"y":1}}`, "/x"},
		{"v -> data", ``, `{"v":{"a":1}}`, `{"a":1}`, "/a"},
		{"v -> data", ``, `{"v":{}}`, `{}`, ""},
	} {
		result, err := apply(t, plan(t, Custom, strings.Split(test.mapping, "; ")...), test.body, test.answer)
		require.NoError(t, err, test.mapping)
		if test.pointers == "" {
			require.False(t, result.Changed)
			continue
		}
		require.Equal(t, test.want, string(result.Body), test.mapping)
		require.Equal(t, test.pointers, strings.Join(result.Pointers, " "), test.mapping)
	}
}

func TestCustomWithoutChange(t *testing.T) {
	t.Parallel()
	for mapping, answer := range map[string]string{
		"x.y -> b.c":       `{"x":{}}`, // OR-29
		"x -> b.c":         `{}`,
		"x -> a":           `[1]`,
		"x.0 -> a.b.c":     `{"x":[]}`, // A missing source is no reason to look at the target.
		"x -> b.d":         `{"x":[1.0,2]}`,
		"x -> data":        `{"x":{"b":{"d":[1,2]}}}`,
		"x -> b":           `{"x":{"c":1.0}}`,
		"x -> body.b":      `{"x":{}}`,
		"x -> a; y -> b.c": `{"x":1e0,"y":1}`,
	} {
		result, err := apply(t, plan(t, Custom, strings.Split(mapping, "; ")...), `{"a":1,"b":{"c":1,"d":[1,2]}}`, answer)
		require.NoError(t, err, mapping)
		require.False(t, result.Changed, mapping)
	}
	result, err := apply(t, plan(t, Custom, "x -> data", "y -> a"), `{"a":1}`, `{"x":{"a":2},"y":1}`)
	require.NoError(t, err)
	require.False(t, result.Changed, "there and back again")
}

func TestCustomErrors(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ mapping, body, want string }{
		{"v -> a.x", `{"a":1}`, `path "a.x" leads through a number at "/a"`},
		{"v -> data.a.0", `{"a":[1]}`, `path "data.a.0" leads through an array at "/a"`},
		{"v -> a.b/c.x.y", `{"a":{"b/c":null}}`, `path "a.b/c.x.y" leads through null at "/a/b~1c"`},
		{"v -> a.x", `{"a":"{"}`, `path "a.x" leads through a string at "/a"`},
		{"n -> a; v -> b.x", `{"b":true}`, `path "b.x" leads through a boolean at "/b"`},
		{"n -> data", `{"a":1}`, `"n" must be an object, not a number`},
		{"v -> a", `[{"a":1}]`, `body must be an object, not an array`},
		{"v -> data", `"text"`, `body must be an object, not a string`},
	} {
		_, err := apply(t, plan(t, Custom, strings.Split(test.mapping, "; ")...), test.body, `{"v":{"a":1},"n":5}`)
		require.EqualError(t, err, test.want)
	}
	_, err := apply(t, plan(t, Custom, "v -> a.b"), `{"a":[]}`, `{"v":1}`)
	var failure *PathError
	require.ErrorAs(t, err, &failure)
	require.Equal(t, PathError{Path: "a.b", At: "/a", Have: strictjson.Array}, *failure)
}
