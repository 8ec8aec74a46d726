package settle

import (
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/voorpoort/voorpoort/delivery"
	"github.com/voorpoort/voorpoort/event"
	"github.com/voorpoort/voorpoort/webhook"
)

// created is the event after a cat was made.
func created(t *testing.T) *event.Event {
	t.Helper()
	table, err := event.Compile(event.Config{Presets: []string{"openregister"}, Source: "urn:test"})
	require.NoError(t, err)
	match, ok := table.Match(http.MethodPost, "/api/objects/pets/cat")
	require.True(t, ok)
	request := &event.Request{Method: http.MethodPost, Path: "/api/objects/pets/cat", Body: []byte(`{"name":"Tom"}`)}
	match, ok, err = match.Choose(request)
	require.NoError(t, err)
	require.True(t, ok)
	events, err := match.After(t.Context(), &event.Exchange{
		ID: "e1", Request: request, Response: &event.Response{Status: 201, Body: []byte(`{"id":1,"name":"Tom"}`)},
	})
	require.NoError(t, err)
	require.Len(t, events, 1)
	return events[0]
}

// hooks compiles webhooks; each text is what follows the name.
func hooks(t *testing.T, texts map[string]string) *webhook.Snapshot {
	t.Helper()
	var all []*webhook.Hook
	for name, text := range texts {
		w, err := webhook.Parse([]byte(`{"name":"` + name + `","url":"http://h"` + text + `}`))
		require.NoError(t, err)
		h, err := webhook.Compile(w, webhook.Defaults{})
		require.NoError(t, err)
		all = append(all, h)
	}
	return webhook.NewRegistry(all).Snapshot()
}

func lanes(m delivery.Message) map[string]delivery.Target {
	targets := map[string]delivery.Target{}
	for _, target := range m.Targets {
		targets[target.Lane] = target
	}
	return targets
}

func TestAnEventIsAddressedToThoseWhoFollowIt(t *testing.T) {
	t.Parallel()
	e := created(t)
	m, ok := Address(e, e.Request.Body, hooks(t, map[string]string{
		"plain":    ``,
		"ordered":  `,"ordered":true`,
		"disabled": `,"enabled":false`,
		"filtered": `,"filters":{"object.name":"Felix"}`,
		"matching": `,"filters":{"object.name":"Tom"}`,
		"broken":   `,"when":"before.nothing == 1"`,
		"deletes":  `,"events":["object.deleted"]`,
		"asks":     `,"configuration":{"interceptRequests":true}`,
	}))
	require.True(t, ok)
	require.Equal(t, "e1", m.ID)
	require.Equal(t, "urn:test", m.Source)
	require.Equal(t, "object.created", m.Type)
	require.Contains(t, m.Class, "ObjectCreatedEvent")
	require.Equal(t, string(e.AppendJSON(nil, nil)), string(m.Event))
	broken := lanes(m)["broken"]
	require.Contains(t, broken.Dead, "condition")
	broken.Dead = ""
	want := map[string]delivery.Target{
		"plain":    {Lane: "plain"},
		"ordered":  {Lane: "ordered", Key: e.Key},
		"disabled": {Lane: "disabled", Skip: "the webhook was disabled"},
		"matching": {Lane: "matching"},
		"broken":   broken,
	}
	got := lanes(m)
	got["broken"] = broken
	require.Equal(t, want, got)
	require.NotEmpty(t, e.Key)
}

func TestNobodyFollows(t *testing.T) {
	t.Parallel()
	e := created(t)
	others := hooks(t, map[string]string{"deletes": `,"events":["object.deleted"]`})
	_, ok := Address(e, nil, others)
	require.False(t, ok)
	_, ok = Bury(e, nil, "why", others)
	require.False(t, ok)
	_, ok = BuryUnbuilt(&event.Unbuilt{Event: e, Err: errors.New("x")}, others)
	require.False(t, ok)
}

// TestWhatNobodyCanJudgeIsForAPerson: it reaches nobody by itself.
func TestWhatNobodyCanJudgeIsForAPerson(t *testing.T) {
	t.Parallel()
	e := created(t)
	followers := hooks(t, map[string]string{"a": ``, "b": `,"filters":{"object.name":"Felix"}`})
	m, ok := Bury(e, e.Request.Body, strings.Repeat("x", 5000), followers)
	require.True(t, ok)
	require.Len(t, m.Targets, 1)
	require.Len(t, m.Targets[0].Dead, maxDeadText)

	m, ok = BuryUnbuilt(&event.Unbuilt{Event: e, Err: errors.New("the expression failed")}, followers)
	require.True(t, ok)
	require.Len(t, m.Targets, 2, "filters cannot be asked")
	require.Contains(t, m.Targets[0].Dead, "the expression failed")
}

func TestAddressTo(t *testing.T) {
	t.Parallel()
	asked := hooks(t, map[string]string{"q": `,"configuration":{"interceptRequests":true,"onFailure":"queue"}`})
	m := AddressTo(created(t), nil, asked.Hooks())
	require.Equal(t, []delivery.Target{{Lane: "q"}}, m.Targets)
}

// TestALongKeyIsShortened: the path of a request decides how long a key is, and
// no store takes more than 1024 bytes.
func TestALongKeyIsShortened(t *testing.T) {
	t.Parallel()
	followers := hooks(t, map[string]string{"a": `,"ordered":true`})
	keyOf := func(key string) string {
		e := created(t)
		e.Key = key
		m, ok := Address(e, e.Request.Body, followers)
		require.True(t, ok)
		return m.Targets[0].Key
	}
	long := strings.Repeat("x", 1025)
	require.Equal(t, "short", keyOf("short"))
	require.Equal(t, long[:1024], keyOf(long[:1024]))
	require.Less(t, len(keyOf(long)), 100)
	require.NotEqual(t, keyOf(long), keyOf(long+"y"))
}
