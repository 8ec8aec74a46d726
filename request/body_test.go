package request

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/require"
)

// bodyRequest makes a request as the server would; no type is none at all.
func bodyRequest(contentType, body string, header ...string) *http.Request {
	r := httptest.NewRequest(http.MethodPost, "/api/objects/1/2", strings.NewReader(body))
	if contentType != "" {
		r.Header.Set("Content-Type", contentType)
	}
	for i := 0; i < len(header); i += 2 {
		r.Header.Add(header[i], header[i+1])
	}
	return r
}

func TestReadBodyJSON(t *testing.T) {
	t.Parallel()
	const document = ` {"name":"Felix","n":1.10,"big":12345678901234567890} `
	for contentType, canonical := range map[string]string{
		"":                                "",
		"application/json":                "application/json",
		"Application/JSON; charset=UTF-8": "application/json",
		"text/json":                       "text/json",
		"application/merge-patch+json":    "application/merge-patch+json",
		"application/hal+json;profile=x":  "application/hal+json",
		"image/svg+json":                  "image/svg+json",
		"text/plain":                      "text/plain",
		"text/html; charset=utf-8":        "text/html",
		"application/octet-stream":        "application/octet-stream",
		"application/xml":                 "application/xml",
		"multipart/form-data; boundary=b": "multipart/form-data",
		"x/y":                             "x/y",
		formType:                          formType,
	} {
		b, err := ReadBody(bodyRequest(contentType, document), BodyOptions{})
		require.NoError(t, err, contentType)
		require.Equal(t, document, string(b.JSON), contentType)
		require.Equal(t, canonical, b.ContentType)
		require.False(t, b.Form)
		require.Nil(t, b.Opaque)
	}
}

func TestReadBodyScalars(t *testing.T) {
	t.Parallel()
	for _, document := range []string{`1`, ` "x" `, `true`, "null\n"} {
		for _, contentType := range []string{"", "application/json", "text/plain"} {
			b, err := ReadBody(bodyRequest(contentType, document), BodyOptions{})
			require.NoError(t, err)
			require.Equal(t, document, string(b.JSON))
		}
	}
}

func TestReadBodyNone(t *testing.T) {
	t.Parallel()
	for _, r := range []*http.Request{
		bodyRequest("application/json", ""),
		bodyRequest("text/plain", "", "Content-Encoding", "gzip"),
		headRequest("DELETE", "", "Content-Type", "nonsense"),
	} {
		b, err := ReadBody(r, BodyOptions{})
		require.NoError(t, err)
		require.Nil(t, b.JSON)
		require.Nil(t, b.Opaque)
	}
}

func TestReadBodyUnparsed(t *testing.T) {
	t.Parallel()
	const text = "hello, world"
	_, err := ReadBody(bodyRequest("text/plain", text), BodyOptions{})
	require.Equal(t, ReasonUnsupportedType, problemOf(t, err).Reason)

	r := bodyRequest("text/plain", text)
	b, err := ReadBody(r, BodyOptions{Unparsed: PassAsBase64})
	require.NoError(t, err)
	require.Equal(t, text, string(b.Opaque))
	require.Nil(t, b.JSON)
	require.NotNil(t, b.Replace(r, []byte(`{}`)))
	b.Restore(r)
	require.Equal(t, text, bodyOf(t, r))
}

