package event

import (
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

const postedZaak = `{"specversion":"1.0","type":"nl.vng.zgw.zaken.zaak.created","source":"https://openconnector.yourdomain.nl",
	"id":"550e8400-e29b-41d4-a716-446655440000","time":"2024-06-15T12:30:00+02:00","subject":"abc123","sequence":5,"urgent":true,
	"datacontenttype":"application/json","data":{"zaakUrl":"https://z/abc123"}}`

func TestAPostedEventIsToldAsItWasWritten(t *testing.T) {
	t.Parallel()
	e, err := Posted([]byte(" " + postedZaak + "\n"))
	require.NoError(t, err)
	require.Equal(t, postedZaak, string(e.AppendJSON(nil, nil)))
	require.Equal(t, After, e.Phase)
	require.Equal(t, "550e8400-e29b-41d4-a716-446655440000", e.ID)
	require.Equal(t, "nl.vng.zgw.zaken.zaak.created", e.Type.Name)
	require.Equal(t, "https://openconnector.yourdomain.nl", e.Source)
	require.Equal(t, "abc123", e.Subject)
	require.Equal(t, "abc123", e.Key, "what is about one thing arrives in order")
	require.Equal(t, time.Date(2024, 6, 15, 10, 30, 0, 0, time.UTC), e.Time)
	require.JSONEq(t, `{"zaakUrl":"https://z/abc123"}`, string(e.Object()))
	require.Nil(t, e.Response())
	require.Empty(t, e.Names("register"), "it has no path")
}

func TestConditionsOfAPostedEventKnowItsData(t *testing.T) {
	t.Parallel()
	e, err := Posted([]byte(postedZaak))
	require.NoError(t, err)
	for expression, want := range map[string]bool{
		`request.body.zaakUrl == "https://z/abc123"`:               true,
		`after.zaakUrl == "https://z/abc123"`:                      true,
		`event.subject == "other"`:                                 false,
		`before == null && response.status == 0`:                   true,
		`request.method == "" && size(params) == 0`:                true,
		`size(request.headers) == 0 && size(request.query) == 0`:   true,
		`event.time == timestamp("2024-06-15T10:30:00Z")`:          true,
		`event.phase == "after" && event.source.startsWith("htt")`: true,
	} {
		c, err := CompileCondition(expression)
		require.NoError(t, err)
		got, err := c.Eval(e, e.Request.Body)
		require.NoError(t, err, expression)
		require.Equal(t, want, got, expression)
	}
}

func TestAttributesInTheirCanonicalText(t *testing.T) {
	t.Parallel()
	e, err := Posted([]byte(postedZaak))
	require.NoError(t, err)
	for name, want := range map[string]string{
		"specversion": "1.0", "type": e.Type.Name, "source": e.Source, "id": e.ID, "subject": "abc123",
		"sequence": "5", "urgent": "true", "time": "2024-06-15T12:30:00+02:00", "datacontenttype": "application/json",
	} {
		got, ok := e.Attribute(name)
		require.True(t, ok, name)
		require.Equal(t, want, got)
	}
	for _, name := range []string{"data", "zaakUrl", "absent", "", "Type"} {
		_, ok := e.Attribute(name)
		require.False(t, ok, name)
	}
}

func TestAnEventOfTheGatewayHasItsAttributes(t *testing.T) {
	t.Parallel()
	e := &Event{ID: "1", Source: "/s", Type: Type{Name: "t"}}
	got, ok := e.Attribute("type")
	require.True(t, ok)
	require.Equal(t, "t", got)
	_, ok = e.Attribute("subject")
	require.False(t, ok, "an empty one is absent")
	_, ok = e.Attribute("traceparent")
	require.False(t, ok)
}

func TestWhatIsNoCloudEvent(t *testing.T) {
	t.Parallel()
	const good = `"specversion":"1.0","id":"1","source":"/s","type":"t"`
	for raw, want := range map[string]string{
		`[]`: "", `{`: "", ``: "", `"text"`: "", `{` + good + `,"id":"2"}`: "",
		`{"id":"1","source":"/s","type":"t"}`:                      "specversion",
		`{"specversion":"0.3","id":"1","source":"/s","type":"t"}`:  "specversion",
		`{"specversion":"1.0","id":"","source":"/s","type":"t"}`:   "id",
		`{"specversion":"1.0","id":1,"source":"/s","type":"t"}`:    "id",
		`{"specversion":"1.0","id":"1","source":"a b","type":"t"}`: "source",
		`{"specversion":"1.0","id":"1","source":"/s","type":null}`: "type",
		`{` + good + `,"time":"yesterday"}`:                        "time",
		`{` + good + `,"subject":""}`:                              "subject",
		`{` + good + `,"userId":"x"}`:                              "userId",
		`{` + good + `,"extension":{"a":1}}`:                       "extension",
		`{` + good + `,"data":1,"data_base64":"AA=="}`:             "",
	} {
		_, err := Posted([]byte(raw))
		var fault *AttributeError
		require.ErrorAs(t, err, &fault, raw)
		require.Equal(t, want, fault.Attribute, raw)
		require.NotEmpty(t, fault.Error())
	}
	e, err := Posted([]byte(`{` + good + `,"subject":null,"data":null}`))
	require.NoError(t, err, "null is absent")
	require.Empty(t, e.Object())
}

func FuzzPosted(f *testing.F) {
	f.Add([]byte(postedZaak))
	f.Add([]byte(`{"specversion":"1.0","id":"1","source":"/s","type":"t","data_base64":"AA=="}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		e, err := Posted(raw)
		if err != nil {
			if _, ok := errors.AsType[*AttributeError](err); !ok {
				t.Fatalf("%T is no fault of an attribute", err)
			}
			return
		}
		if e.ID == "" || e.Source == "" || e.Type.Name == "" {
			t.Fatal("an event without what every event has")
		}
		e.Attribute("time")
		e.Names("x")
		e.ActionNames()
	})
}
