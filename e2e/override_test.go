package e2e_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// overridePolicies is a site with each policy for method overrides; a header
// field chooses. Bodies of any type go in, as bytes.
const overridePolicies = `
	@strip not header X-Policy *
	voorpoort @strip openregister {
		unparsed pass-as-base64
	}
	@honour header X-Policy honour
	voorpoort @honour openregister {
		method_override honour
		unparsed pass-as-base64
	}
	@reject header X-Policy reject
	voorpoort @reject openregister {
		method_override reject
		unparsed pass-as-base64
	}
	reverse_proxy {{register}}
`

// overridden is a POST that asks to be a DELETE.
type overridden struct {
	name, query, body string
	fields            []string
	sealed            bool // the override cannot be taken out
	dropped           bool // by Caddy, before the gate sees it
}

func (o overridden) message(target string, fields ...string) string {
	if o.query != "" {
		target += "?" + o.query
	}
	fields = append(fields, o.fields...)
	if !strings.Contains(strings.Join(fields, "\n"), "Content-Type") {
		fields = append(fields, asJSON)
	}
	return message("POST", target, o.body, fields...)
}

func overrides() []overridden {
	multipart := "--b\r\nContent-Disposition: form-data; name=\"_method\"\r\n\r\nDELETE\r\n--b--\r\n"
	asMultipart := []string{"Content-Type: multipart/form-data; boundary=b"}
	all := []overridden{
		{name: "header", fields: []string{"X-HTTP-Method-Override: DELETE"}},
		{name: "header in lower case", fields: []string{"x-http-method-override: delete"}},
		{name: "header with underscores", fields: []string{"X_HTTP_METHOD_OVERRIDE: DELETE"}, dropped: true},
		{name: "header with mixed signs", fields: []string{"X-HTTP_Method.Override: DELETE"}, dropped: true},
		{name: "header twice", fields: []string{"X-HTTP-Method-Override: DELETE", "X_HTTP_Method_Override: delete"}},
		{name: "two headers", fields: []string{"X-HTTP-Method-Override: DELETE", "X-Method-Override: delete"}},
		{name: "short header", fields: []string{"X-HTTP-Method: DELETE"}},
		{name: "other header", fields: []string{"X-Method-Override: DELETE"}},
		{name: "query", query: "_method=DELETE"},
		{name: "query among others", query: "a=1&_method=DELETE&b=2"},
		{name: "query in capitals", query: "_METHOD=delete"},
		{name: "query with escapes", query: "%5Fm%65thod=DELETE"},
		{name: "query after a semicolon", query: "a=1;_method=DELETE"},
		{name: "query with brackets", query: "_method[]=DELETE"},
		{name: "query to PHP", query: ".method=DELETE"},
		{name: "query with a space", query: "+_method=DELETE"},
		{name: "form", fields: []string{asForm}, body: "name=Minoes&_method=DELETE"},
		{name: "form with escapes", fields: []string{asForm}, body: "%5fMETHOD=DELETE&name=Minoes"},
		{name: "form with a charset", fields: []string{asForm + "; charset=UTF-8"}, body: "_method=DELETE"},
		{name: "form before JSON", fields: []string{asForm}, body: `_method=DELETE&{"name":"Minoes"}`},
		{name: "multipart", fields: asMultipart, body: multipart, sealed: true},
		{name: "multipart in capitals", fields: asMultipart, body: strings.ReplaceAll(multipart, "_method", "_METHOD"), sealed: true},
		{name: "multipart without quotes", fields: asMultipart, body: strings.ReplaceAll(multipart, `"`, ""), sealed: true},
		{name: "multipart, extended name", fields: asMultipart, body: strings.ReplaceAll(multipart, `name="_method"`, `name*=utf-8''%5Fmethod`), sealed: true},
		{name: "JSON", body: `{"name":"Minoes","_method":"DELETE"}`},
		{name: "JSON with escapes", body: `{"\u005fmethod":"del\u0065te","name":"Minoes"}`},
		{name: "JSON in capitals", body: `{ "_METHOD" : "DELETE" }`},
		{name: "JSON as text", fields: []string{"Content-Type: text/plain"}, body: `{"_method":"DELETE"}`},
		{name: "JSON as a form", fields: []string{asForm}, body: `{"_method":"DELETE"}`},
	}
	for i := range all {
		if all[i].body == "" {
			all[i].body = aCat
		}
	}
	return all
}