// TestReadBodyRefuses has the ways to give the webhooks another document than
// the register.
func TestReadBodyRefuses(t *testing.T) {
	t.Parallel()
	const json = "application/json"
	cases := []struct {
		name        string
		contentType string
		body        string
		header      []string
		status      int
		reason      Reason
		offset      int64 // -1: none
	}{
		{"a duplicate name", json, `{"a":1,"a":2}`, nil, 400, ReasonInvalidJSON, 7},
		{"a duplicate name below", "", `{"a":[{"b":1,"\u0062":2}]}`, nil, 400, ReasonInvalidJSON, 13},
		{"two values", json, `{} {}`, nil, 400, ReasonInvalidJSON, 3},
		{"cut short", json, `{"a":`, nil, 400, ReasonInvalidJSON, 5},
		{"not JSON", json, `a=1`, nil, 400, ReasonInvalidJSON, 0},
		{"no type, not JSON", "", `a=1`, nil, 400, ReasonInvalidJSON, 0},
		{"invalid UTF-8", json, "{\"a\":\"\xff\"}", nil, 400, ReasonInvalidJSON, 6},
		{"half a surrogate pair", json, `{"a":"\ud800"}`, nil, 400, ReasonInvalidJSON, 6},
		{"too deep", json, strings.Repeat("[", 200), nil, 400, ReasonInvalidJSON, 128},
		{"a byte order mark", json, "\ufeff{}", nil, 400, ReasonInvalidJSON, 0},
		{"UTF-16", json, "{\x00}\x00", nil, 400, ReasonInvalidJSON, 1},
		{"UTF-16 as text", "text/plain", "\x00{\x00}", nil, 400, ReasonInvalidJSON, 0},
		{"UTF-16 with its mark", "text/plain", "\xff\xfe{\x00}\x00", nil, 400, ReasonInvalidJSON, 0},
		{"a comment", json, `{/**/}`, nil, 400, ReasonInvalidJSON, 1},
		{"JSON as text, broken", "text/plain", `{"a":1,"a":2}`, nil, 400, ReasonInvalidJSON, 7},
		{"JSON as XML, broken", "text/xml", ` [1,]`, nil, 400, ReasonInvalidJSON, 4},
		{"JSON as a form, broken", formType, `{"a":1,"a":2}`, nil, 400, ReasonInvalidJSON, 7},
		{"JSON lines", "application/x-ndjson", "{}\n{}", nil, 400, ReasonInvalidJSON, 3},
		{"JSON in a preamble", "multipart/form-data; boundary=b", "{\"a\":1}\r\n--b\r\n", nil, 400, ReasonInvalidJSON, 9},
		{"JSON and a form at once", formType, `{"a":"&name=Felix&"}`, nil, 415, ReasonUnsupportedType, -1},
		{"a broken form", formType, `a=1&b=%`, nil, 400, ReasonInvalidForm, 4},
		{"multipart", "multipart/form-data; boundary=b", "--b\r\n", nil, 415, ReasonUnsupportedType, -1},
		{"XML", "application/xml", "<a/>", nil, 415, ReasonUnsupportedType, -1},
		{"a type that is none", "json", `{}`, nil, 415, ReasonUnsupportedType, -1},
		{"a broken parameter", json + "; charset", `{}`, nil, 415, ReasonUnsupportedType, -1},
		{"two types", json, `{}`, []string{"Content-Type", formType}, 415, ReasonUnsupportedType, -1},
		{"a list of types", json + ", " + formType, `{}`, nil, 415, ReasonUnsupportedType, -1},
		{"two charsets", json + "; charset=utf-8; charset=utf-16", `{}`, nil, 415, ReasonUnsupportedType, -1},
		{"another charset", json + "; charset=utf-16le", `{}`, nil, 415, ReasonUnsupportedCharset, -1},
		{"another charset as text", "text/plain; charset=utf-7", `{}`, nil, 415, ReasonUnsupportedCharset, -1},
		{"another charset of a form", formType + "; charset=latin1", `a=1`, nil, 415, ReasonUnsupportedCharset, -1},
		{"an unknown coding", json, `{}`, []string{"Content-Encoding", "deflate"}, 415, ReasonUnsupportedEncoding, -1},
		{"not in that coding", json, `{}`, []string{"Content-Encoding", "gzip"}, 400, ReasonInvalidEncoding, -1},
	}
	for _, c := range cases {
		_, err := ReadBody(bodyRequest(c.contentType, c.body, c.header...), BodyOptions{})
		problem := problemOf(t, err)
		require.Equal(t, c.status, problem.Status, c.name)
		require.Equal(t, c.reason, problem.Reason, c.name)
		require.Equal(t, c.offset >= 0, problem.Located, c.name)
		if problem.Located {
			require.Equal(t, c.offset, problem.Offset, c.name)
		}
	}
}

func TestReadBodyHints(t *testing.T) {
	t.Parallel()
	for _, body := range []string{"\ufeff{}", "{\x00}\x00", "\x00{\x00}", "\xff\xfe{\x00}\x00", "\x00\x00\x00{"} {
		_, err := ReadBody(bodyRequest("application/json", body), BodyOptions{})
		require.Contains(t, problemOf(t, err).Detail, "UTF-8 without a byte order mark")
	}
	_, err := ReadBody(bodyRequest("application/json", `{"Felix":1,"Felix":2}`), BodyOptions{})
	require.Contains(t, problemOf(t, err).Detail, `duplicate member name "Felix"`)
	require.NotContains(t, err.Error(), "Felix", "an error may be logged")
}

