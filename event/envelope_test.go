package event

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	cloudevents "github.com/cloudevents/sdk-go/v2/event"
	"github.com/stretchr/testify/require"

	"github.com/voorpoort/voorpoort/strictjson"
)

func TestEnvelope(t *testing.T) {
	t.Parallel()
	table := compile(t, Config{Presets: []string{"openregister"}})
	req := &Request{
		Method: "POST", Path: "/api/objects/register-1/schema-2", Query: "x=1",
		Header: http.Header{"Content-Type": {"application/json"}, "Authorization": {"Bearer token"}},
		Body:   []byte(`{"@self": {"title":"My Object"}, "n": 1.10, "big":12345678901234567890, "e":1e400}`),
	}
	e := before(t, table, req)
	require.Equal(t, `{"specversion":"1.0","source":"/apps/openregister","datacontenttype":"application/json",`+
		`"openregisterapp":"openregister","openregisterversion":"1.0.0","type":"object.creating",`+
		`"id":"0195fd2c-0000-7000-8000-000000000001","time":"2026-01-02T02:04:05.678Z","subject":"object:register-1/schema-2",`+
		`"data":{"method":"POST","path":"/api/objects/register-1/schema-2","queryParams":{"x":"1"},`+
		`"headers":{"Content-Type":"application/json"},"body":{"@self": {"title":"My Object"}, "n": 1.10, "big":12345678901234567890, "e":1e400}}}`,
		string(e.AppendJSON(nil, req.Body)))
	require.Equal(t, "prefix", string(e.AppendJSON([]byte("prefix"), nil)[:6]), "appends")
}

func TestEnvelopeReadsBackEqual(t *testing.T) {
	t.Parallel()
	rule := post("/own/{id}")
	rule.Subject, rule.Extensions = "own:{id}", map[string]any{"n": 5.0, "yes": true, "text": "é"}
	table := compile(t, Config{Presets: []string{"openregister", "rest"}, Rules: []Rule{rule}, Source: "urn:nld:oin:00000001:systeem:register"})
	for _, path := range []string{"/own/a%20%22b", "/api/objects/r/s/1", "/api/cats", "/api/graphql"} {
		req := request("POST", path, `{"a":[1,"<&>",null]}`)
		req.Query = "a=1&a=2&b=%22"
		e := before(t, table, req)
		read := readBack(t, e.AppendJSON(nil, req.Body))

		require.Equal(t, "1.0", read.SpecVersion())
		require.Equal(t, e.ID, read.ID())
		require.Equal(t, e.Type.Name, read.Type())
		require.Equal(t, e.Source, read.Source())
		require.Equal(t, e.Subject, read.Subject())
		require.Equal(t, "application/json", read.DataContentType())
		require.True(t, e.Time.Truncate(time.Millisecond).Equal(read.Time()))
		require.Empty(t, read.DataSchema())
		switch path {
		case "/own/a%20%22b":
			require.Equal(t, map[string]any{"n": int32(5), "yes": true, "text": "é"}, read.Extensions())
		case "/api/cats":
			require.Empty(t, read.Extensions())
		default:
			require.Equal(t, map[string]any{"openregisterapp": "openregister", "openregisterversion": "1.0.0"}, read.Extensions())
		}
		require.JSONEq(t, `{"method":"POST","path":"`+path+`","queryParams":{"a":["1","2"],"b":"\""},`+
			`"headers":{"Content-Type":"application/json"},"body":{"a":[1,"<&>",null]}}`, string(read.Data()))
	}
}

// readBack reads an envelope with the official SDK, which must find nothing wrong.
func readBack(tb testing.TB, envelope []byte) cloudevents.Event {
	tb.Helper()
	var read cloudevents.Event
	require.NoError(tb, json.Unmarshal(envelope, &read), "%s", envelope)
	require.NoError(tb, read.Validate(), "%s", envelope)
	return read
}

func TestEnvelopeWithoutAndWithOtherBodies(t *testing.T) {
	t.Parallel()
	table := compile(t, Config{Rules: []Rule{post("/a")}})
	req := request("POST", "/a", "")
	e := before(t, table, req)
	require.Contains(t, string(e.AppendJSON(nil, nil)), `"headers":{"Content-Type":"application/json"},"body":null}}`)
	require.Contains(t, string(e.AppendJSON(nil, []byte{})), `"body":null}}`)
	require.NotContains(t, string(e.AppendJSON(nil, nil)), "subject", "no attribute is there without a value")

	req.Opaque = []byte{0, 0xff, '"'}
	require.Contains(t, string(e.AppendJSON(nil, nil)), `"body":null,"bodyBase64":"AP8i"}}`)
	require.Contains(t, string(e.AppendJSON(nil, []byte(`{}`))), `"body":{}}}`, "a webhook has put JSON in its place")
}

