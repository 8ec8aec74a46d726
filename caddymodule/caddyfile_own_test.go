package caddymodule

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/voorpoort/voorpoort/event"
)

// ownRules adapts the example of the manual in which an operator writes the core
// of a preset as rules of his own.
func ownRules(t *testing.T) event.Config {
	t.Helper()
	for _, example := range examples(readText(t, eventful)) {
		if !strings.Contains(example.text, "name link-made") {
			continue
		}
		config, err := adaptText("{\n" + example.text + "}\n:8080 {\n\tvoorpoort\n}\n")
		require.NoError(t, err)
		var adapted struct{ Apps struct{ Voorpoort App } }
		require.NoError(t, json.Unmarshal(config, &adapted))
		require.Len(t, adapted.Apps.Voorpoort.Rules, 2)
		return event.Config{Source: adapted.Apps.Voorpoort.Source, Rules: adapted.Apps.Voorpoort.Rules}
	}
	t.Fatal("the example is gone")
	return event.Config{}
}

// eventsOf plays a write and gives the envelopes of its events.
func eventsOf(t *testing.T, config event.Config, method, path, before, after string) []string {
	t.Helper()
	table, err := event.Compile(config)
	require.NoError(t, err)
	m, ok := table.Match(method, path)
	require.True(t, ok)
	ex := &event.Exchange{
		Request:  &event.Request{Method: method, Path: path, Header: http.Header{}, Body: []byte(`{}`)},
		Response: &event.Response{Status: http.StatusOK, Body: []byte(after)}, PublicURL: "https://klanten.example.nl",
		ID: "0195fd2c-0000-7000-8000-000000000001", Time: time.Unix(1_760_000_000, 0),
		Fetch: func(_ context.Context, path string) ([]byte, error) {
			if !strings.HasPrefix(path, "/klantinteracties/api/v1/klantcontacten/k") {
				return nil, errors.New("the register answers 404")
			}
			return []byte(`{"onderwerp":"Vraag ` + path[len(path)-1:] + `","nummer":"7"}`), nil
		},
	}
	if before != "" {
		ex.Before = &event.Image{Body: []byte(before), Quality: event.Exact}
	}
	require.NoError(t, m.Prepare(t.Context(), ex))
	events, err := m.After(t.Context(), ex)
	require.NoError(t, err)
	told := make([]string, len(events))
	for i, e := range events {
		require.Equal(t, "https://klanten.example.nl/klantinteracties/api/v1/onderwerpobjecten/o1", e.Key)
		told[i] = string(e.AppendJSON(nil, nil))
	}
	return told
}

// TestOwnRulesGiveTheEventsOfThePreset: what a preset says an operator can say
// in the Caddyfile.
func TestOwnRulesGiveTheEventsOfThePreset(t *testing.T) {
	t.Parallel()
	own := ownRules(t)
	preset := event.Config{Source: own.Source, Presets: []string{"open-klant"}}
	const list = "/klantinteracties/api/v1/onderwerpobjecten"
	link := func(contact, kind, id string) string {
		if contact != "null" {
			contact = `{"uuid":"` + contact + `"}`
		}
		return `{"uuid":"o1","klantcontact":` + contact + `,"onderwerpobjectidentificator":{"objectId":"` + id +
			`","codeObjecttype":"` + kind + `","codeRegister":"open-zaak","codeSoortObjectId":"uuid"}}`
	}
	const a, b = "a7b3c8d9-e4f5-6a7b-8c9d-e0f1a2b3c4d5", "b7b3c8d9-e4f5-6a7b-8c9d-e0f1a2b3c4d5"
	k1A, k1B, k2B, k1Doc := link("k1", "zaak", a), link("k1", "zaak", b), link("k2", "zaak", b), link("k1", "document", a)
	none := `{"uuid":"o1","klantcontact":null,"onderwerpobjectidentificator":null}`
	for name, test := range map[string]struct {
		method, path, before, after string
		events                      int
	}{
		"a link is made":                {"POST", list, "", k1A, 1},
		"a document is linked":          {"POST", list, "", k1Doc, 0},
		"nothing is linked":             {"POST", list, "", none, 0},
		"without a klantcontact":        {"POST", list, "", link("null", "zaak", a), 0},
		"a link moves":                  {"PUT", list + "/o1", k1A, k1B, 2},
		"a link and its contact change": {"PATCH", list + "/o1", k1A, k2B, 2},
		"a link becomes another thing":  {"PUT", list + "/o1", k1A, k1Doc, 1},
		"another thing becomes a link":  {"PATCH", list + "/o1", k1Doc, k1B, 1},
		"a link appears":                {"PUT", list + "/o1", none, k1A, 1},
		"a link goes":                   {"PUT", list + "/o1", k1A, none, 1},
		"nothing changes":               {"PUT", list + "/o1", k1A, k1A, 0},
		"only the contact changes":      {"PATCH", list + "/o1", k1B, k2B, 0},
		"a link is removed":             {"DELETE", list + "/o1", k1A, "", 1},
		"its contact is gone":           {"DELETE", list + "/o1", link("x9", "zaak", a), "", 1},
		"a document is removed":         {"DELETE", list + "/o1", k1Doc, "", 0},
		"a loose one is removed":        {"DELETE", list + "/o1", none, "", 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			told := eventsOf(t, own, test.method, test.path, test.before, test.after)
			require.Len(t, told, test.events)
			require.Equal(t, eventsOf(t, preset, test.method, test.path, test.before, test.after), told)
		})
	}
}
