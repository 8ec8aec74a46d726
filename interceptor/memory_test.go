package interceptor

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/voorpoort/voorpoort/event"
	"github.com/voorpoort/voorpoort/interceptor/apply"
	"github.com/voorpoort/voorpoort/transport"
	"github.com/voorpoort/voorpoort/webhook"
)

// changing is what a webhook in this mode makes of a body: the decision, and the
// memory of the new body.
func changing(t *testing.T, mode webhook.Mode, body string) (*Decision, []byte) {
	t.Helper()
	plan, err := apply.Compile(apply.Merge, nil)
	require.NoError(t, err)
	g := &Gate{config: Config{}.withDefaults()}
	d := &Decision{Body: []byte(body)}
	a := answer{}
	var failure *Failure
	a.change, a.memory, failure = g.change(plan, d.Body, verdict{document: []byte(`{"data":{"b":2}}`)})
	require.Nil(t, failure)
	d.take(g, &webhook.Hook{Mode: mode}, &event.Event{}, a)
	return d, a.change.Body
}

func TestADecisionGivesTheMemoryOfItsBodyBack(t *testing.T) { // not parallel: nobody else may take it
	d, merged := changing(t, webhook.Enforce, `{"a":1}`)
	require.Equal(t, `{"a":1,"b":2}`, string(d.Body))
	d.Recycle()
	require.Nil(t, d.Body)
	require.Equal(t, strings.Repeat("\x00", len(merged)), string(merged), "nothing of it stays")
	d.Recycle() // there is nothing more to give back
}

// What a webhook would have changed is not what goes on, and not the decision's.
func TestADecisionGivesNothingElseBack(t *testing.T) {
	t.Parallel()
	d, merged := changing(t, webhook.Warn, `{"a":1}`)
	body := d.Body
	require.Nil(t, d.memory)
	d.Recycle()
	require.Equal(t, `{"a":1}`, string(body), "the client's body is its owner's to recycle")
	require.Equal(t, `{"a":1,"b":2}`, string(merged))
}

// The first of two changes may be what a webhook in the queue is told of.
func TestAnEarlierChangeIsLeftAlone(t *testing.T) {
	t.Parallel()
	d, first := changing(t, webhook.Enforce, `{"a":1}`)
	g := &Gate{config: Config{}.withDefaults()}
	d.Queued = append(d.Queued, Queued{Body: d.Body})
	d.take(g, &webhook.Hook{Mode: webhook.Enforce}, &event.Event{},
		answer{change: apply.Result{Body: []byte(`{"c":3}`), Changed: true}})
	d.Recycle()
	require.Equal(t, `{"a":1,"b":2}`, string(first))
}

// An answer that is as large as its body is not given memory before it is known
// whether it changes anything.
func TestALargeChangeHasMemoryOfItsOwn(t *testing.T) {
	t.Parallel()
	d, _ := changing(t, webhook.Enforce, `{"a":"`+strings.Repeat("x", 64<<10)+`"}`)
	require.True(t, d.Changed)
	require.Nil(t, d.memory)
}

func TestAnAnswerThatChangesNothingKeepsNoMemory(t *testing.T) {
	t.Parallel()
	plan, err := apply.Compile(apply.Merge, nil)
	require.NoError(t, err)
	g := &Gate{config: Config{}.withDefaults()}
	body := []byte(`{"b":2}`)
	for _, document := range []string{`{"data":{"b":2}}`, `{}`, `{"data":[]}`} {
		result, memory, _ := g.change(plan, body, verdict{document: []byte(document)})
		require.False(t, result.Changed)
		require.Nil(t, memory, document)
	}
	require.Equal(t, `{"b":2}`, string(body))
}

func TestAnEnvelopeIsWipedUnlessItMayStillBeSent(t *testing.T) { // not parallel: as above
	for size, wiped := range map[int]bool{10: true, transport.SmallBody: false} {
		sent, failure := newEnvelope(&event.Event{Request: &event.Request{}}, []byte(`"`+strings.Repeat("x", size)+`"`))
		require.Nil(t, failure)
		sent.release()
		require.Equal(t, wiped, strings.Trim(string(sent.bytes), "\x00") == "", "a body of %d bytes", size)
	}
}

// A parcel goes to another call only after one that is over beyond doubt.
func TestAParcelIsUsedAgainAfterAGoodCallOnly(t *testing.T) { // not parallel: as above
	own, standard := &client{own: &transport.Transport{}}, &client{standard: &http.Transport{}}
	for name, c := range map[string]struct {
		client  *client
		failure *Failure
		size    int
		again   bool
	}{
		"over":                   {client: own, again: true},
		"broken off":             {client: own, failure: failed(ReasonTimeout, nil)},
		"sent by another client": {client: standard},
		"sent by a goroutine":    {client: own, size: transport.SmallBody + 1},
		"as large as one can be": {client: own, size: transport.SmallBody, again: true},
	} {
		p := newParcel()
		p.header.Set("Authorization", "secret")
		p.body(make([]byte, c.size))
		p.release(c.client, c.failure)
		require.Equal(t, c.again, len(p.header) == 0 && p.event == nil && p.first.Size() == 0, name)
	}
}