func TestEnvelopeOfAnEventThatNoTableMade(t *testing.T) {
	t.Parallel()
	e := &Event{ID: "1", Time: testTime, Type: Type{Name: "x"}, Source: "/s", Request: request("POST", "/a", "")}
	read := readBack(t, e.AppendJSON(nil, []byte(`{}`)))
	require.Equal(t, "x", read.Type())
}

func TestTimesThatRFC3339CannotTell(t *testing.T) {
	t.Parallel()
	require.Equal(t, "9999-12-31T23:59:59.000Z", string(appendTime(nil, testTime.AddDate(9000, 0, 0), false)))
	require.Equal(t, "0001-01-01T00:00:00.000Z", string(appendTime(nil, time.Time{}, false)))
}

// withinFloat64 reports whether no number in a body is beyond float64. The JSON library of the SDK (json-iterator) loses its
// place behind such a number, although RFC 8259 section 6 allows it; the register's body is not ours to change.
func withinFloat64(body []byte) bool {
	if len(body) == 0 {
		return true
	}
	var value any
	return json.Unmarshal(body, &value) == nil
}

// FuzzEnvelope: whatever a client sends, the SDK reads the envelope, strictjson accepts it, and the body in it is the
// body that was sent, byte for byte.
func FuzzEnvelope(f *testing.F) {
	f.Add("POST", "/api/objects/r/s", "x=1&x=2", "application/json", `{"a":1}`)
	f.Add("post", "/%00/%ff", "%zz=%&&", "\xff\x00\"", "\x00")
	f.Add("PUT", "/any/ ", "=", "", ` [1e400, "\ud83d\ude00"] `)
	f.Add("DELETE", "/cats/%20", strings.Repeat("a=&", 40), "a\r\nb", "")
	anything := Rule{Resource: "{all}", Path: "/{all...}", Subject: "{all}", Actions: map[string]Action{}}
	blank := Rule{Resource: "x", Path: "/subject/{all}", SubjectExpression: "params.all + request.path", Actions: map[string]Action{}}
	computed := Rule{
		Resource: "x", Path: "/data/{all}", Actions: map[string]Action{},
		DataExpression: `{params.all: request.query, "b": request.body, "h": request.headers, request.path: request.method}`,
	}
	for _, method := range []string{"POST", "PUT", "PATCH", "DELETE", "X"} {
		for _, r := range []Rule{anything, blank, computed} {
			r.Actions[method] = Action{Name: "create"}
		}
	}
	table := compile(f, Config{Presets: []string{"openregister", "rest"}, Rules: []Rule{anything, blank, computed}})
	f.Fuzz(func(t *testing.T, method, path, query, header, body string) {
		req := &Request{Method: method, Path: path, Query: query, Header: http.Header{"Content-Type": {header}, "Accept": {header, query}}}
		if strictjson.Check([]byte(body), 0) == nil {
			req.Body = []byte(body)
		} else {
			req.Opaque = []byte(body)
		}
		m, ok := table.Match(method, path)
		if !ok {
			return
		}
		e, ok, err := m.Before(req)
		if err != nil || !ok {
			return // an expression refuses the request
		}
		envelope := e.AppendJSON(nil, req.Body)
		require.NoError(t, strictjson.Check(envelope, 2*strictjson.DefaultMaxDepth), "%s", envelope)
		require.True(t, json.Valid(envelope))
		sdkReads := envelope
		if !withinFloat64(req.Body) {
			sdkReads = e.AppendJSON(nil, []byte("0"))
		}
		read := readBack(t, sdkReads)
		require.Equal(t, e.Type.Name, read.Type())
		require.Equal(t, e.Subject, read.Subject())
		data, _ := strictjson.Get(sdkReads, "data")
		require.Equal(t, string(data), string(bytes.Trim(read.Data(), " \t\r\n")), "the SDK sees the same bytes")
		if strings.HasPrefix(e.Rule(), "#3") {
			return // its data is not the request
		}
		requireBody(t, envelope, req)
	})
}

// requireBody compares the body in an envelope with the request's.
func requireBody(t *testing.T, envelope []byte, req *Request) {
	t.Helper()
	got, ok := strictjson.Get(envelope, "data", "body")
	require.True(t, ok)
	if len(req.Body) > 0 {
		require.Equal(t, string(bytes.Trim(req.Body, " \t\r\n")), string(got))
		require.True(t, bytes.HasSuffix(envelope, append([]byte(`"body":`+string(req.Body)), "}}"...)))
		return
	}
	require.Equal(t, "null", string(got))
	if len(req.Opaque) > 0 {
		token, _ := strictjson.Get(envelope, "data", "bodyBase64")
		text, _ := strictjson.Unquote(token)
		decoded, err := base64.StdEncoding.DecodeString(text)
		require.NoError(t, err)
		require.Equal(t, req.Opaque, decoded)
	}
}

