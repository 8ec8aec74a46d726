package webhook

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/voorpoort/voorpoort/event"
	"github.com/voorpoort/voorpoort/strictjson"
)

// holds tells whether filters, written as the members of `filters`, let an
// event through.
func holds(tb testing.TB, filters string, e *event.Event, body string) bool {
	tb.Helper()
	got, err := compileJSON(tb, `"filters":{`+filters+`}`).Matches(e, []byte(body))
	require.NoError(tb, err)
	return got
}

// TestFilterOR14: object.type, with object as the request body and as a member
// of it.
func TestFilterOR14(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]bool{
		`{"type":"person"}`:                  true,
		`{"type":"organisation"}`:            false,
		`{"object":{"type":"person"}}`:       true,
		`{"object":{"type":"organisation"}}`: false,
		`{"object":{}}`:                      false,
		`{"object":"str"}`:                   false,
		`{}`:                                 false,
		``:                                   false,
		`{"type":"organisation","object":{"type":"person"}}`: false, // the body itself comes first
	} {
		require.Equal(t, want, holds(t, `"object.type":"person"`, catEvent(t, body), body), body)
		require.Equal(t, want, holds(t, `"data.type":"person"`, catEvent(t, body), strings.ReplaceAll(body, "object", "data")), body)
	}
}

// TestFilterOR15: a list is any of, several filters are all of.
func TestFilterOR15(t *testing.T) {
	t.Parallel()
	e := catEvent(t, `{}`)
	require.True(t, holds(t, `"action":["creating","updating"]`, e, ``))
	require.False(t, holds(t, `"action":["deleting"]`, e, ``))
	require.False(t, holds(t, `"a":1,"b":2`, e, `{"a":1}`))
	require.True(t, holds(t, `"a":1,"b":2`, e, `{"a":1,"b":2}`))
}

// TestFilterOR16: the type counts, and what is missing equals no value.
func TestFilterOR16(t *testing.T) {
	t.Parallel()
	e := catEvent(t, `{}`)
	tests := []struct {
		filters, body string
		want          bool
	}{
		{`"n":5`, `{"n":5}`, true},
		{`"n":5`, `{"n":"5"}`, false},
		{`"n":5`, `{"n":5.0}`, true},
		{`"n":5`, `{"n":50e-1}`, true},
		{`"n":5`, `{"n":null}`, false},
		{`"n":5`, `{}`, false},
		{`"n":5`, `{"n":[5]}`, false},
		{`"n":["",0]`, `{}`, false},
		{`"n":["",0]`, `{"n":null}`, false},
		{`"n":["",0]`, `{"n":-0}`, true},
		{`"n":"5"`, `{"n":5}`, false},
		{`"n":"5"`, `{"n":"5"}`, true},
		{`"n":"5"`, `{"n":"\u0035"}`, true}, // the same text, spelled otherwise
		{`"n":"a\"b"`, `{"n":"a\u0022b"}`, true},
		{`"n":true`, `{"n":true}`, true},
		{`"n":true`, `{"n":1}`, false},
		{`"n":true`, `{"n":"true"}`, false},
		{`"n":false`, `{"n":true}`, false},
		{`"n":"Cat"`, `{"n":"cat"}`, false},
		{`"n":12345678901234567890`, `{"n":12345678901234567891}`, false},
		{`"n":1e400`, `{"n":10e399}`, true},
		{`"n":null`, `{}`, true},
		{`"n":null`, ``, true},
		{`"n":null`, `{"n":null}`, true},
		{`"n":null`, `{"n":0}`, false},
		{`"n":[1,null]`, `{}`, true},
		{`"n":[1,null]`, `{"n":1}`, true},
		{`"n":[1,null]`, `{"n":2}`, false},
		{`"n.0.id":7`, `{"n":[{"id":7}]}`, true}, // a number indexes a list
		{`"n.0":7`, `{"n":{"0":7}}`, true},       // and names a member
		{`"n.00":7`, `{"n":[7]}`, false},
		{`"n.1":7`, `{"n":[7]}`, false},
		{`"n.a":7`, `{"n":7}`, false},
	}
	for _, tt := range tests {
		require.Equal(t, tt.want, holds(t, tt.filters, e, tt.body), "%s on %s", tt.filters, tt.body)
	}
}