// An override that is stripped is a POST to the rules and a POST to the
// register, which finds no trace of it. One that is honoured is a DELETE to
// both. Otherwise nobody hears of it.
func TestAMethodOverrideMeansTheSameToAll(t *testing.T) {
	t.Parallel()
	s := besiegeSite(t, "", "", overridePolicies)
	for _, test := range overrides() {
		t.Run(test.name+" stripped", func(t *testing.T) {
			t.Parallel()
			o := s.send(t, test.message(minoes))
			if test.sealed {
				o.refused(t, http.StatusBadRequest, "method_override")
				return
			}
			e, a := o.judged(t)
			require.Equal(t, []string{"POST", "object.updating"}, []string{a.Method, e.Type})
			require.NotContains(t, strings.ToLower(a.Head+a.Body), "method")
		})
		t.Run(test.name+" honoured", func(t *testing.T) {
			t.Parallel()
			o := s.send(t, test.message(minoes, "X-Policy: honour"))
			if test.sealed {
				o.refused(t, http.StatusBadRequest, "method_override")
				return
			}
			e, a := o.judged(t)
			if test.dropped {
				require.Equal(t, "object.updating", e.Type)
				return
			}
			require.Equal(t, []string{"DELETE", "object.deleting"}, []string{a.Method, e.Type})
			require.NotContains(t, strings.ToLower(a.Head+a.Body), "method")
		})
		t.Run(test.name+" rejected", func(t *testing.T) {
			t.Parallel()
			o := s.send(t, test.message(minoes, "X-Policy: reject"))
			if test.dropped {
				o.judged(t)
				return
			}
			o.refused(t, http.StatusBadRequest, "method_override")
		})
	}
}

// A form is one to the register too when what its override stood before looks
// like JSON: a register that guesses must not find a document there that no
// webhook has seen.
func TestAFormStaysAFormWithoutItsOverride(t *testing.T) {
	t.Parallel()
	s := besiegeSite(t, "", "", overridePolicies)
	for _, body := range []string{`_method=DELETE&{"name":"Felix"}`, `_method=DELETE&{"name":"Felix"}&age=3`, `_method=DELETE&[1]`} {
		e, a := s.send(t, message("POST", minoes, body, asForm)).judged(t)
		fields, err := url.ParseQuery(a.Body)
		require.NoError(t, err)
		require.NotContains(t, fields, "_method")
		var seen map[string]string
		require.NoError(t, json.Unmarshal(e.Data.Body, &seen))
		for name := range fields {
			require.Equal(t, fields.Get(name), seen[name])
		}
		require.NotContains(t, "{[", a.Body[:1])
	}
}

// A path that only DELETE is intercepted on is no way round: a POST there is
// looked at for overrides too.
func TestAnOverrideOnAPathWithoutARuleForPost(t *testing.T) {
	t.Parallel()
	s := besiegeSite(t, "", "", overridePolicies)
	const clear = "/api/objects/clear-blob"
	for _, test := range overrides() {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			o := s.send(t, test.message(clear))
			if test.sealed {
				o.closed(t)
				return
			}
			require.Len(t, o.Arrived, 1)
			require.Equal(t, "POST", lenientMethod(t, o.Arrived[0]))
		})
		t.Run(test.name+" honoured", func(t *testing.T) {
			t.Parallel()
			o := s.send(t, test.message(clear, "X-Policy: honour"))
			switch {
			case test.sealed:
				o.closed(t)
				return
			case test.dropped:
				require.Len(t, o.Arrived, 1)
				require.Equal(t, "POST", lenientMethod(t, o.Arrived[0]))
				return
			}
			e, _ := o.judged(t)
			require.Equal(t, "objects.clearing", e.Type)
		})
	}
}

// Overrides on anything but a POST are stripped or refused, never acted on.
func TestOnlyAPostCanBecomeAnotherMethod(t *testing.T) {
	t.Parallel()
	s := besiegeSite(t, "", "", overridePolicies)
	for _, method := range []string{"GET", "HEAD", "OPTIONS", "PUT", "PATCH", "DELETE"} {
		t.Run(method, func(t *testing.T) {
			t.Parallel()
			s.send(t, message(method, minoes+"?_method=POST", "", "X-HTTP-Method-Override: POST", "X-Policy: honour")).closed(t)
			o := s.send(t, message(method, minoes+"?_method=DELETE&a=1", "", "X-HTTP-Method-Override: DELETE"))
			require.Len(t, o.Arrived, 1)
			require.Equal(t, []string{method, minoes + "?a=1"}, []string{o.Arrived[0].Method, o.Arrived[0].Target})
			require.NotContains(t, strings.ToLower(o.Arrived[0].Head), "override")
		})
	}
	for name, method := range map[string]string{"a reading method": "GET", "an unknown one": "BREW", "nothing": "", "two": "PUT, DELETE"} {
		t.Run("a POST cannot become "+name, func(t *testing.T) {
			t.Parallel()
			s.send(t, message("POST", minoes, aCat, asJSON, "X-Policy: honour", "X-HTTP-Method-Override: "+method)).
				refused(t, http.StatusBadRequest, "method_override")
		})
	}
	t.Run("a POST cannot become two things", func(t *testing.T) {
		t.Parallel()
		for i, fields := range [][]string{
			{"X-HTTP-Method-Override: PUT", "X-Method-Override: DELETE"},
			{"X-HTTP-Method-Override: PUT", "X-HTTP-Method-Override: DELETE"},
		} {
			for _, policy := range []string{"strip", "honour", "reject"} {
				field := "X-Policy: " + policy
				if policy == "strip" {
					field = "X-Number: " + decimal(i)
				}
				s.send(t, message("POST", minoes, aCat, append(fields, asJSON, field)...)).refused(t, http.StatusBadRequest, "method_override")
			}
		}
		s.send(t, message("POST", minoes+"?_method=PUT", `{"_method":"DELETE"}`, asJSON, "X-Policy: honour")).refused(t, http.StatusBadRequest, "method_override")
	})
}

