package webhook

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/voorpoort/voorpoort/event"
)

// written gives the event after a write that the register accepted. image is
// the thing before it, "" when that is not known.
func written(tb testing.TB, method, path, body, image string, answer *event.Response) *event.Event {
	tb.Helper()
	match, ok := testTable(tb).Match(method, path)
	require.True(tb, ok, path)
	exchange := &event.Exchange{Request: &event.Request{Method: method, Path: path, Body: []byte(body)}, Response: answer}
	if image != "" {
		exchange.Before = &event.Image{Body: []byte(image), Quality: event.Exact}
	}
	events, err := match.After(tb.Context(), exchange)
	require.NoError(tb, err)
	require.Len(tb, events, 1)
	return events[0]
}

func answered(status int, body string) *event.Response {
	return &event.Response{Status: status, Header: http.Header{"Etag": {`"5"`}}, Body: []byte(body)}
}

// told tells whether the filters of a subscriber let an event through.
func told(tb testing.TB, filters string, e *event.Event) bool {
	tb.Helper()
	h := compileJSON(tb, `"filters":{`+filters+`},"configuration":{}`)
	got, err := h.Matches(e, e.Request.Body)
	require.NoError(tb, err)
	return got
}

const (
	cats  = "/api/objects/pets/pet-store-cat-schema"
	felix = cats + "/felix"
)

// TestFiltersAfterACreation: object is what the register made of it, data what
// it was sent.
func TestFiltersAfterACreation(t *testing.T) {
	t.Parallel()
	e := written(t, "POST", cats, `{"name":"Felix","status":"new"}`, "", answered(201, `{"id":"1","name":"FELIX","object":{"type":"cat"}}`))
	for filters, want := range map[string]bool{
		`"objectType":"object"`:                                 true,
		`"action":"created"`:                                    true,
		`"action":"create"`:                                     true,
		`"action":"creating"`:                                   false,
		`"schema":12,"register":"pets"`:                         true,
		`"schema":"dog"`:                                        false,
		`"object.name":"FELIX"`:                                 true,
		`"object.name":"Felix"`:                                 false,
		`"object.type":"cat"`:                                   true, // a member object of the object
		`"object.status":null`:                                  true,
		`"object.status":"new"`:                                 false,
		`"data.name":"Felix","data.status":"new"`:               true,
		`"data.id":"1"`:                                         false,
		`"request.body.name":"Felix"`:                           true,
		`"name":"Felix"`:                                        true, // anything else is a member of the request body
		`"before.name":null`:                                    true, // there was nothing
		`"before.name":"Felix"`:                                 false,
		`"response.status":201`:                                 true,
		`"response.status":[200,204]`:                           false,
		`"response.status":"201"`:                               false,
		`"response.headers.ETag":"\"5\""`:                       true,
		`"response.headers.X-None":null`:                        true,
		`"response.body.id":"1"`:                                true,
		`"response.body.id":null`:                               false,
		`"response.code":null`:                                  true,
		`"type":"object.created"`:                               true,
		`"type":"OCA\\OpenRegister\\Event\\ObjectCreatedEvent"`: true,
	} {
		require.Equal(t, want, told(t, filters, e), filters)
	}
}

// TestFiltersAfterAnUpdate: before is the thing as it was.
func TestFiltersAfterAnUpdate(t *testing.T) {
	t.Parallel()
	e := written(t, "PUT", felix, `{"status":"sold"}`, `{"status":"new","owner":null}`, answered(200, `{"status":"sold"}`))
	require.True(t, told(t, `"before.status":"new","object.status":"sold"`, e))
	require.False(t, told(t, `"before.status":"sold"`, e))
	require.True(t, told(t, `"before.owner":null,"id":"felix"`, e))

	unknown := written(t, "PUT", felix, `{"status":"sold"}`, "", answered(200, ""))
	require.False(t, told(t, `"before.status":"new"`, unknown), "what is not known never equals a value")
	require.False(t, told(t, `"object.status":"sold"`, unknown), "the register did not say")
	require.True(t, told(t, `"data.status":"sold"`, unknown))
}

