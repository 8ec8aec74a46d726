package strictjson

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// seeks gives what Seek finds in doc, as "name:k" with the end of the last member passed.
func seeks(x *Index, doc string) []string {
	var found []string
	c := Before([]byte(doc), Start([]byte(doc)))
	for {
		k, last := x.Seek(&c)
		if k < 0 {
			return append(found, fmt.Sprint(last))
		}
		found = append(found, fmt.Sprintf("%s:%d %d", c.Name(), k, last))
	}
}

func TestSeek(t *testing.T) {
	t.Parallel()
	x := NewIndex([]byte(`{"a":1,"longer name":2,"\u0065ight ch":3,"":4,"seven c":5}`))
	defer x.Release()
	for doc, want := range map[string]string{
		`{}`:                                  "0",
		` { } `:                               "0",
		`{"x":1,"y":2}`:                       "12",
		`{"a":1}`:                             `"a":0 0 0`,
		`{"x":[",\"a\":"],"a":{"a":2},"z":3}`: `"a":0 16 34`,
		` { "b" : 1 , "\u0061" : 2 , "" : 3 , "c" : 4 } `:               `"\u0061":0 10 "":3 0 44`,
		`{"longer name":1,"longer named":2,"longer":3,"longer nama":4}`: `"longer name":1 0 60`,
		"{\"eight ch\"\n:\t1,\"seven c\":\"\\\\\",\"seven\":0}":         `"eight ch":2 0 "seven c":4 0 40`,
		`{"eight\u0020ch":{},"eight cha":{}}`:                           `"eight\u0020ch":2 0 34`,
		`{"\\":1,"a\"":2,"\"a":3}`:                                      "23",
	} {
		require.Equal(t, want, strings.Join(seeks(x, doc), " "), doc)
	}
}

func TestIndexGoesIntoObjects(t *testing.T) {
	t.Parallel()
	var many strings.Builder
	for i := range 3 * linearNames {
		fmt.Fprintf(&many, `"n%d":{"n1":%d,"x%d":{}},`, i, i, i)
	}
	doc := []byte(`{` + many.String() + `"a":5}`)
	x := NewIndex(doc)
	defer x.Release()
	require.Equal(t, 3*linearNames+1, x.Len())
	for range 2 {
		for i := range 3 * linearNames {
			k := x.Find(fmt.Appendf(nil, `"n%d"`, i))
			require.Equal(t, i, k)
			x.Enter(x.ValueStart(k))
			require.Equal(t, 2, x.Len())
			require.Equal(t, 0, x.Find([]byte(`"n1"`)))
			require.Equal(t, fmt.Sprint(i), string(x.Value(0)))
			require.Equal(t, fmt.Sprintf(`"x%d"`, i), string(x.Name(1)))
			require.Equal(t, -1, x.Find([]byte(`"n2"`)))
			require.Equal(t, -1, x.Find([]byte(`"a"`)))
			x.Enter(Start(doc)) // Objects with many names inside one another.
			require.Equal(t, 2*linearNames, x.Find(fmt.Appendf(nil, `"n%d"`, 2*linearNames)))
			x.Leave()
			require.Equal(t, []string{`"n1":0 0`, "0"}, seeks(x, `{"n1":1}`))
			x.Leave()
		}
	}
	x.Enter(x.ValueStart(x.Find([]byte(`"a"`))))
	require.Zero(t, x.Len(), "a number has no members")
	require.Equal(t, []string{"6"}, seeks(x, `{"a":1}`))
}

func FuzzSeek(f *testing.F) {
	for _, doc := range validDocuments {
		f.Add([]byte(doc), []byte(`{"a":1,"":{},"b":{"a":1},"\u00e9\u0000":5,"longer name":"x"}`))
		f.Add([]byte(`{"a":1,"":{},"b":{"a":1},"\u00e9\u0000":5,"longer name":"x"}`), []byte(doc))
	}
	f.Fuzz(func(t *testing.T, doc, patch []byte) {
		x := NewIndex(patch) // Of anything: it must not panic.
		defer x.Release()
		c := Before(doc, Start(doc))
		if Start(doc) < len(doc) && doc[Start(doc)] == '{' {
			for k, _ := x.Seek(&c); k >= 0; k, _ = x.Seek(&c) {
				_, _ = x.Name(k), c.Value()
			}
		}
		if Check(doc, 0) != nil || Check(patch, 0) != nil || KindOf(doc) != Object {
			return
		}
		c = Before(doc, Start(doc))
		k, last := x.Seek(&c)
		passed, end := 0, Start(doc)+1
		for token, value := range Members(doc) {
			name, _ := Unquote(token)
			want, i := -1, 0
			for other := range Members(patch) {
				if NameIs(other, name) {
					want = i
				}
				i++
			}
			end += strings.Index(string(doc[end:]), string(token)) + len(token)
			end += strings.Index(string(doc[end:]), string(value)) + len(value)
			if want < 0 {
				passed = end
				continue
			}
			if k != want || last != passed || string(c.Name()) != string(token) || string(c.Value()) != string(value) {
				t.Fatalf("%q in %q: %d after %d, want %d after %d", token, patch, k, last, want, passed)
			}
			k, last = x.Seek(&c)
			passed = 0
		}
		if k >= 0 || last != passed || c.Valid() {
			t.Fatalf("%q in %q: %d after %d at the end", doc, patch, k, last)
		}
	})
}
