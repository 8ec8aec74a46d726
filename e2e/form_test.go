package e2e_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// A form is an object to the validator, and the same form to the register.
func TestAFormIsJudgedAsAnObject(t *testing.T) {
	t.Parallel()
	s := besiege(t, "")
	for name, test := range map[string][2]string{
		"one field":         {"name=Felix", `{"name":"Felix"}`},
		"more fields":       {"b=2&a=1", `{"b":"2","a":"1"}`},
		"escapes":           {"n%61me=F%C3%A9lix+the%20cat%26", `{"name":"Félix the cat&"}`},
		"a list":            {"a[]=1&b=2&a[]=3", `{"a":["1","3"],"b":"2"}`},
		"brackets":          {"a%5B%5D=1&a[]=2", `{"a":["1","2"]}`},
		"one with brackets": {"a[]=1", `{"a":["1"]}`},
		"no value":          {"a&b=", `{"a":"","b":""}`},
		"more signs":        {"a=b=c&@self.x=1", `{"a":"b=c","@self.x":"1"}`},
		"empty fields":      {"&&a=1&&", `{"a":"1"}`},
		"JSON in a value":   {`name={"x":1}`, `{"name":"{\"x\":1}"}`},
		"quotes":            {`a"b=c"d\`, `{"a\"b":"c\"d\\"}`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, typ := range []string{asForm, asForm + "; charset=UTF-8", "Content-Type: APPLICATION/X-WWW-FORM-URLENCODED"} {
				e, a := s.send(t, message("POST", cats, test[0], typ)).judged(t)
				require.Equal(t, test[0], a.Body)
				require.JSONEq(t, test[1], string(e.Data.Body))
			}
		})
	}
}

func TestAFormWithTwoReadingsIsRefused(t *testing.T) {
	t.Parallel()
	s := besiege(t, "")
	for _, test := range []struct {
		name, body string
		offset     int64
	}{
		{"a broken escape", "a=1&b=%zz", 4},
		{"half an escape", "a=%4", 0},
		{"invalid UTF-8", "a=%ff", 0},
		{"an encoded surrogate", "a=%ED%A0%80", 0},
		{"a raw byte", "a=\xff", 0},
		{"a semicolon", "a=1;b=2", 0},
		{"no name", "a=1&=2", 4},
		{"a space before a name", "a=1&+b=2", 4},
		{"a NUL in a name", "a%00b=1", 0},
		{"a line break in a name", "a%0A=1", 0},
		{"a dot and an underscore", "a.b=1&a_b=2", 6},
		{"a space and an underscore", "a+b=1&a_b=2", 6},
		{"with and without brackets", "a=1&a[]=2", 4},
		{"a list and an object", "a[]=1&a[b]=2", 6},
		{"an open bracket", "a[b=1&a_b=2", 6},
		{"a path in a name", "a=1&@self[name]=Felix", 4},
		{"a list in a list", "a[][]=1", 0},
		{"another charset", "_charset_=iso-8859-1&a=1", 0},
		{"more fields than PHP reads", strings.Repeat("a[]=1&", 1001), 6000},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			p := s.send(t, message("POST", cats, test.body, asForm)).refused(t, http.StatusBadRequest, "invalid_form")
			require.NotNil(t, p.Offset, p.Detail)
			require.Equal(t, test.offset, *p.Offset, p.Detail)
		})
	}
}

// What a webhook changes in a form goes on as a form, or not at all.
func TestAChangedFormStaysAForm(t *testing.T) {
	t.Parallel()
	register := listen(t)
	enrich := interceptor(t, http.StatusOK, `{"data":{"validated":true,"tags":["a&b","c"],"@self":"é +"}}`)
	nest := interceptor(t, http.StatusOK, `{"data":{"owner":{"name":"Annie"}}}`)
	g := start(t, globals(
		webhook("enrich", enrich.URL, "\t\tintercept merge\n\t\tfilter schema cats"),
		webhook("nest", nest.URL, "\t\tintercept merge\n\t\tfilter schema dogs"),
	), "\tvoorpoort openregister\n\treverse_proxy "+register.address+"\n")
	s := &siege{gate: g, register: register, validator: enrich}

	o := s.send(t, message("POST", "/api/objects/pets/cats", "name=Minoes&tags[]=x", asForm))
	require.Equal(t, http.StatusCreated, o.Status, o.Body)
	require.JSONEq(t, `{"name":"Minoes","tags":["a&b","c"],"validated":"true","@self":"é +"}`, formAsObject(t, o.Arrived[0].Body))
	require.Equal(t, []string{decimal(len(o.Arrived[0].Body))}, o.Arrived[0].values("Content-Length"))
	require.Equal(t, []string{"application/x-www-form-urlencoded"}, o.Arrived[0].values("Content-Type"))

	o = s.send(t, message("POST", "/api/objects/pets/dogs", "name=Tarzan", asForm))
	o.refused(t, http.StatusUnsupportedMediaType, "unchangeable_body")
}
