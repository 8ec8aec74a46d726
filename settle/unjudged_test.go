package settle

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/voorpoort/voorpoort/delivery"
	"github.com/voorpoort/voorpoort/event"
)

// TestAWriteWhoseRulesAreGone is a dead letter for all who are told of anything.
// It tells that there was one, and nothing of what was written.
func TestAWriteWhoseRulesAreGone(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 1, 2, 3, 4, 5, 6000, time.UTC)
	i := anIntent()
	h := delivery.Hold{ID: "e1", Created: at}
	all := hooks(t, map[string]string{
		"a": ``, "b": `,"events":["else.created"]`, "off": `,"enabled":false`, "before": `,"configuration":{"interceptRequests":true}`,
	})
	m, ok := BuryUnjudged(h, &i, "urn:test", "why", all)
	require.True(t, ok)
	require.Equal(t, map[string]delivery.Target{"a": {Lane: "a", Dead: "why"}, "b": {Lane: "b", Dead: "why"}}, lanes(m))
	id := event.DoubtID("e1")
	require.JSONEq(t, `{"specversion":"1.0","id":"`+id+`","source":"urn:test","type":"voorpoort.write.unknown","time":"2026-01-02T03:04:05.000006Z",
		"datacontenttype":"application/json","recovered":true,"outcome":"unknown",
		"data":{"method":"PUT","path":"/cats/%31","rule":"rest/item"}}`, string(m.Event))
	require.Equal(t, [4]string{id, "urn:test", TypeUnjudged, at.String()}, [4]string{m.ID, m.Source, m.Type, m.Time.String()})
}

// TestAnIntentThatNobodyCanRead is told of all the same.
func TestAnIntentThatNobodyCanRead(t *testing.T) {
	t.Parallel()
	m, ok := BuryUnjudged(delivery.Hold{ID: "e1"}, &Intent{}, "/", "why", hooks(t, map[string]string{"a": ``}))
	require.True(t, ok)
	require.True(t, json.Valid(m.Event))
	require.Contains(t, string(m.Event), `"data":null`)
	_, ok = BuryUnjudged(delivery.Hold{ID: "e1"}, &Intent{}, "/", "why", hooks(t, nil))
	require.False(t, ok)
}