// benchmarkRequest is a POST with a body of about 2 KiB.
func benchmarkRequest() *Request {
	var body bytes.Buffer
	body.WriteString(`{"@self":{"register":"r","schema":"s"},"items":[`)
	for i := 0; body.Len() < 2000; i++ {
		if i > 0 {
			body.WriteByte(',')
		}
		body.WriteString(`{"name":"Felix the <cat>","age":12,"weight":4.25,"tags":["a","b"]}`)
	}
	body.WriteString("]}")
	return &Request{
		Method: "POST", Path: "/api/objects/register-1/schema-2", Query: "x=1&y=2",
		Header: http.Header{
			"Accept": {"application/json"}, "Content-Type": {"application/json"}, "User-Agent": {"benchmark/1.0"},
			"Authorization": {"Bearer token"}, "X-Request-Id": {"0195fd2c"},
		},
		Body: body.Bytes(),
	}
}

func BenchmarkEnvelope(b *testing.B) {
	table := compile(b, Config{Presets: []string{"openregister"}})
	req := benchmarkRequest()
	b.Run("voorpoort", func(b *testing.B) {
		e := before(b, table, req)
		dst := e.AppendJSON(nil, req.Body)
		b.SetBytes(int64(len(dst)))
		b.ReportAllocs()
		for b.Loop() {
			dst = e.AppendJSON(dst[:0], req.Body)
		}
	})
	b.Run("with-match-and-event", func(b *testing.B) {
		dst := make([]byte, 0, 4096)
		b.ReportAllocs()
		for b.Loop() {
			m, _ := table.Match(req.Method, req.Path)
			e, _, _ := m.Before(req)
			dst = e.AppendJSON(dst[:0], req.Body)
		}
	})
	b.Run("sdk-go", func(b *testing.B) {
		e := before(b, table, req)
		b.SetBytes(int64(len(e.AppendJSON(nil, req.Body))))
		b.ReportAllocs()
		for b.Loop() {
			built := sdkEvent(b, e)
			if _, err := built.MarshalJSON(); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("sdk-go-data-already-marshalled", func(b *testing.B) {
		built := sdkEvent(b, before(b, table, req))
		b.ReportAllocs()
		for b.Loop() {
			if _, err := built.MarshalJSON(); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// sdkEvent makes the same event with the official SDK: the same data, with the body passed through.
func sdkEvent(tb testing.TB, e *Event) cloudevents.Event {
	tb.Helper()
	type data struct {
		Method      string            `json:"method"`
		Path        string            `json:"path"`
		QueryParams map[string]string `json:"queryParams"`
		Headers     map[string]string `json:"headers"`
		Body        json.RawMessage   `json:"body"`
	}
	content := data{
		Method: e.Request.Method, Path: e.Request.Path, QueryParams: make(map[string]string), Headers: make(map[string]string),
		Body: e.Request.Body,
	}
	for _, p := range parseQuery(nil, e.Request.Query) {
		content.QueryParams[p.name] = p.value
	}
	for _, h := range e.allowedHeaders() {
		if values := e.Request.Header[h.name]; len(values) > 0 {
			content.Headers[h.name] = joined(values)
		}
	}
	built := cloudevents.New()
	built.SetID(e.ID)
	built.SetType(e.Type.Name)
	built.SetSource(e.Source)
	built.SetSubject(e.Subject)
	built.SetTime(e.Time)
	built.SetExtension("openregisterapp", "openregister")
	built.SetExtension("openregisterversion", "1.0.0")
	if err := built.SetData("application/json", content); err != nil {
		tb.Fatal(err)
	}
	return built
}

// TestTheSDKWritesTheSameEvent: what we write by hand and what the SDK writes read back equal.
func TestTheSDKWritesTheSameEvent(t *testing.T) {
	t.Parallel()
	req := benchmarkRequest()
	e := before(t, compile(t, Config{Presets: []string{"openregister"}}), req)
	theirs, err := json.Marshal(sdkEvent(t, e))
	require.NoError(t, err)
	ours := readBack(t, e.AppendJSON(nil, req.Body))
	want := readBack(t, theirs)
	require.True(t, ours.Time().Equal(want.Time().Truncate(time.Millisecond)))
	ours.SetTime(want.Time())
	require.Equal(t, want.Context, ours.Context)
	require.JSONEq(t, string(want.Data()), string(ours.Data()))
}

func TestEnvelopeDoesNotAllocate(t *testing.T) {
	table := compile(t, Config{Presets: []string{"openregister"}})
	req := benchmarkRequest()
	e := before(t, table, req)
	dst := e.AppendJSON(nil, req.Body)
	require.Zero(t, testing.AllocsPerRun(100, func() { dst = e.AppendJSON(dst[:0], req.Body) }))
}