// TestFilterPathIsNoSyntax: what other libraries read as an operator is a key
// like any other, on both sides of the comparison.
func TestFilterPathIsNoSyntax(t *testing.T) {
	t.Parallel()
	const body = `{"a":[1,2,3],"b":{"c":1},"friends":[{"age":44}],"fav.movie":"x"}`
	e := catEvent(t, body)
	for _, path := range []string{
		"@this", "@this.a", "@keys", "#", "a.#", "a.#.x", "*", "a*", "b.*", "?", "b.?", "a|0", "a|@reverse", "!", "!true", "{a}", "{",
		"[a,b]", "a.[0]", "..", "..0", ".a", "a.", "a..0", "a.0.", ":1", "a.:1", "-1", "a.-1", "a.01", "a.1e0", "a.0x1", "a.+1",
		`friends.#(age>40)`, `friends.#(age==44).age`, `fav\.movie`, "~true", `@pretty:{"indent":""}`, "$", "$.a", "/a/0", "a/0", "a[0]", `b\u002ec`, "\x00",
	} {
		quoted := strconv.QuoteToASCII(path)
		if path == "\x00" {
			quoted = `"\u0000"`
		}
		require.True(t, holds(t, quoted+`:null`, e, body), "%s finds nothing", path)
		for _, value := range []string{"1", "44", "true", `"x"`, "0", "3"} {
			require.False(t, holds(t, quoted+`:`+value, e, body), "%s finds %s", path, value)
		}

		// And a member that really has this name is found.
		named := `"leaf"`
		steps := strings.Split(path, ".")
		for _, step := range slices.Backward(steps) {
			named = `{` + string(strictjson.AppendQuote(nil, step)) + `:` + named + `}`
		}
		require.True(t, holds(t, quoted+`:"leaf"`, catEvent(t, named), named), "%s in %s", path, named)
	}
}

// TestFilterContext goes through the words that a path may begin with.
func TestFilterContext(t *testing.T) {
	t.Parallel()
	const body = `{"@self":{"name":"Felix"},"register":"in the body","status":"new","before":{"x":1},"objectType":"o","request":{"method":"m"}}`
	e := catEvent(t, body)
	for filters, want := range map[string]bool{
		`"objectType":"object"`: true, `"objectType":"register"`: false, `"objectType":null`: false,
		`"objectType.x":null`: true,
		`"action":"creating"`: true, `"action":"create"`: false, `"action":null`: false,
		`"register":"pets"`: true, `"register":"in the body"`: false, `"register":null`: false,
		`"schema":"pet-store-cat-schema"`: true,
		`"schema":"12"`:                   true,
		`"schema":12`:                     true, // a path has no types
		`"schema":12.0`:                   false,
		`"schema":["dog",12]`:             true,
		`"schema":"7e8cfd9a-6c0b-4d0e-9f49-0b7f3c0a4b11"`: true,
		`"schema":"dog"`:                    false,
		`"schema":true`:                     false,
		`"data.@self.name":"Felix"`:         true,
		`"object.@self.name":"Felix"`:       true,
		`"@self.name":"Felix"`:              true,
		`"request.body.@self.name":"Felix"`: true,
		`"data.@self.name":["Tom","Felix"]`: true,
		`"data.@self":"Felix"`:              false,
		`"status":"new"`:                    true, // a word that is nothing else is a member of the body
		`"before.x":1`:                      false,
		`"before.x":null`:                   true,
		`"before":null`:                     true,
		`"type":"object.creating"`:          true,
		`"type":"OCA\\OpenRegister\\Event\\ObjectCreatingEvent"`:  true,
		`"type":"object.created"`:                                 false,
		`"type":""`:                                               false,
		`"source":"urn:test"`:                                     true,
		`"subject":"object:pets/pet-store-cat-schema"`:            true,
		`"id":null`:                                               false, // the event's own id, on a path without {id}
		`"request.method":"POST"`:                                 true,
		`"request.method":"post"`:                                 false,
		`"request.path":"/api/objects/pets/pet-store-cat-schema"`: true,
		`"request.query.page":"5"`:                                true,
		`"request.query.page":5`:                                  false, // a query has texts only
		`"request.query.tag":"a b"`:                               true,
		`"request.query.tag":"c"`:                                 true,
		`"request.query.tag":"b"`:                                 false,
		`"request.query.none":null`:                               true,
		`"request.query.page":null`:                               false,
		`"request.headers.x-tenant":"south"`:                      true,
		`"request.headers.X-Tenant":"west"`:                       false,
		`"request.headers.X-None":null`:                           true,
		`"request.headers":null`:                                  true,
		`"request.other":null`:                                    true,
		`"request.other":"x"`:                                     false,
		`"request.method.x":"POST"`:                               false,
		`"request":null`:                                          false, // alone it is a member of the body
	} {
		require.Equal(t, want, holds(t, filters, e, body), filters)
	}
}

func TestFilterIDIsThePathParameter(t *testing.T) {
	t.Parallel()
	e := newEvent(t, testTable(t), "PUT", "/api/objects/pets/12/0199-a", `{}`)
	require.True(t, holds(t, `"id":"0199-a","schema":"pet-store-cat-schema"`, e, `{}`))
	require.False(t, holds(t, `"id":"0199-b"`, e, `{}`))
}

// TestFilterSeesTheCurrentBody: the second webhook of a chain sees what the
// first made of the body.
func TestFilterSeesTheCurrentBody(t *testing.T) {
	t.Parallel()
	e := catEvent(t, `{"name":"Tom"}`)
	require.True(t, holds(t, `"data.name":"Felix"`, e, `{"name":"Felix"}`))
}

