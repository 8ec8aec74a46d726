package manage

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/voorpoort/voorpoort/strictjson"
)

func TestHide(t *testing.T) {
	for _, one := range []struct {
		document, want string
		pointers       []string
	}{
		{`{"a":1}`, `{"a":1}`, nil},
		{`{"a":{"b":1,"c":2}}`, `{"a":{"b":"***","c":2}}`, []string{"/a/b"}},
		{`{"a":{"b":1},"d":[{"b":1},{"b":{"x":2}}]}`, `{"a":{"b":1},"d":[{"b":"***"},{"b":"***"}]}`, []string{"/d/*/b"}},
		{`[1,2,3]`, `[1,"***",3]`, []string{"/1"}},
		{`{"a/b":1,"m~n":2}`, `{"a/b":"***","m~n":"***"}`, []string{"/a~1b", "/m~0n"}},
		{`{"\u0061":1}`, `{"\u0061":"***"}`, []string{"/a"}},
		{`{"a":"x"}`, `{"a":"x"}`, []string{"/a/b", "/c"}},
		{`{"a":{"b":1}}`, `{"a":"***"}`, []string{"/a", "/a/b"}},
		{`{"a":"{\"b\":1}","c":"{\"b\":1}"}`, `{"a":"***","c":"{\"b\":1}"}`, []string{"/a/b"}},
		{`{"a":" <b>1</b>"}`, `{"a":"***"}`, []string{"/a/b"}},
		{`{"":1}`, `{"":"***"}`, []string{"/"}},
		{`  {"a":1} `, `{"a":"***"}`, []string{"/*"}},
		{`not JSON`, ``, []string{"/a"}},
		{`{"a":1,"a":2}`, ``, []string{"/a"}},
		{``, ``, []string{"/a"}},
	} {
		masks, err := parseMasks(one.pointers)
		require.NoError(t, err)
		require.Equal(t, one.want, string(hide([]byte(one.document), masks)), one.document)
	}
	_, err := parseMasks([]string{"a"})
	require.Error(t, err)
	_, err = parseMasks([]string{""})
	require.Error(t, err, "that would be everything")
}

// What is hidden is gone, and what is left is still JSON.
func FuzzHide(f *testing.F) {
	f.Add([]byte(`{"a":{"b":"s"},"c":[{"b":1}]}`), "/a/b", "/c/*/b")
	f.Add([]byte(`[[{}]]`), "/0/*", "/*")
	f.Fuzz(func(t *testing.T, document []byte, one, two string) {
		masks, err := parseMasks([]string{one, two})
		if err != nil {
			return
		}
		hidden := hide(document, masks)
		if len(hidden) == 0 {
			return
		}
		require.NoError(t, strictjson.Check(hidden, strictjson.DefaultMaxDepth))
		require.True(t, json.Valid(hidden))
		require.Equal(t, hidden, hide(hidden, masks), "hiding twice changes nothing")
	})
}
