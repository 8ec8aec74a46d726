package event

import (
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/voorpoort/voorpoort/strictjson"
)

func TestAppendQuery(t *testing.T) {
	t.Parallel()
	for raw, want := range map[string]string{
		"":                   `{}`,
		"&&":                 `{}`,
		"x=1":                `{"x":"1"}`,
		"&x=1&":              `{"x":"1"}`,
		"x=1&y=2&x=3":        `{"x":["1","3"],"y":"2"}`,
		"x&y=":               `{"x":"","y":""}`,
		"=1":                 `{"":"1"}`,
		"a=b=c":              `{"a":"b=c"}`,
		"a+b=c%20d+e":        `{"a b":"c d e"}`,
		"a=%2B":              `{"a":"+"}`,
		"%61=1&a=2":          `{"a":["1","2"]}`,
		"a=%zz&b=%":          `{"a":"%zz","b":"%"}`,
		"a=%zz%41&b=%41%":    `{"a":"%zz%41","b":"%41%"}`,
		"a=%FF&%FF=1":        `{"a":"%FF","%FF":"1"}`,
		"a=%00&b=%22":        `{"a":"\u0000","b":"\""}`,
		"a;b=1":              `{"a;b":"1"}`,
		"filter[x]=1":        `{"filter[x]":"1"}`,
		"a=\xff&\xff=1&\xfe": `{"a":"` + "\uFFFD" + `","` + "\uFFFD" + `":["1",""]}`,
		"__proto__=1":        `{"__proto__":"1"}`,
	} {
		require.Equal(t, want, string(appendQuery(nil, raw)), raw)
	}
}

func TestAppendQueryWithManyParameters(t *testing.T) {
	t.Parallel()
	var raw, want []string
	for i := range 100 {
		raw = append(raw, fmt.Sprintf("p%d=%d", i, i))
		want = append(want, fmt.Sprintf(`"p%d":"%d"`, i, i))
	}
	raw = append(raw, "p0=again")
	want[0] = `"p0":["0","again"]`
	require.Equal(t, "{"+strings.Join(want, ",")+"}", string(appendQuery(nil, strings.Join(raw, "&"))))
}

// FuzzAppendQuery compares with net/url wherever that accepts the query.
func FuzzAppendQuery(f *testing.F) {
	for _, raw := range []string{"x=1&y=2&x=3", "a+b=%20", "%zz=%", "a=%FF", strings.Repeat("a=1&b=2&", 20)} {
		f.Add(raw)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		out := appendQuery(nil, raw)
		require.NoError(t, strictjson.Check(out, 0), "%s", out)
		values, err := url.ParseQuery(raw)
		if err != nil || strings.ToValidUTF8(raw, "") != raw {
			return
		}
		var got map[string]any
		require.NoError(t, json.Unmarshal(out, &got))
		for name, list := range values {
			if !strictUTF8(name, list) {
				return
			}
			if len(list) == 1 {
				require.Equal(t, list[0], got[name])
			} else {
				require.Len(t, got[name], len(list))
			}
		}
		require.Len(t, got, len(values))
	})
}

func strictUTF8(name string, values []string) bool {
	all := name + strings.Join(values, "")
	return strings.ToValidUTF8(all, "") == all
}