func TestFilterFaults(t *testing.T) {
	t.Parallel()
	for filters, want := range map[string]string{
		`"":1`:                                  `/filters/: has an empty path`,
		`"a/b":{}`:                              `/filters/a~1b: must be a text, a number, true, false or null, or a list of these`,
		`"a":{"eq":1}`:                          `/filters/a: must be a text, a number, true, false or null, or a list of these`,
		`"a":[{"eq":1}]`:                        `/filters/a: must be a text, a number, true, false or null, or a list of these`,
		`"a":[[1]]`:                             `/filters/a: must be a text, a number, true, false or null, or a list of these`,
		`"a":[]`:                                `/filters/a: has an empty list, which no value is in`,
		`"` + strings.Repeat("a", 1025) + `":1`: `has a path of more than 1024 bytes`,
	} {
		_, err := tryJSON(`"filters":{` + filters + `}`)
		lines := fieldErrors(t, err)
		require.Len(t, lines, 1)
		require.Contains(t, lines[0], want)
	}
	_, err := Compile(Webhook{Filters: []Filter{{"a", [][]byte{[]byte(`nope`)}}}}, Defaults{})
	require.ErrorContains(t, err, "/filters/a: must be a text")
}

func TestMatchesCondition(t *testing.T) {
	t.Parallel()
	e := catEvent(t, `{"n":5}`)
	h := compileJSON(t, `"when":"request.body.n > 4","filters":{"schema":12}`)
	got, err := h.Matches(e, []byte(`{"n":5}`))
	require.NoError(t, err)
	require.True(t, got)
	got, err = h.Matches(e, []byte(`{"n":3}`))
	require.NoError(t, err)
	require.False(t, got, "the condition sees the current body")
	_, err = h.Matches(e, []byte(`{}`))
	require.Error(t, err, "a condition that cannot be evaluated is not a no")

	h = compileJSON(t, `"when":"request.body.n > 4","filters":{"schema":"dog"}`)
	got, err = h.Matches(e, []byte(`{}`))
	require.NoError(t, err, "what the filters refuse is not evaluated")
	require.False(t, got)
}

// slowGet is the obvious way to follow a path of plain keys.
func slowGet(value any, steps []string) (any, bool) {
	for _, step := range steps {
		switch parent := value.(type) {
		case map[string]any:
			child, ok := parent[step]
			if !ok {
				return nil, false
			}
			value = child
		case []any:
			index, err := strconv.Atoi(step)
			if err != nil || strconv.Itoa(index) != step || index < 0 || index >= len(parent) {
				return nil, false
			}
			value = parent[index]
		default:
			return nil, false
		}
	}
	return value, true
}

// FuzzFilterPath compares with slowGet: a path finds exactly the value that its
// keys lead to.
func FuzzFilterPath(f *testing.F) {
	for _, seed := range []string{"a", "a.0", "@this", "a.#", "a..b", "*", ":1", "-1", "{", "!x", "a|b", "é.ü", "."} {
		f.Add(seed, []byte(`{"a":[1,"x",null,{"b":true}],"":{"":2},"@this":3,"é":{"ü":"y"}}`))
	}
	f.Fuzz(func(t *testing.T, path string, body []byte) {
		if strictjson.Check(body, 64) != nil || !isPlainPath(path) {
			return
		}
		var document any
		decoder := json.NewDecoder(strings.NewReader(string(body)))
		decoder.UseNumber()
		require.NoError(t, decoder.Decode(&document))

		null, err := compileFilter(Filter{"request.body." + path, [][]byte{[]byte("null")}})
		if err != nil {
			return
		}
		e := &event.Event{Request: &event.Request{}}
		want, found := slowGet(document, strings.Split(path, "."))
		if got := null.holds(e, body); got != (!found || want == nil) {
			t.Fatalf("%q in %s: null filter holds %v", path, body, got)
		}
		if raw, err := json.Marshal(want); found && err == nil {
			exact, err := compileFilter(Filter{"request.body." + path, [][]byte{raw}})
			if err == nil && !exact.holds(e, body) {
				t.Fatalf("%q in %s: filter %s does not hold", path, body, raw)
			}
		}
	})
}

// isPlainPath leaves out what encoding/json would change.
func isPlainPath(path string) bool {
	_, err := strictjson.Unquote(strictjson.AppendQuote(nil, path))
	return err && strings.ToValidUTF8(path, "") == path
}

func BenchmarkFilters(b *testing.B) {
	body := `{"@self":{"title":"x","name":"Felix","tags":["a","b"]},"n":5,"text":"` + strings.Repeat("lorem ipsum ", 150) + `"}`
	e := catEvent(b, body)
	for name, filters := range map[string]string{
		"Felix":  `"objectType":"object","schema":"pet-store-cat-schema","data.@self.name":"Felix"`,
		"Miss":   `"objectType":"object","data.@self.name":"Tom"`,
		"Number": `"n":5.0`,
		"Query":  `"request.query.page":"5"`,
		"Header": `"request.headers.X-Tenant":"south"`,
		"Alias":  `"schema":12`,
		"Action": `"action":["creating","updating"]`,
	} {
		h := compileJSON(b, `"filters":{`+filters+`}`)
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			raw := []byte(body)
			for b.Loop() {
				if got, _ := h.Matches(e, raw); got == (name == "Miss") {
					b.Fatal(got)
				}
			}
		})
	}
}
