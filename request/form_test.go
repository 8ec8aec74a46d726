package request

import (
	"encoding/json"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/voorpoort/voorpoort/strictjson"
)

func TestParseForm(t *testing.T) {
	t.Parallel()
	cases := []struct{ form, want string }{
		{"name=Felix&age=3", `{"name":"Felix","age":"3"}`},
		{"b[]=1&a=2&b[]=3", `{"b":["1","3"],"a":"2"}`},
		{"tags[]=x", `{"tags":["x"]}`},
		{"tags%5B%5D=x&tags[]=y", `{"tags":["x","y"]}`},
		{"[b]=1&a[=2&b]=3", `{"[b]":"1","a[":"2","b]":"3"}`},
		{"a%26b=c%3Dd=e+f", `{"a&b":"c=d=e f"}`},
		{"flag&empty=", `{"flag":"","empty":""}`},
		{"&&a=1&", `{"a":"1"}`},
		{"naam=caf%C3%A9&x=%22%00%0A", `{"naam":"café","x":"\"\u0000\n"}`},
		{"[]=1", `{"[]":"1"}`},
		{"a%3Bb=%3B", `{"a;b":";"}`},
		{"_charset_=UTF-8", `{"_charset_":"UTF-8"}`},
	}
	for _, c := range cases {
		f, problem := parseForm([]byte(c.form))
		require.Nil(t, problem, c.form)
		got := f.json()
		require.NoError(t, strictjson.Check(got, 0))
		require.JSONEq(t, c.want, string(got), c.form)
	}
}

func TestParseFormRefuses(t *testing.T) {
	t.Parallel()
	cases := []struct {
		form   string
		offset int64
	}{
		{"a=%", 0},
		{"a=1&b=%zz", 4},
		{"a=1&b%4=2", 4},
		{"a=%ff", 0},
		{"a=%C0%AF", 0},
		{"a=\xff", 0},
		{"a=1;b=2", 0},
		{"=1", 0},
		{"a=1&=", 4},
		{"+a=1", 0},
		{"%20a=1", 0},
		{"a%00b=1", 0},
		{"a%0d=1", 0},
		{"a=1&a[]=2", 4},
		{"a[]=1&a=2", 6},
		{"a=1&a[x]=2", 4},
		{"a[x]=1", 0},
		{"a%5Bx%5D=1", 0},
		{"a[x][y]=1", 0},
		{"a[][x]=1", 0},
		{"a[]x=1", 0},
		{"a[]=1&a[0]=2", 6},
		{"a.b=1&a_b=2", 6},
		{"a+b=1&a_b=2", 6},
		{"a%5B=1&a_=2", 7},
		{"_charset_=iso-8859-1", 0},
		{"name=Minoes&b=1&name=Felix", 16},
		{"a=1&a=1", 4},
	}
	for _, c := range cases {
		_, problem := parseForm([]byte(c.form))
		require.NotNil(t, problem, c.form)
		require.Equal(t, 400, problem.Status)
		require.Equal(t, ReasonInvalidForm, problem.Reason)
		require.True(t, problem.Located)
		require.Equal(t, c.offset, problem.Offset, c.form)
	}
	_, problem := parseForm([]byte(strings.Repeat("a[]=1&", maxFormFields)))
	require.Nil(t, problem)
	_, problem = parseForm([]byte(strings.Repeat("a[]=1&", maxFormFields+1)))
	require.NotNil(t, problem)
}

func TestEncodeForm(t *testing.T) {
	t.Parallel()
	const original = "name=Felix&tags[]=x"
	cases := []struct{ document, want string }{
		{`{"name":"Tom & Jerry","tags":["x","y"]}`, "name=Tom+%26+Jerry&tags%5B%5D=x&tags%5B%5D=y"},
		{`{"name":"\u0000=é"}`, "name=%00%3D%C3%A9"},
		{`{"age":1.50,"ok":true}`, "age=1.50&ok=true"},
		{`{"new":["a","b"]}`, "new%5B%5D=a&new%5B%5D=b"},
		{`{"name":["a"]}`, "name%5B%5D=a"},
		{`{}`, ""},
	}
	f, problem := parseForm([]byte(original))
	require.Nil(t, problem)
	for _, c := range cases {
		got, problem := f.encode([]byte(c.document))
		require.Nil(t, problem, c.document)
		require.Equal(t, c.want, string(got))
	}
}

func TestEncodeFormRefuses(t *testing.T) {
	t.Parallel()
	f, problem := parseForm([]byte("name=Felix&tags[]=x"))
	require.Nil(t, problem)
	for _, document := range []string{
		`[]`, `"x"`, `null`,
		`{"a":null}`, `{"a":{}}`, `{"a":[["x"]]}`, `{"a":[{}]}`,
		`{"a":[]}`,          // would vanish
		`{"tags":"x"}`,      // would come back as a list
		`{"":"x"}`,          // no name
		`{"x.y":1,"x_y":2}`, // one name to PHP
		`{"name[]":["x"]}`,  // would come back as another name
		`{"a\u0000":"x"}`,
	} {
		_, problem := f.encode([]byte(document))
		require.NotNil(t, problem, document)
		require.Equal(t, ReasonUnchangeable, problem.Reason)
		require.Equal(t, 415, problem.Status)
	}
}

// FuzzForm: what is presented is what net/url reads, and writing the
// presentation as a form gives the same presentation again.
func FuzzForm(f *testing.F) {
	f.Add("a=1&b[]=2&c%20=%C3%A9&flag")
	f.Add("a=1&a=2&&x.y=%00")
	f.Fuzz(func(t *testing.T, text string) {
		parsed, problem := parseForm([]byte(text))
		if problem != nil {
			return
		}
		document := parsed.json()
		require.NoError(t, strictjson.Check(document, 0))

		values, err := url.ParseQuery(text)
		require.NoError(t, err, "an accepted form is one to net/url too")
		var members map[string]any
		require.NoError(t, json.Unmarshal(document, &members))
		require.Len(t, values, len(members))

		encoded, problem := parsed.encode(document)
		require.Nil(t, problem, "%q", text)
		again, problem := parseForm(encoded)
		require.Nil(t, problem)
		require.Equal(t, string(document), string(again.json()))
	})
}
