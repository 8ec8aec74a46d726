package request

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/voorpoort/voorpoort/strictjson"
)

func TestBodyApplyMethodOverride(t *testing.T) {
	t.Parallel()
	const json = "application/json"
	cases := []struct {
		name                  string
		contentType, body     string
		strip, honour, reject string // "" is a refusal
		left                  string
	}{
		{"none", json, `{"a_b":"_methods"}`, "POST", "POST", "POST", `{"a_b":"_methods"}`},
		{"alone", json, `{"_method":"PUT"}`, "POST", "PUT", "", `{}`},
		{"first", json, `{ "_method" : "put" , "a" : 1.10 }`, "POST", "PUT", "", `{ "a" : 1.10 }`},
		{"last", json, "{\n\"a\":[1 ,2],\n\"_method\":\"PATCH\"\n}\n", "POST", "PATCH", "", "{\n\"a\":[1 ,2]}\n"},
		{"between", json, `{"a":1,"_method":"DELETE","b":{"_method":"PUT"}}`, "POST", "DELETE", "", `{"a":1,"b":{"_method":"PUT"}}`},
		{"escaped", json, `{"\u005fMethod":"P\u0055T"}`, "POST", "PUT", "", `{}`},
		{"as text", "text/plain", `{"_method":"PUT"}`, "POST", "PUT", "", `{}`},
		{"a reading method", json, `{"_method":"GET"}`, "POST", "", "", `{}`},
		{"data", json, `{"_method":"bank","b":1}`, "POST", "POST", "POST", `{"_method":"bank","b":1}`},
		{"not a text", json, `{"_method":1}`, "POST", "POST", "POST", `{"_method":1}`},
		{"not at the top", json, `[{"_method":"PUT"}]`, "POST", "POST", "POST", `[{"_method":"PUT"}]`},
		{"two that differ", json, `{"_method":"PUT","_METHOD":"DELETE"}`, "", "", "", ""},
		{"a form", formType, "a=%41&_method=PUT&b=+", "POST", "PUT", "", "a=%41&b=+"},
		{"a form, escaped", formType, "%5FMETHOD=PUT&b=1", "POST", "PUT", "", "b=1"},
		{"a form, only that", formType, "_method=PUT", "POST", "PUT", "", ""},
		{"a form as PHP reads it", formType, ".method=PUT&b=1", "POST", "PUT", "", "b=1"},
		{"a form that would look like JSON", formType, `_method=PUT&{"a":1}`, "POST", "PUT", "", "%7B%22a%22%3A1%7D="},
		{"a form that would look like a list", formType, "_method=PUT&[1]&b%5B%5D=2&c", "POST", "PUT", "", "%5B1%5D=&b%5B%5D=2&c="},
		{"a form that would look like JSON after a mark", formType, "_method=PUT&\ufeff{", "POST", "PUT", "", "%EF%BB%BF%7B="},
		{"a form, none", formType, "method=PUT", "POST", "POST", "POST", "method=PUT"},
		{"multipart", "multipart/form-data; boundary=b", "--b\r\nContent-Disposition: form-data; name=\"_method\"\r\n\r\nPUT\r\n--b--", "", "", "", ""},
		{"multipart, escaped", "multipart/form-data; boundary=b", "--b\r\nname*=utf-8''%5fmeth%6Fd\r\n", "", "", "", ""},
		{"multipart, quoted", "multipart/form-data; boundary=b", "--b\r\nname=\"_me\\thod\"\r\n", "", "", "", ""},
		{"multipart, none", "multipart/form-data; boundary=b", "--b payment_method _methods x._method2", "POST", "POST", "POST", "--b payment_method _methods x._method2"},
	}
	for _, c := range cases {
		for policy, want := range map[Override]string{StripOverride: c.strip, HonourOverride: c.honour, RejectOverride: c.reject} {
			r := bodyRequest(c.contentType, c.body, "Content-Digest", "sha-256=:x:")
			b, err := ReadBody(r, BodyOptions{Unparsed: PassAsBase64})
			require.NoError(t, err, c.name)
			effective, problem := b.ApplyMethodOverride(r, http.MethodPost, policy)
			if want == "" {
				require.NotNil(t, problem, "%s, %s", c.name, policy)
				require.Equal(t, ReasonMethodOverride, problem.Reason)
				continue
			}
			require.Nil(t, problem, "%s, %s", c.name, policy)
			require.Equal(t, want, effective, "%s, %s", c.name, policy)
			require.Equal(t, want, r.Method)
			if b.JSON != nil {
				require.NoError(t, strictjson.Check(b.JSON, 0), c.name)
			}
			if !b.Form && b.JSON != nil {
				require.Equal(t, c.left, string(b.JSON))
			}
			if c.left == "" {
				require.True(t, b.Form, c.name)
				require.Equal(t, "{}", string(b.JSON), "%s: a form without fields", c.name)
			}
			b.Restore(r)
			require.Equal(t, c.left, bodyOf(t, r), c.name)
			require.Equal(t, c.left == c.body, r.Header.Get("Content-Digest") != "", c.name)
		}
	}
}

func TestBodyApplyMethodOverrideOnlyOnPOST(t *testing.T) {
	t.Parallel()
	r := bodyRequest("application/json", `{"_method":"DELETE"}`)
	r.Method = http.MethodPut
	b, err := ReadBody(r, BodyOptions{})
	require.NoError(t, err)
	effective, problem := b.ApplyMethodOverride(r, http.MethodPut, RejectOverride)
	require.Nil(t, problem)
	require.Equal(t, http.MethodPut, effective)
}

func TestBodyApplyMethodOverrideAgainstHead(t *testing.T) {
	t.Parallel()
	for body, agrees := range map[string]bool{`{"_method":"PUT"}`: true, `{"_method":"DELETE"}`: false, `{}`: true} {
		r := bodyRequest("application/json", body, "X-Http-Method", "PUT")
		wire := r.Method
		_, problem := ApplyMethodOverride(r, HonourOverride)
		require.Nil(t, problem)
		require.Equal(t, http.MethodPut, r.Method)
		b, err := ReadBody(r, BodyOptions{})
		require.NoError(t, err)
		effective, problem := b.ApplyMethodOverride(r, wire, HonourOverride)
		require.Equal(t, agrees, problem == nil)
		require.Equal(t, http.MethodPut, effective)
	}
}

// FuzzCutMembers: what stays is strict JSON with the same members, in order and
// byte for byte.
func FuzzCutMembers(f *testing.F) {
	f.Add([]byte(`{"a":1,"b":[{"a":2}],"c":"x"}`), "b")
	f.Add([]byte(" {\n} "), "a")
	f.Fuzz(func(t *testing.T, object []byte, name string) {
		if strictjson.Check(object, 0) != nil || strictjson.KindOf(object) != strictjson.Object {
			return
		}
		drop := func(token, _ []byte) bool { return strictjson.NameIs(token, name) }
		rest := cutMembers(object, drop)
		require.NoError(t, strictjson.Check(rest, 0))
		var want, got []string
		for token, value := range strictjson.Members(object) {
			if !drop(token, value) {
				want = append(want, string(token)+string(value))
			}
		}
		for token, value := range strictjson.Members(rest) {
			got = append(got, string(token)+string(value))
		}
		require.Equal(t, want, got)
		if !strings.Contains(string(object), `"`) {
			require.Equal(t, object, rest)
		}
	})
}
