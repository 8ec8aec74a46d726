package event

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"testing"

	cloudevents "github.com/cloudevents/sdk-go/v2/event"
	"github.com/stretchr/testify/require"

	"github.com/voorpoort/voorpoort/strictjson"
)

// after gives the events that follow a request; all must be built.
func after(tb testing.TB, table *Table, ex *Exchange) []*Event {
	tb.Helper()
	m, ok := table.Match(ex.Request.Method, ex.Request.Path)
	require.True(tb, ok, "%s %s matches no rule", ex.Request.Method, ex.Request.Path)
	events, err := m.After(tb.Context(), ex)
	require.NoError(tb, err)
	return events
}

// answered is an exchange with a JSON answer.
func answered(req *Request, status int, body string) *Exchange {
	ex := &Exchange{Request: req, Response: &Response{Status: status}, ID: testID}
	if body != "" {
		ex.Response.Body = []byte(body)
	}
	return ex
}

// toldBy gives the data of an event as it is written.
func toldBy(tb testing.TB, e *Event) string {
	tb.Helper()
	var envelope struct{ Data json.RawMessage }
	require.NoError(tb, json.Unmarshal(e.AppendJSON(nil, nil), &envelope))
	return string(envelope.Data)
}

func TestAnEventFollowsASuccess(t *testing.T) {
	t.Parallel()
	table := compile(t, Config{Presets: []string{"openregister"}})
	ex := answered(request("POST", "/api/objects/register-1/schema-2", `{"title":"t"}`), 201, "{\"id\" : \"abc-123\", \"title\":\"t\"}")
	events := after(t, table, ex)
	require.Len(t, events, 1)
	e := events[0]
	require.Equal(t, Type{Name: "object.created", Class: `OCA\OpenRegister\Event\ObjectCreatedEvent`}, e.Type)
	require.Equal(t, After, e.Phase)
	require.Equal(t, testID, e.ID)
	require.Equal(t, []string{"created", "create"}, e.ActionNames())
	require.Equal(t, `{"objectType":"object","action":"created","register":"register-1","schema":"schema-2","object":{"id" : "abc-123", "title":"t"}}`,
		toldBy(t, e), "the answer is told byte for byte")
	require.Equal(t, string(e.AppendJSON(nil, nil)), string(e.AppendJSON(nil, []byte("ignored"))))
}

func TestNothingFollowsARefusal(t *testing.T) {
	t.Parallel()
	table := compile(t, Config{Presets: []string{"rest"}})
	for _, status := range []int{100, 199, 300, 304, 400, 409, 422, 500, 0} {
		require.Empty(t, after(t, table, answered(request("POST", "/cats", "{}"), status, "{}")), status)
	}
	require.Empty(t, after(t, table, &Exchange{Request: request("POST", "/cats", "{}")}), "nobody saw an answer")
}

func TestTheObjectDocument(t *testing.T) {
	t.Parallel()
	table := compile(t, Config{Presets: []string{"rest"}, Rules: []Rule{{
		Resource: "thing", Path: "/odd/{object}/{action}/{x}", Actions: map[string]Action{"PUT": {Name: "update"}},
	}}})
	image := &Image{Body: []byte(`{"n": 1.0}`), Quality: BestEffort}
	for _, test := range []struct {
		name, method, path string
		change             func(*Exchange)
		want               string
	}{
		{"create", "POST", "/cats", nil, `{"objectType":"cats","action":"created","collection":"cats","object":{"n":2}}`},
		{"update", "PUT", "/cats/%35", nil, `{"objectType":"cats","action":"updated","collection":"cats","id":"5","object":{"n":2}}`},
		{
			"update with an image", "PUT", "/cats/5", func(ex *Exchange) { ex.Before = image },
			`{"objectType":"cats","action":"updated","collection":"cats","id":"5","object":{"n":2},"before":{"n": 1.0}}`,
		},
		{
			"delete with an image", "DELETE", "/cats/5", func(ex *Exchange) { ex.Before = image },
			`{"objectType":"cats","action":"deleted","collection":"cats","id":"5","object":{"n": 1.0},"before":{"n": 1.0}}`,
		},
		{
			"delete of what nobody has seen", "DELETE", "/cats/5", nil,
			`{"objectType":"cats","action":"deleted","collection":"cats","id":"5","object":null,"objectMissing":"unknown"}`,
		},
		{
			"the register had no such thing", "PUT", "/cats/5", func(ex *Exchange) { ex.Before = &Image{Quality: Exact} },
			`{"objectType":"cats","action":"updated","collection":"cats","id":"5","object":{"n":2}}`,
		},
		{
			"no answer body", "POST", "/cats", func(ex *Exchange) { ex.Response.Body = nil },
			`{"objectType":"cats","action":"created","collection":"cats","object":null,"objectMissing":"empty"}`,
		},
		{
			"an answer that is not JSON", "POST", "/cats", func(ex *Exchange) { ex.Response = &Response{Status: 200, Opaque: true, ContentType: "text/html"} },
			`{"objectType":"cats","action":"created","collection":"cats","object":null,"objectMissing":"not-json"}`,
		},
		{
			"an answer that is too large to keep", "POST", "/cats", func(ex *Exchange) { ex.Response = &Response{Status: 200, Truncated: true} },
			`{"objectType":"cats","action":"created","collection":"cats","object":null,"objectMissing":"too-large"}`,
		},
		{
			"no answer at all", "POST", "/cats", func(ex *Exchange) { ex.Response, ex.Recovered = nil, true },
			`{"objectType":"cats","action":"created","collection":"cats","object":null,"objectMissing":"unknown","written":{"n":0}}`,
		},
		{
			"parameters do not hide members", "PUT", "/odd/a/b/%ff", nil,
			`{"objectType":"thing","action":"updated","x":"` + "\uFFFD" + `","object":{"n":2}}`,
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			ex := answered(request(test.method, test.path, `{"n":0}`), 200, `{"n":2}`)
			if test.change != nil {
				test.change(ex)
			}
			events := after(t, table, ex)
			require.Len(t, events, 1)
			require.Equal(t, test.want, toldBy(t, events[0]))
			require.NoError(t, strictjson.Check(events[0].AppendJSON(nil, nil), 100))
		})
	}
}

