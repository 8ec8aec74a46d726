package webhook

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/voorpoort/voorpoort/event"
)

// pointersOf gives where the reasons are.
func pointersOf(reasons []FieldError) []string {
	pointers := []string{}
	for _, r := range reasons {
		pointers = append(pointers, r.Pointer)
	}
	return pointers
}

func TestExplainNamesWhatIsInTheWay(t *testing.T) {
	t.Parallel()
	e := posted(t, `,"subject":"x","data":{"name":"Tom","n":5}`)
	for members, want := range map[string][]string{
		``:                                      {},
		`"events":["nl.x.*"]`:                   {},
		`"events":["nl.z.*","nl.x"]`:            {"/events"},
		`"enabled":false`:                       {"/enabled"},
		`"configuration":{"mode":"off"}`:        {"/configuration/mode"},
		`"filters":{"data.name":"Tom","n":[5]}`: {},
		`"filters":{"data.name":"Ann","n":6}`:   {"/filters/data.name", "/filters/n"},
		`"source":"/s"`:                         {},
		`"source":"/t","eventFilters":[{"exact":{"subject":"x"}},{"exact":{"subject":"y"}}]`: {"/source", "/eventFilters/1"},
		`"eventFilters":[{"exact":{"subject":"y"}}]`:                                         {"/eventFilters/0"},
		`"when":"request.body.n == 5"`:                                                       {},
		`"when":"request.body.n == 6"`:                                                       {"/when"},
		`"when":"request.body.absent == 6"`:                                                  {"/when"},
		`"configuration":{"interceptRequests":true}`:                                         {"/configuration/interceptRequests"},
	} {
		if !strings.Contains(members, "configuration") {
			members = strings.TrimPrefix(members+`,"configuration":{}`, ",")
		}
		h := compileJSON(t, members)
		reasons := h.Explain(e, e.Request.Body)
		require.Equal(t, want, pointersOf(reasons), members)
		matches, err := h.Matches(e, e.Request.Body)
		if err == nil && h.Subscribes && !h.Disabled && h.Mode != Off && h.covers(e.Type) {
			require.Equal(t, matches, len(reasons) == 0, "it says what Matches decides: %s", members)
		}
	}
}

func TestExplainOfAnEventBeforeTheWrite(t *testing.T) {
	t.Parallel()
	e := &event.Event{ID: "1", Source: "/s", Type: event.Type{Name: "object.creating", Class: `OCA\OpenRegister\Event\ObjectCreatingEvent`}, Request: &event.Request{}}
	require.Empty(t, compileJSON(t, `"events":["OCA\\OpenRegister\\Event\\ObjectCreatingEvent"],"configuration":{"interceptRequests":true}`).Explain(e, nil))
	require.Equal(t, []string{"/configuration/interceptRequests"}, pointersOf(compileJSON(t, `"configuration":{}`).Explain(e, nil)))
}
