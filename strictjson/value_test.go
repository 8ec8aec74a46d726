package strictjson

import (
	"bytes"
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// oddKeys are names that mean something in other path languages, and nothing here.
var oddKeys = []string{
	"", "@", "@self", "@reverse", "@this", "#", "*", "?", "|", "!", "{", "}", "[0]", ":", ":1", "-1", "0", "1", "01", "a.b", ".", `\`, `"`, "a b",
	"$", "$ref", "~", "/", "a/b", "~1", "é", "\u0000", "\n", "😀", "null", "#.x", "..", "%", "a|b", "*.c", "#(a==1)#", "!true", "{a,b}",
}

func TestGetTakesKeysAsTheyAre(t *testing.T) {
	t.Parallel()
	doc := []byte(" { ")
	for i, key := range oddKeys {
		if i > 0 {
			doc = append(doc, " , "...)
		}
		doc = AppendQuote(doc, key)
		doc = append(doc, " : [ "+strconv.Itoa(i)+" ] "...)
	}
	doc = append(doc, " } "...)
	require.NoError(t, Check(doc, 0))
	for i, key := range oddKeys {
		value, ok := Get(doc, key)
		require.True(t, ok, "%q", key)
		require.Equal(t, "[ "+strconv.Itoa(i)+" ]", string(value), "%q", key)
		value, ok = Get(doc, key, "0")
		require.True(t, ok, "%q", key)
		require.Equal(t, strconv.Itoa(i), string(value), "%q", key)
		one := append(append([]byte(`{"x":`), doc...), '}')
		_, ok = Get(one, key)
		require.False(t, ok, "%q must not find what is named otherwise", key)
	}
}

func TestGet(t *testing.T) {
	t.Parallel()
	doc := ` {"a" : {"b":[10,[20,21],{"c":null}, "x"]},"\u0061b":"esc","n":{"a":{}},"e":[],"last":-1.50} `
	for _, test := range []struct{ path, want string }{
		{"", strings.TrimSpace(doc)},
		{"a.b", `[10,[20,21],{"c":null}, "x"]`},
		{"a.b.0", "10"},
		{"a.b.1.1", "21"},
		{"a.b.2.c", "null"},
		{"a.b.3", `"x"`},
		{"ab", `"esc"`},
		{"n.a", "{}"},
		{"e", "[]"},
		{"last", "-1.50"},
		{"b", ""},
		{"a.b.4", ""},
		{"a.b.-1", ""},
		{"a.b.00", ""},
		{"a.b.+1", ""},
		{"a.b.1 ", ""},
		{"a.b.0x1", ""},
		{"a.b.#", ""},
		{"e.0", ""},
		{"last.0", ""},
		{"ab.0", ""},
		{"a.b.2.c.d", ""},
		{"a.b.99999999999999999999", ""},
		{"a.b.9223372036854775808", ""},
		{"n.0", ""},
	} {
		var keys []string
		if test.path != "" {
			keys = strings.Split(test.path, ".")
		}
		value, ok := Get([]byte(doc), keys...)
		require.Equal(t, test.want != "", ok, test.path)
		require.Equal(t, test.want, string(value), test.path)
	}
	_, ok := Get(nil, "a")
	require.False(t, ok)
	_, ok = Get(nil)
	require.False(t, ok)
}

func TestKindOf(t *testing.T) {
	t.Parallel()
	for doc, want := range map[string]Kind{
		`null`: Null, `true`: Bool, ` false`: Bool, `-1`: Number, `0`: Number, "\n9": Number, `""`: String, ` [`: Array, "\t{}": Object, ``: Invalid, ` `: Invalid, `x`: Invalid,
	} {
		require.Equal(t, want, KindOf([]byte(doc)), "%q", doc)
	}
	names := ""
	for k := Invalid; k <= Object+1; k++ {
		names += k.String() + " "
	}
	require.Equal(t, "invalid null boolean number string array object invalid ", names)
}

func TestMembersAndElements(t *testing.T) {
	t.Parallel()
	got := ""
	for name, value := range Members([]byte(` { "a" : 1 , "\u0062":[ 2 ],"c":{"d":3}, "":"" } `)) {
		got += string(name) + "=" + string(value) + ";"
	}
	require.Equal(t, `"a"=1;"\u0062"=[ 2 ];"c"={"d":3};""="";`, got)
	got = ""
	for value := range Elements([]byte(` [ 1 , "a]", [2,3] ,{"x":[]},null ] `)) {
		got += string(value) + ";"
	}
	require.Equal(t, `1;"a]";[2,3];{"x":[]};null;`, got)
	for _, doc := range []string{"", "1", `"{}"`, "{}", " [ ] ", "null"} {
		for range Members([]byte(doc)) {
			t.Errorf("%q has no members", doc)
		}
		for range Elements([]byte(doc)) {
			t.Errorf("%q has no elements", doc)
		}
	}
	for range Members([]byte(`{"a":1,"b":2}`)) {
		break
	}
	for range Elements([]byte(`[1,2]`)) {
		break
	}
}

func TestSkip(t *testing.T) {
	t.Parallel()
	for _, value := range []string{
		`1`, `-1.5e3`, `null`, `true`, `"a"`, `"a\"b"`, `"\\"`, `"\\\\\""`, `{}`, `[]`, `{"a":"}"}`, `["]","\"]"]`, `[[[{"x":[{}]}]]]`,
		`{"a":{"b":"{[\\\"]}"},"c":[1,2,3]}`, `"` + strings.Repeat("long ", 50) + `"`, `[` + strings.Repeat(`"a\\\"",{"k":[1]},`, 60) + `0]`,
		`[` + strings.Repeat(`[`, 70) + strings.Repeat(`]`, 70) + `]`, `{"a":"` + strings.Repeat(`\\`, 40) + `"}`,
		`["` + strings.Repeat(`\"`, 35) + `",{"a` + strings.Repeat(`\\`, 33) + `":[[1]]}]`,
	} {
		require.NoError(t, Check([]byte(value), 0), value)
		for shift := range 70 { // Every alignment of the value to a word and to a block.
			head := strings.Repeat(" ", shift)
			for _, tail := range []string{"", ",", "]", "}", " ", "\n]", `,"x":[]}` + strings.Repeat("]}", 40)} {
				require.Equal(t, shift+len(value), Skip([]byte(head+value+tail), shift), "%s at %d before %q", value, shift, tail)
			}
		}
	}
	for _, broken := range []string{``, `[`, `{"a`, `"`, `"\`, `[[]`, `["\`} {
		require.Equal(t, len(broken), Skip([]byte(broken), 0), broken)
	}
	require.Equal(t, 1, Skip([]byte("1"), 7))
}

// FuzzGet compares every path of a document with encoding/json, and looks for panics on documents that are none.
func FuzzGet(f *testing.F) {
	for _, doc := range validDocuments {
		f.Add([]byte(doc), "a")
	}
	for _, test := range refusedDocuments {
		f.Add([]byte(test.doc), "0")
	}
	f.Add([]byte(`{"@self":{"a":[{"#":1},[2],"3"]},"\u0040":{}}`), "@")
	f.Add([]byte(`[[{"a":"\\\"]}"},"`+strings.Repeat(`x\"`, 40)+`"],{"b":["`+strings.Repeat(`\\`, 50)+`"]}]`), "b")
	f.Fuzz(func(t *testing.T, doc []byte, key string) {
		value, ok := Get(doc, key)
		_, _ = Get(value, key, "0")
		for range Members(doc) {
		}
		for range Elements(doc) {
		}
		index := NewIndex(doc)
		index.Release()
		if Check(doc, 0) != nil || hugeExponent(doc) {
			return
		}
		walk(t, doc, doc, referenceParse(doc), nil)
		object, isObject := referenceParse(doc).(map[string]any)
		if _, has := object[key]; isObject && has != ok {
			t.Fatalf("Get(%q, %q) = %q, %v", doc, key, value, ok)
		}
	})
}

// walk compares what Get, Members and Elements say with a parsed document.
func walk(t *testing.T, doc, value []byte, want any, path []string) {
	t.Helper()
	got, ok := Get(doc, path...)
	if !ok || !bytes.Equal(got, bytes.TrimSpace(value)) || !referenceEqual(referenceParseExact(got), want) {
		t.Fatalf("Get(%q, %q) = %q, %v, want %q", doc, path, got, ok, value)
	}
	path = slices.Clip(path)
	switch want := want.(type) {
	case map[string]any:
		count := 0
		for token, member := range Members(got) {
			name, ok := Unquote(token)
			if !ok || !NameIs(token, name) {
				t.Fatalf("name %q of %q", token, doc)
			}
			walk(t, doc, member, want[name], append(path, name))
			count++
		}
		if count != len(want) {
			t.Fatalf("%d members in %q", count, got)
		}
	case []any:
		count := 0
		for element := range Elements(got) {
			walk(t, doc, element, want[count], append(path, strconv.Itoa(count)))
			count++
		}
		if count != len(want) {
			t.Fatalf("%d elements in %q", count, got)
		}
	}
}

// referenceParseExact parses a value that must stand alone.
func referenceParseExact(value []byte) any {
	if !json.Valid(value) {
		return nil
	}
	return referenceParse(value)
}

func TestCursor(t *testing.T) {
	t.Parallel()
	doc := []byte(` {"a" : [1, 2] , "\u0062":{"c":[{}]}}`)
	c := Enter(doc, 1)
	require.True(t, c.Valid())
	require.Equal(t, `"a"`, string(c.Name()))
	require.Equal(t, 2, c.NameStart())
	require.Equal(t, `[1, 2]`, string(doc[c.ValueStart():c.ValueEnd()]))
	c.Next()
	require.Equal(t, `"\u0062"`, string(c.Name()))
	require.Equal(t, FindMember(doc, 1, "b"), c.ValueStart())
	inner := Enter(doc, c.ValueStart())
	require.Equal(t, `"c"`, string(inner.Name()))
	c.SetValueEnd(SkipOut(doc, inner.ValueEnd(), 1))
	require.Equal(t, `{"c":[{}]}`, string(doc[c.ValueStart():c.ValueEnd()]))
	require.Equal(t, len(doc), SkipOut(doc, inner.ValueStart(), 2))
	require.Equal(t, 7, SkipOut(doc, 7, 0))
	c.Next()
	require.False(t, c.Valid())
	for _, none := range []string{"", "1", "{}", "[]", "{"} {
		c := Enter([]byte(none), 0)
		require.False(t, c.Valid(), none)
		require.Equal(t, -1, FindMember([]byte(none), 0, "a"))
	}
}