func TestExtensionsOfAnAfterEvent(t *testing.T) {
	t.Parallel()
	table := compile(t, Config{Presets: []string{"openregister"}})
	ex := answered(request("PUT", "/api/objects/r/s/1", `{}`), 200, `{}`)
	ex.Before = &Image{Body: []byte(`{}`), Quality: Exact}
	ex.Recovered, ex.Outcome, ex.Flags = true, "unknown", []string{"felix", "second\n"}
	read := readBack(t, after(t, table, ex)[0].AppendJSON(nil, nil))
	require.Equal(t, map[string]any{
		"openregisterapp": "openregister", "openregisterversion": "1.0.0",
		"beforeimage": "exact", "recovered": true, "outcome": "unknown", "flagged": "felix,second%0A",
	}, read.Extensions())
	for _, name := range []string{"beforeimage", "recovered", "outcome", "flagged"} {
		r := post("/a")
		r.Extensions = map[string]any{name: "mine"}
		_, err := Compile(Config{Rules: []Rule{r}})
		require.ErrorContains(t, err, "sets itself")
	}
}

// TestTheSDKReadsAfterEvents: of every preset, with everything that an event can have.
func TestTheSDKReadsAfterEvents(t *testing.T) {
	t.Parallel()
	table := compile(t, Config{Presets: Presets(), Source: "urn:nld:oin:00000099123456789000:systeem:register"})
	for _, write := range []string{
		"POST /api/objects/r/s", "DELETE /api/objects/r/s/1", "PATCH /zaken/api/v1/zaken/z1", "DELETE /besluiten/api/v1/besluiten/b1",
		"POST /cats", "PUT /cats/%F0%9F%90%88", "POST /klantinteracties/api/v1/onderwerpobjecten",
	} {
		method, path, _ := strings.Cut(write, " ")
		ex := answered(request(method, path, `{}`), 200, `{"uuid":"u1","url":"https://r.example/x/u1","big":123456789012345678901234567890,"esc":"\u003c<\ud83d\ude00",`+
			`"klantcontact":{"uuid":"k1"},"onderwerpobjectidentificator":`+zaak(zaakA)+`}`)
		ex.Before, ex.Recovered, ex.Flags = &Image{Body: ex.Response.Body, Quality: BestEffort}, true, []string{"f"}
		ex.Fetch = func(context.Context, string) ([]byte, error) {
			return []byte(openKlant[klantBase+"/klantcontacten/k1"]), nil
		}
		events := after(t, table, ex)
		require.Len(t, events, 1, write)
		e := events[0]
		read := readBack(t, e.AppendJSON(nil, nil))
		require.NoError(t, read.Validate(), write)
		require.Equal(t, e.ID, read.ID())
		require.Equal(t, e.Type.Name, read.Type())
		require.Equal(t, e.Subject, read.Subject())
		require.Equal(t, e.Source, read.Source())
		require.JSONEq(t, toldBy(t, e), string(read.Data()))
	}
}