// Where Caddy is told to let such header fields in, the gate knows them.
func TestAnOverrideWithUnderscoresThatCaddyLetsIn(t *testing.T) {
	t.Parallel()
	s := besiegeSite(t, "\tservers {\n\t\texpected_underscore_headers x_http_method_override x_method_*\n\t}\n", "", overridePolicies)
	for _, field := range []string{"X_HTTP_METHOD_OVERRIDE: DELETE", "x_http_method_override: delete", "X_Method_Override: DELETE"} {
		t.Run(field, func(t *testing.T) {
			t.Parallel()
			e, a := s.send(t, message("POST", minoes, aCat, asJSON, field)).judged(t)
			require.Equal(t, "object.updating", e.Type)
			require.NotContains(t, strings.ToLower(a.Head), "override")
			e, _ = s.send(t, message("POST", minoes, aCat, asJSON, field, "X-Policy: honour")).judged(t)
			require.Equal(t, "object.deleting", e.Type)
			s.send(t, message("POST", minoes, aCat, asJSON, field, "X-Policy: reject")).refused(t, http.StatusBadRequest, "method_override")
		})
	}
}

// The register of a route that no rule names gets its overrides.
func TestOverridesElsewhereAreLeftAlone(t *testing.T) {
	t.Parallel()
	s := besiege(t, "")
	a := s.send(t, message("POST", "/public?_method=PUT", "_method=PUT", asForm, "X-HTTP-Method-Override: PUT")).
		untouched(t, "POST", "/public?_method=PUT", "_method=PUT")
	require.Equal(t, []string{"PUT"}, a.values("X-Http-Method-Override"))
}

// A framework that puts methods into capitals would route these.
func TestAMethodInOtherCapitalsIsRefused(t *testing.T) {
	t.Parallel()
	s := besiegeSite(t, "", "", overridePolicies)
	for _, method := range []string{"post", "Post", "POSt", "put", "pATCH", "delete"} {
		t.Run(method, func(t *testing.T) {
			t.Parallel()
			s.send(t, message(method, minoes, aCat, asJSON)).refused(t, http.StatusBadRequest, "method")
			s.send(t, message(method, minoes+"?_method=DELETE", aCat, asJSON, "X-Policy: honour")).refused(t, http.StatusBadRequest, "method")
			s.send(t, message(method, "/public", aCat, asJSON)).untouched(t, method, "/public", aCat)
		})
	}
}

// What is no method to HTTP does not get in at all; a method that no rule names
// goes its way.
func TestOddMethods(t *testing.T) {
	t.Parallel()
	s := besiege(t, "")
	for name, method := range map[string]string{
		"a space behind": "POST ", "a space before": " POST", "a tab behind": "POST\t", "a NUL": "POST\x00", "a colon": "POST:", "nothing": "",
		"a letter beyond ASCII": "PO\u017fT", "a line before": "\r\n\r\n\r\nPOST", "a quote": `"POST"`, "a comma": "GET,POST", "a slash": "POST/1",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := s.send(t, message(method, cats, aCat, asJSON))
			if name == "a line before" && o.Status < 400 { // one empty line may be passed over: RFC 9112 section 2.2
				o.judged(t)
				return
			}
			o.closed(t)
		})
	}
	for _, method := range []string{"GET", "OPTIONS", "PROPFIND", "QUERY", "X-POST", "POST_", "POSTS", "TRACE"} {
		t.Run(method, func(t *testing.T) {
			t.Parallel()
			s.send(t, message(method, cats, "")).untouched(t, method, cats, "")
		})
	}
}
