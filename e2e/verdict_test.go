package e2e_test

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/voorpoort/voorpoort/strictjson"
)

// closed: the client was refused, by us or by the server below us, and nobody
// heard of it.
func (o fate) closed(t *testing.T) {
	t.Helper()
	require.True(t, o.Status == 0 || o.Status >= 400, "%d %s", o.Status, o.Body)
	require.Empty(t, o.Arrived, "the register must not hear of a refused request")
	require.Empty(t, o.Asked, "the validator must not hear of it either")
}

// refused: the gate said why in a problem document, and nobody heard of it.
func (o fate) refused(t *testing.T, status int, reason string) refusal {
	t.Helper()
	require.Equal(t, status, o.Status, o.Body)
	o.closed(t)
	require.Equal(t, "application/problem+json", o.Header.Get("Content-Type"))
	require.NoError(t, strictjson.Check([]byte(o.Body), 0))
	var p refusal
	require.NoError(t, json.Unmarshal([]byte(o.Body), &p))
	require.Equal(t, "urn:voorpoort:problem:"+reason, p.Type)
	require.Equal(t, status, p.Status)
	require.NotEmpty(t, p.Title)
	require.NotEmpty(t, p.Detail)
	return p
}

// refusal is a problem document (RFC 9457) as a client reads it.
type refusal struct {
	Type, Title, Detail string
	Status              int
	Offset              *int64
}

// judged: the validator was asked about exactly what arrived at the register.
func (o fate) judged(t *testing.T) (cloudEvent, arrival) {
	t.Helper()
	require.Equal(t, http.StatusCreated, o.Status, o.Body)
	require.Len(t, o.Asked, 1, "the validator must be asked once")
	require.Len(t, o.Arrived, 1, "the register must get the request once")
	e, a := o.Asked[0], o.Arrived[0]
	path, query, _ := strings.Cut(a.Target, "?")
	require.Equal(t, e.Data.Method, a.Method, "the method")
	require.Equal(t, e.Data.Method, lenientMethod(t, a), "the method to a register that honours overrides")
	require.Equal(t, segments(t, e.Data.Path), segments(t, path), "the path")
	require.Equal(t, e.Data.Path, path)
	require.Equal(t, e.Data.Headers["Content-Type"], a.Header.Get("Content-Type"), "the type")
	sameBody(t, e, a)
	sameFraming(t, a)
	for name := range e.Data.QueryParams {
		require.True(t, strings.Contains(query, url.QueryEscape(name)) || strings.Contains(query, name), "the register gets the parameter %s", name)
	}
	return e, a
}

// refusedOrJudged is the invariant of the gate: two decisions on the same bytes
// may never differ.
func (o fate) refusedOrJudged(t *testing.T) {
	t.Helper()
	if o.Status == 0 || o.Status >= 400 {
		o.closed(t)
		return
	}
	o.judged(t)
}

// untouched: the gate had no business with the request, and the register got
// it as it was.
func (o fate) untouched(t *testing.T, method, target, body string) arrival {
	t.Helper()
	require.Equal(t, http.StatusCreated, o.Status, o.Body)
	require.Empty(t, o.Asked)
	require.Len(t, o.Arrived, 1)
	a := o.Arrived[0]
	require.Equal(t, []string{method, target, body}, []string{a.Method, a.Target, a.Body})
	return a
}

// segments are those of a path, each decoded once.
func segments(t *testing.T, path string) []string {
	t.Helper()
	parts := strings.Split(path, "/")
	for i, part := range parts {
		decoded, err := url.PathUnescape(part)
		require.NoError(t, err, "a path that reaches the register is percent-encoded")
		parts[i] = decoded
	}
	return parts
}

// sameBody compares what the validator was shown with what arrived: JSON to the
// byte, a form as the object that it stands for, other bodies as base64.
func sameBody(t *testing.T, e cloudEvent, a arrival) {
	t.Helper()
	media, _, _ := strings.Cut(a.Header.Get("Content-Type"), ";")
	form := strings.EqualFold(media, "application/x-www-form-urlencoded")
	switch {
	case e.Data.BodyBase64 != "":
		decoded, err := base64.StdEncoding.DecodeString(e.Data.BodyBase64)
		require.NoError(t, err)
		require.Equal(t, string(decoded), a.Body)
	case a.Body == "" && !form:
		require.Contains(t, []string{"", "null"}, string(e.Data.Body))
	case form && !json.Valid([]byte(a.Body)):
		require.JSONEq(t, formAsObject(t, a.Body), string(e.Data.Body))
	default:
		require.NoError(t, strictjson.Check([]byte(a.Body), 0), "what reaches the register is strict JSON: %q", a.Body)
		require.Equal(t, string(e.Data.Body), strings.Trim(a.Body, " \t\r\n")) // encoding/json cuts white space around a value
	}
}

// formAsObject reads a form with the standard library.
func formAsObject(t *testing.T, form string) string {
	t.Helper()
	values, err := url.ParseQuery(form)
	require.NoError(t, err)
	object := map[string]any{}
	for name, list := range values {
		base, brackets := strings.CutSuffix(name, "[]")
		object[base] = list
		if len(list) == 1 && !brackets {
			object[base] = list[0]
		}
	}
	document, err := json.Marshal(object)
	require.NoError(t, err)
	return string(document)
}

// sameFraming: one length, that of the bytes, and nothing left of how the
// client had wrapped them.
func sameFraming(t *testing.T, a arrival) {
	t.Helper()
	if a.Body != "" {
		require.Equal(t, []string{strconv.Itoa(len(a.Body))}, a.values("Content-Length"))
	}
	for _, name := range []string{"Transfer-Encoding", "Content-Encoding", "Expect", "Trailer", "Upgrade"} {
		require.Empty(t, a.values(name), "the register must not get %s", name)
	}
	require.NotContains(t, strings.ToLower(a.Head), "\r\ntransfer-encoding:")
	require.Empty(t, a.Trailer)
}

// lenientMethod is the method that the most lenient framework would act on.
func lenientMethod(t *testing.T, a arrival) string {
	t.Helper()
	method := strings.ToUpper(a.Method)
	if method != http.MethodPost {
		return method
	}
	for name, values := range a.Header {
		switch strings.NewReplacer("_", "-", ".", "-").Replace(strings.ToLower(name)) {
		case "x-http-method-override", "x-http-method", "x-method-override":
			return strings.ToUpper(values[0])
		}
	}
	_, query, _ := strings.Cut(a.Target, "?")
	for _, pairs := range []string{query, a.Body} {
		values, _ := url.ParseQuery(pairs)
		for name, list := range values {
			if strings.EqualFold(name, "_method") {
				return strings.ToUpper(list[0])
			}
		}
	}
	var document map[string]any
	if json.Unmarshal([]byte(a.Body), &document) == nil {
		for name, value := range document {
			if named, ok := value.(string); ok && strings.EqualFold(name, "_method") {
				return strings.ToUpper(named)
			}
		}
	}
	return method
}