// TestFiltersAfterADeletion: the object is what it was.
func TestFiltersAfterADeletion(t *testing.T) {
	t.Parallel()
	e := written(t, "DELETE", felix, "", `{"name":"Felix"}`, answered(204, ""))
	require.True(t, told(t, `"object.name":"Felix","before.name":"Felix"`, e))
	require.False(t, told(t, `"object.name":"Felix"`, written(t, "DELETE", felix, "", "", answered(204, ""))))
}

// TestResponseBeforeTheWrite: there a word like any other.
func TestResponseBeforeTheWrite(t *testing.T) {
	t.Parallel()
	const body = `{"response":{"status":"done","headers":{"a":1},"body":{"b":2}}}`
	e := catEvent(t, body)
	require.True(t, holds(t, `"response.status":"done","response.headers.a":1,"response.body.b":2`, e, body))
	require.False(t, holds(t, `"before.a":1`, e, body))
	require.True(t, holds(t, `"before.a":null`, e, body))
}

// TestResponseThatNobodySaw: an event made after a crash has none.
func TestResponseThatNobodySaw(t *testing.T) {
	t.Parallel()
	match, ok := testTable(t).Match("POST", cats)
	require.True(t, ok)
	events, err := match.After(t.Context(), &event.Exchange{Request: &event.Request{Method: "POST", Path: cats}, Recovered: true})
	require.NoError(t, err)
	require.Len(t, events, 1)
	require.True(t, told(t, `"response.status":null,"response.headers.Etag":null,"response.body.id":null,"object.id":null`, events[0]))
	require.False(t, told(t, `"response.status":0`, events[0]))
}

func TestConditionAfterTheWrite(t *testing.T) {
	t.Parallel()
	e := written(t, "PUT", felix, `{}`, `{"status":"new"}`, answered(200, `{"status":"sold"}`))
	for when, want := range map[string]bool{
		`before.status != after.status`:                          true,
		`event.phase == 'after' && response.status == 200`:       true,
		`before != null && before.status == 'sold'`:              false,
		`event.type == 'object.updated' && request.body != null`: true,
	} {
		h := compile(t, Webhook{Name: "n", URL: NewAddress("http://a.example/"), When: when})
		got, err := h.Matches(e, e.Request.Body)
		require.NoError(t, err, when)
		require.Equal(t, want, got, when)
	}
}

// TestNeeds: what must be got before the write because a webhook looks at it.
func TestNeeds(t *testing.T) {
	t.Parallel()
	for members, want := range map[string][2]bool{ // before, object
		`"filters":{"schema":12,"data.object":1}`: {false, false},
		`"filters":{"before.status":"new"}`:       {true, false},
		`"filters":{"object.status":"new"}`:       {false, true},
		`"when":"before.status == 'new'"`:         {true, false},
		`"when":"after.status == 'before'"`:       {false, false},
	} {
		h := compileJSON(t, subscriber(members))
		require.Equal(t, want, [2]bool{h.NeedsBefore(), h.NeedsObject()}, members)
		s := NewRegistry([]*Hook{follower(t, "a", ``, ``, ``), h}).Snapshot()
		require.Equal(t, want, [2]bool{s.NeedsBefore(), s.NeedsObject()}, members)

		h = compileJSON(t, members)
		require.False(t, h.NeedsBefore() || h.NeedsObject(), "interceptors are not told of it")
	}
	require.False(t, NewRegistry(nil).Snapshot().NeedsBefore())
}

func TestMatchesAllocationsAfterTheWrite(t *testing.T) { // not parallel: it counts allocations
	e := written(t, "PUT", felix, `{"a":1}`, `{"status":"new"}`, answered(200, `{"status":"sold"}`))
	h := compileJSON(t, subscriber(`"filters":{"object.status":"sold","before.status":"new","data.a":1,"response.status":200,"response.headers.ETag":"\"5\""}`))
	require.Zero(t, testing.AllocsPerRun(100, func() {
		if ok, err := h.Matches(e, e.Request.Body); !ok || err != nil {
			t.Fatal(ok, err)
		}
	}))
}