func TestReadBodyLimits(t *testing.T) {
	t.Parallel()
	body := `"` + strings.Repeat("x", 98) + `"`
	for _, length := range []int64{100, -1} {
		r := bodyRequest("application/json", body)
		r.ContentLength = length
		_, err := ReadBody(r, BodyOptions{MaxBody: 100})
		require.NoError(t, err)

		r = bodyRequest("application/json", body)
		r.ContentLength = length
		_, err = ReadBody(r, BodyOptions{MaxBody: 99})
		require.Equal(t, http.StatusRequestEntityTooLarge, problemOf(t, err).Status)
	}
	announced := bodyRequest("application/json", "")
	announced.Body, announced.ContentLength = io.NopCloser(iotest.ErrReader(errors.New("read"))), 101
	_, err := ReadBody(announced, BodyOptions{MaxBody: 100})
	require.Equal(t, ReasonBodyTooLarge, problemOf(t, err).Reason, "refused before it is read")
}

func TestReadBodyLength(t *testing.T) {
	t.Parallel()
	for _, length := range []int64{1, 3, 100_000} {
		r := bodyRequest("application/json", `{}`)
		r.ContentLength = length
		_, err := ReadBody(r, BodyOptions{})
		require.Equal(t, ReasonBodyIncomplete, problemOf(t, err).Reason)
	}
	large := `"` + strings.Repeat("x", 1<<20) + `"`
	for _, length := range []int64{int64(len(large)), -1} {
		r := bodyRequest("application/json", large)
		r.ContentLength = length
		r.Body = io.NopCloser(iotest.HalfReader(strings.NewReader(large)))
		b, err := ReadBody(r, BodyOptions{})
		require.NoError(t, err)
		require.Equal(t, large, string(b.JSON))
	}
}

// TestReadBodyPassesErrors: an error with a meaning for the caller must arrive
// as it is, because Caddy looks at the outermost error only.
func TestReadBodyPassesErrors(t *testing.T) {
	t.Parallel()
	own := errors.New("413 of an earlier handler")
	for _, data := range []string{"", `{"a"`} {
		r := bodyRequest("application/json", "")
		r.ContentLength = -1
		r.Body = io.NopCloser(io.MultiReader(strings.NewReader(data), iotest.ErrReader(own)))
		_, err := ReadBody(r, BodyOptions{})
		require.True(t, err == own, "not wrapped") //nolint:errorlint,testifylint // that is the point
	}
	r := bodyRequest("application/json", `{"a":1}`)
	r.Body, r.ContentLength = http.MaxBytesReader(nil, r.Body, 3), -1
	_, err := ReadBody(r, BodyOptions{})
	require.Equal(t, 413, problemOf(t, err).Status)

	r.Body = io.NopCloser(stuck{})
	_, err = ReadBody(r, BodyOptions{})
	require.ErrorIs(t, err, io.ErrNoProgress)
}

// stuck is a reader that never gives anything.
type stuck struct{}

func (stuck) Read([]byte) (int, error) { return 0, nil }

func TestReadBodyBuffers(t *testing.T) {
	t.Parallel()
	buffers := NewBuffers(100<<10, 0)
	options := BodyOptions{Buffers: buffers}
	document := `"` + strings.Repeat("x", 60<<10) + `"`
	first, err := ReadBody(bodyRequest("application/json", document), options)
	require.NoError(t, err)
	require.InDelta(t, len(document), buffers.Used(), 1)

	_, err = ReadBody(bodyRequest("application/json", document), options)
	require.Equal(t, 503, problemOf(t, err).Status)
	require.InDelta(t, len(document), buffers.Used(), 1, "a refused request holds nothing")

	unknown := bodyRequest("application/json", document)
	unknown.ContentLength = -1
	_, err = ReadBody(unknown, options)
	require.Equal(t, 503, problemOf(t, err).Status)

	first.Release()
	first.Release()
	require.Zero(t, buffers.Used())
	require.Equal(t, document, string(first.JSON))

	encoded := compress(t, "gzip", []byte(document))
	small, err := ReadBody(bodyRequest("application/json", string(encoded), "Content-Encoding", "gzip"), options)
	require.NoError(t, err)
	require.EqualValues(t, cap(small.JSON), buffers.Used(), "what counts is the decoded body, and no more the encoded one")
	small.Release()
	_, err = ReadBody(bodyRequest("application/json", `{`), options)
	require.Error(t, err)
	require.Zero(t, buffers.Used())
}

func TestEachByteOfABodyTakesItsWeight(t *testing.T) {
	t.Parallel()
	document := `"` + strings.Repeat("x", 20<<10) + `"`
	buffers := NewBuffers(100<<10, 0)
	first, err := ReadBody(bodyRequest("application/json", document), BodyOptions{Buffers: buffers, Weight: 3})
	require.NoError(t, err)
	require.InDelta(t, 3*len(document), buffers.Used(), 3)
	_, err = ReadBody(bodyRequest("application/json", document), BodyOptions{Buffers: buffers, Weight: 3})
	require.Equal(t, 503, problemOf(t, err).Status)
	first.Release()
	require.Zero(t, buffers.Used())
}

