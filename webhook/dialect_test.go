package webhook

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/voorpoort/voorpoort/event"
)

// posted is an event with attributes of its own.
func posted(t *testing.T, attributes string) *event.Event {
	t.Helper()
	e, err := event.Posted([]byte(`{"specversion":"1.0","id":"1","source":"/s","type":"nl.x.y"` + attributes + `}`))
	require.NoError(t, err)
	return e
}

// TestDialects is the truth table of the CloudEvents Subscriptions API, and
// cases OC-05 and OC-06.
func TestDialects(t *testing.T) {
	t.Parallel()
	for filter, want := range map[string]bool{
		`{"exact":{"type":"nl.x.y"}}`:                                                     true,
		`{"exact":{"type":"NL.x.y"}}`:                                                     false,
		`{"exact":{"type":"nl.x.y","source":"/s"}}`:                                       true,
		`{"exact":{"type":"nl.x.y","source":"/other"}}`:                                   false,
		`{"exact":{"foo":"1"}}`:                                                           false,
		`{"not":{"exact":{"foo":"1"}}}`:                                                   true,
		`{"prefix":{"type":"nl."}}`:                                                       true,
		`{"prefix":{"type":"com."}}`:                                                      false,
		`{"suffix":{"type":".y"}}`:                                                        true,
		`{"suffix":{"type":".created"}}`:                                                  false,
		`{"exact":{"sequence":"5"}}`:                                                      true,
		`{"exact":{"urgent":"true"}}`:                                                     true,
		`{"all":[{"prefix":{"type":"nl."}},{"suffix":{"type":".z"}}]}`:                    false,
		`{"any":[{"prefix":{"type":"com."}},{"suffix":{"type":".y"}}]}`:                   true,
		`{"any":[{"exact":{"type":"a"}},{"not":{"all":[{"prefix":{"type":"nl"}}]}}]}`:     false,
		`{"prefix":{"type":"nl."}},{"exact":{"subject":"x"}}`:                             true,
		`{"prefix":{"type":"nl."}},{"exact":{"subject":"y"}}`:                             false,
		`{"exact":{"specversion":"1.0"}},{"not":{"any":[{"exact":{"subject":"other"}}]}}`: true,
	} {
		h := compileJSON(t, `"eventFilters":[`+filter+`]`)
		got, err := h.Matches(posted(t, `,"subject":"x","sequence":5,"urgent":true`), nil)
		require.NoError(t, err)
		require.Equal(t, want, got, filter)
	}
}

func TestSourceIsEqual(t *testing.T) {
	t.Parallel()
	for source, want := range map[string]bool{"/s": true, "/s2": false, "/S": false} {
		got, err := compileJSON(t, `"source":"`+source+`"`).Matches(posted(t, ""), nil)
		require.NoError(t, err)
		require.Equal(t, want, got, source)
	}
}

// faultsOf gives the pointers of what is wrong with a webhook.
func faultsOf(t *testing.T, members string) []string {
	t.Helper()
	w, err := Parse([]byte(`{"name":"n",` + members + `}`))
	if err == nil {
		_, err = Compile(w, Defaults{})
	}
	var invalid *ValidationError
	if !errors.As(err, &invalid) {
		return nil
	}
	var pointers []string
	for _, field := range invalid.Fields {
		pointers = append(pointers, field.Pointer)
	}
	return pointers
}

func TestDialectFaults(t *testing.T) {
	t.Parallel()
	deep := strings.Repeat(`{"not":`, 10) + `{"exact":{"type":"x"}}` + strings.Repeat(`}`, 10)
	many := strings.TrimSuffix(strings.Repeat(`{"exact":{"type":"x"}},`, 101), ",")
	for filters, want := range map[string]string{
		`{"frobnicate":{"type":"x"}}`:                  "/eventFilters/0/frobnicate",
		`{"sql":"type = 'x'"}`:                         "/eventFilters/0/sql",
		`{"all":[]}`:                                   "/eventFilters/0/all",
		`{"any":{}}`:                                   "/eventFilters/0/any",
		`{"exact":{}}`:                                 "/eventFilters/0/exact",
		`{"exact":[]}`:                                 "/eventFilters/0/exact",
		`{"prefix":{"type":""}}`:                       "/eventFilters/0/prefix/type",
		`{"exact":{"type":5}}`:                         "/eventFilters/0/exact/type",
		`{"exact":{"data.name":"x"}}`:                  "/eventFilters/0/exact/data.name",
		`{"exact":{"type":"x"},"prefix":{"type":"x"}}`: "/eventFilters/0",
		`{"not":[{"exact":{"type":"x"}}]}`:             "/eventFilters/0/not",
		`5`:                                            "/eventFilters/0",
		`{"exact":{"type":"x"}},{"all":[{"x":1}]}`:     "/eventFilters/1/all/0/x",
		deep: "/eventFilters/0" + strings.Repeat("/not", 10),
		many: "/eventFilters/100",
		`{"exact":{"type":"` + strings.Repeat("x", 1025) + `"}}`: "/eventFilters/0/exact/type",
	} {
		require.Equal(t, []string{want}, faultsOf(t, `"url":"https://hooks.example/","eventFilters":[`+filters+`]`), filters)
	}
	require.Equal(t, []string{"/eventFilters"}, faultsOf(t, `"eventFilters":{"exact":{"type":"x"}}`))
	require.Equal(t, []string{"/source"}, faultsOf(t, `"url":"https://hooks.example/","source":"a b"`))
}

func TestAPullSubscriberHasNoURL(t *testing.T) {
	t.Parallel()
	w, err := Parse([]byte(`{"name":"n","style":"pull"}`))
	require.NoError(t, err)
	h, err := Compile(w, Defaults{})
	require.NoError(t, err)
	require.True(t, h.Pull && h.Subscribes && h.Delivers())
	require.False(t, compileJSON(t, `"style":"push"`).Pull)

	require.Equal(t, []string{"/url"}, faultsOf(t, `"style":"pull","url":"https://hooks.example/"`))
	require.Equal(t, []string{"/style"}, faultsOf(t, `"style":"pull","configuration":{"interceptRequests":true}`))
	require.Equal(t, []string{"/style", "/url"}, faultsOf(t, `"style":"poll"`))
}

func TestDialectsAreWrittenAsTheyWereRead(t *testing.T) {
	t.Parallel()
	const members = `"source":"/s","eventFilters":[{"exact":{"type":"x"}},{"not":{"prefix":{"type":"y"}}}],"style":"pull"`
	w, err := Parse([]byte(`{"name":"n",` + members + `}`))
	require.NoError(t, err)
	again, err := Parse(w.Plain())
	require.NoError(t, err)
	require.Equal(t, w, again)
	require.Contains(t, string(w.Plain()), members)
}

func FuzzDialects(f *testing.F) {
	f.Add([]byte(`{"not":{"any":[{"exact":{"type":"x"}},{"suffix":{"source":"y"}}]}}`))
	f.Add([]byte(`{"all":[]}`))
	e, err := event.Posted([]byte(`{"specversion":"1.0","id":"1","source":"/s","type":"nl.x.y"}`))
	require.NoError(f, err)
	f.Fuzz(func(t *testing.T, raw []byte) {
		faults := new(faults)
		filters := compileDialects(&Webhook{EventFilters: []json.RawMessage{raw}}, faults)
		if len(*faults) == 0 {
			holdAll(filters, e) // does not panic
		}
	})
}