func TestWhatWebhooksAskAnAfterEvent(t *testing.T) {
	t.Parallel()
	table := compile(t, Config{Presets: []string{"rest"}})
	ex := answered(request("PUT", "/cats/5", `{"n":"asked"}`), 200, `{"n":"made"}`)
	ex.Before = &Image{Body: []byte(`{"n":"was"}`), Quality: Exact}
	ex.Response.Header = http.Header{"Location": {"/x"}, "Set-Cookie": {"secret"}}
	e := after(t, table, ex)[0]
	require.Equal(t, `{"n":"made"}`, string(e.Object()))
	require.Equal(t, `{"n":"was"}`, string(e.BeforeImage()))
	require.Same(t, ex.Response, e.Response())
	require.Equal(t, `{"n":"asked"}`, string(e.Request.Body))
	for _, expr := range []string{
		`request.body.n == "asked" && before.n == "was" && after.n == "made" && response.body.n == "made"`,
		`response.status == 200 && response.headers.location == "/x" && response != null`,
		`event.phase == "after" && event.type == "cats.updated"`,
	} {
		c, err := CompileCondition(expr)
		require.NoError(t, err)
		holds, err := c.Eval(e, e.Request.Body)
		require.NoError(t, err, expr)
		require.True(t, holds, expr)
	}
	asked := before(t, table, ex.Request)
	require.Equal(t, `{"n":"asked"}`, string(asked.Object()))
	require.Empty(t, asked.BeforeImage())
	require.Nil(t, asked.Response())
	require.Empty(t, new(Event).Object())
	c, err := CompileCondition(`before == null && after == null && response == null && response.body == null && response.status == 0 && response.headers.size() == 0`)
	require.NoError(t, err)
	require.True(t, c.NeedsBefore())
	holds, err := c.Eval(asked, asked.Request.Body)
	require.NoError(t, err)
	require.True(t, holds)
}

// TestTheRuleIsThatOfBefore: a webhook changed the body so that another rule would hold.
func TestTheRuleIsThatOfBefore(t *testing.T) {
	t.Parallel()
	one, two := post("/a"), post("/a")
	one.Name, one.When, one.Resource = "one", `request.body.kind == 1`, "one"
	two.Name, two.Resource = "two", "two"
	table := compile(t, Config{Rules: []Rule{one, two}})
	m, _ := table.Match("POST", "/a")
	m, ok, err := m.Choose(request("POST", "/a", `{"kind":1}`))
	require.NoError(t, err)
	require.True(t, ok)
	require.Equal(t, "one", m.Rule())
	events, err := m.After(t.Context(), answered(request("POST", "/a", `{"kind":2}`), 200, "{}"))
	require.NoError(t, err)
	require.Equal(t, "one.created", events[0].Type.Name)
	asked, _, err := m.Before(request("POST", "/a", `{"kind":2}`))
	require.NoError(t, err)
	require.Equal(t, "one.creating", asked.Type.Name)
	require.Equal(t, "one", asked.Rule())
}

// listRule tells one event for each thing in a list, in order.
func listRule(change func(*AfterEvent)) Rule {
	each := AfterEvent{
		Type: "thing.saved", ForEach: "response.body.things", When: "item.n > 0", SubjectExpression: `"thing:" + string(item.n)`,
		Key: "things", DataExpression: "item",
	}
	if change != nil {
		change(&each)
	}
	return Rule{Name: "list", Path: "/things/{x}", Subject: "x:{x}", Actions: map[string]Action{"POST": {Name: "save", AfterEvents: []AfterEvent{each}}}}
}

func TestOneEventForEachItem(t *testing.T) {
	t.Parallel()
	table := compile(t, Config{Rules: []Rule{listRule(nil)}})
	events := after(t, table, answered(request("POST", "/things/1", ""), 200, `{"things":[{"n":2},{"n":0},{"n":1}]}`))
	require.Len(t, events, 2)
	require.Equal(t, "thing:2", events[0].Subject)
	require.Equal(t, "thing:1", events[1].Subject)
	require.Equal(t, "things", events[1].Key)
	require.Equal(t, `{"n":1}`, toldBy(t, events[1]))
	require.NotEqual(t, events[0].ID, events[1].ID)
	require.Equal(t, []Type{{Name: "thing.saved"}}, table.TypesOf(After))
	require.Empty(t, table.TypesOf(Before))
}

func TestEventsOfOneExchangeAreBounded(t *testing.T) {
	t.Parallel()
	table := compile(t, Config{Rules: []Rule{listRule(nil)}})
	m, _ := table.Match("POST", "/things/1")
	body := `{"things":[` + strings.Repeat(`{"n":1},`, maxEvents+5) + `{"n":1}]}`
	events, err := m.After(t.Context(), answered(request("POST", "/things/1", ""), 200, body))
	require.Len(t, events, maxEvents)
	require.ErrorIs(t, err, ErrTooMany)
}