func TestParseUnparsed(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]Unparsed{"": RejectUnparsed, "reject": RejectUnparsed, "pass-as-base64": PassAsBase64} {
		got, err := ParseUnparsed(name)
		require.NoError(t, err)
		require.Equal(t, want, got)
	}
	_, err := ParseUnparsed("ignore")
	require.ErrorContains(t, err, "pass-as-base64")
	require.Equal(t, "pass-as-base64", PassAsBase64.String())
}

func problemOf(t testing.TB, err error) *Problem {
	t.Helper()
	problem, ok := err.(*Problem) //nolint:errorlint // never wrapped
	require.True(t, ok, "%v", err)
	return problem
}

func bodyOf(t testing.TB, r *http.Request) string {
	t.Helper()
	data, err := io.ReadAll(r.Body)
	require.NoError(t, err)
	require.NoError(t, r.Body.Close())
	return string(data)
}

// FuzzReadBody: whatever comes, reading does not panic, keeps the limit, and
// presents what it forwards.
func FuzzReadBody(f *testing.F) {
	seed := []byte(`{"a":"b","_method":"PUT"}`)
	f.Add("application/json", "", seed, false)
	f.Add(formType, "", []byte("a=1&_method=put"), true)
	f.Add(formType, "", []byte("_method=put"), true)
	f.Add(formType, "", []byte(".method"), true)
	f.Add(formType, "", []byte(`_method=put&{"a":1}`), true) // what is left is JSON to some
	f.Add(formType, "", []byte("_method=put&{"), true)
	for _, coding := range []string{"gzip", "br", "zstd"} {
		f.Add("text/plain", coding, compress(f, coding, seed), true)
	}
	f.Add("multipart/form-data; boundary=b", "gzip, br", compress(f, "br", compress(f, "gzip", []byte("--b--"))), true)
	f.Fuzz(func(t *testing.T, contentType, coding string, data []byte, known bool) {
		const limit = 4 << 10
		buffers := NewBuffers(64<<10, 0)
		r := httptest.NewRequest(http.MethodPost, "/", bytes.NewReader(data))
		r.Header["Content-Type"] = []string{contentType}
		r.Header["Content-Encoding"] = []string{coding}
		if !known {
			r.ContentLength = -1
		}
		b, err := ReadBody(r, BodyOptions{MaxBody: limit, Unparsed: PassAsBase64, Buffers: buffers})
		if err != nil {
			require.Zero(t, buffers.Used())
			return
		}
		require.LessOrEqual(t, len(b.forward), limit)
		if _, problem := b.ApplyMethodOverride(r, http.MethodPost, StripOverride); problem == nil {
			b.Restore(r)
			requireSameView(t, b, r)
			requireReplaceable(t, b, r)
		}
		b.Release()
		require.Zero(t, buffers.Used())
	})
}

// requireReplaceable puts another document in the place of the body, and reads it
// as the register would.
func requireReplaceable(t *testing.T, b *Body, r *http.Request) {
	t.Helper()
	const document = `{"a=1&b":"x;y\\="}`
	if problem := b.Replace(r, []byte(document)); problem != nil {
		require.NotNil(t, b.Opaque)
		return
	}
	again, err := ReadBody(r, BodyOptions{})
	require.NoError(t, err)
	require.Equal(t, b.Form, again.Form)
	require.JSONEq(t, document, string(again.JSON))
}

// requireSameView reads the forwarded request again, as the register would.
func requireSameView(t *testing.T, b *Body, r *http.Request) {
	t.Helper()
	require.Empty(t, r.Header["Content-Encoding"])
	again, err := ReadBody(r, BodyOptions{MaxBody: 8 << 10, Unparsed: PassAsBase64})
	require.NoError(t, err)
	if b.Form && len(b.forward) == 0 { // its only field was cut: it is still a form
		require.Equal(t, "{}", string(b.JSON))
		require.Nil(t, again.JSON)
	} else {
		require.Equal(t, b.JSON, again.JSON)
	}
	require.Equal(t, b.Opaque, again.Opaque)
	effective, problem := again.ApplyMethodOverride(r, http.MethodPost, RejectOverride)
	require.Nil(t, problem, "no override is left")
	require.Equal(t, http.MethodPost, effective)
}