func TestSubjectsAndKeys(t *testing.T) {
	t.Parallel()
	table := compile(t, Config{Presets: []string{"openregister", "rest"}})
	for _, test := range []struct{ path, answer, location, want string }{
		{"/api/objects/r/s", `{"id":"abc"}`, "", "object:r/s/abc"},
		{"/api/objects/r/s", `{"id":42}`, "", "object:r/s/42"},
		{"/api/objects/r/s", `{"uuid":"u","id":42}`, "", "object:r/s/u"},
		{"/api/objects/r/s", `{"id":"a/b"}`, "", "object:r/s/a%2Fb"},
		{"/api/objects/r/s", `{"id":{}}`, "", "object:r/s"},
		{"/api/objects/r/s", `[]`, "/api/objects/r/s/99?x#y", "object:r/s/99"},
		{"/api/objects/r/s", `[]`, "", "object:r/s"},
		{"/cats", `{"url":"https://r.example/cats/c%201/"}`, "", "cats/c 1"},
	} {
		ex := answered(request("POST", test.path, "{}"), 201, test.answer)
		if test.location != "" {
			ex.Response.Header = http.Header{"Location": {test.location}}
		}
		e := after(t, table, ex)[0]
		require.Equal(t, test.want, e.Subject)
		require.Equal(t, e.Subject, e.Key)
	}
}

func TestEventsThatNobodyWantsCostNothing(t *testing.T) {
	t.Parallel()
	table := compile(t, Config{Presets: []string{"open-klant"}, Source: "x"})
	ex := answered(request("POST", klantBase+"/onderwerpobjecten", "{}"), 201, linked("k1", zaak(zaakA)))
	ex.Wanted = func(Type) bool { return false }
	require.Empty(t, after(t, table, ex))
}

func FuzzAfter(f *testing.F) {
	for _, body := range []string{`{}`, `[]`, `null`, linked("k1", zaak(zaakA)), linked("", blank("")), `{"things":[{"n":1},{"n":"x"},5]}`, `{"id":1e999}`, `{"":1e700}`} {
		f.Add(body, linked("k2", zaak(zaakB)), "/klantinteracties/api/v1/onderwerpobjecten/x", uint8(0))
		f.Add(body, body, "/things/%ff", uint8(1))
		f.Add(body, "", "/api/objects/a/b", uint8(2))
		f.Add(body, "{}", "/zaken/api/v1/zaken/x", uint8(3))
	}
	table, err := Compile(Config{Presets: Presets(), Rules: []Rule{listRule(nil)}, Source: "x"})
	require.NoError(f, err)
	f.Fuzz(func(t *testing.T, answer, image, path string, method uint8) {
		if strictjson.Check([]byte(answer), 64) != nil || image != "" && strictjson.Check([]byte(image), 64) != nil {
			t.Skip("not what callers may give")
		}
		name := []string{"PUT", "POST", "DELETE", "PATCH"}[method%4]
		m, ok := table.Match(name, path)
		if !ok {
			t.Skip("no rule")
		}
		ex := answered(request(name, path, answer), 200, answer)
		ex.Before = &Image{Body: []byte(image), Quality: BestEffort}
		ex.Fetch = func(context.Context, string) ([]byte, error) { return []byte(image), nil }
		_ = m.Prepare(t.Context(), ex)
		events, err := m.After(t.Context(), ex)
		if failed, ok := errors.AsType[*AfterError](err); ok {
			for _, u := range failed.Unbuilt {
				require.NoError(t, strictjson.Check(u.Event.AppendJSON(nil, nil), 80))
				events = append(events, u.Event)
			}
		} else {
			require.NoError(t, err)
		}
		for _, e := range events {
			require.NoError(t, strictjson.Check(e.AppendJSON(nil, nil), 80))
			if !withinFloat64([]byte(answer)) || !withinFloat64([]byte(image)) {
				continue // the SDK's decoder loses its place in such a number
			}
			var read cloudevents.Event
			require.NoError(t, json.Unmarshal(e.AppendJSON(nil, nil), &read))
			require.NoError(t, read.Validate())
		}
	})
}

func BenchmarkAfter(b *testing.B) {
	table := compile(b, Config{Presets: []string{"openregister"}})
	m, _ := table.Match("POST", "/api/objects/r/s")
	ex := answered(request("POST", "/api/objects/r/s", "{}"), 201, `{"id":"abc-123","title":"`+strings.Repeat("x", 2000)+`"}`)
	b.ReportAllocs()
	for b.Loop() {
		if events, err := m.After(b.Context(), ex); len(events) != 1 || err != nil {
			b.Fatal(events, err)
		}
	}
}
