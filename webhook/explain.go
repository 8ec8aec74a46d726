package webhook

import (
	"strings"

	"github.com/voorpoort/voorpoort/event"
)

// Explain says why the hook would not be called about an event, with body as
// the request body as it is now: a reason for each of its settings that is in
// the way, with a pointer into the webhook's JSON. Nothing means that it would.
// The reasons repeat no value of the event.
func (h *Hook) Explain(e *event.Event, body []byte) []FieldError {
	var f faults
	if h.Disabled {
		f.add("/enabled", "the webhook is disabled")
	}
	if h.Mode == Off {
		f.add("/configuration/mode", "the webhook is in mode off")
	}
	if before := e.Phase == event.Before; before == h.Subscribes {
		detail := "the webhook is asked before the write, and this is an event after it"
		if before {
			detail = "the webhook is told after the write, and this is an event before it"
		}
		f.add("/configuration/interceptRequests", "%s", detail)
	}
	if !h.covers(e.Type) {
		f.add("/events", "none of the patterns covers %s", e.Type.Name)
	}
	for _, filter := range h.filters {
		if !filter.holds(e, body) {
			path := strings.Join(filter.path.all, ".")
			f.add(child("/filters", path), "what the event has at %s is none of the values of the filter", path)
		}
	}
	h.explainAttributes(e, &f)
	h.explainCondition(e, body, &f)
	return f
}

// covers tells whether the events name a type.
func (h *Hook) covers(t event.Type) bool {
	for _, p := range h.patterns {
		if p.matches(t.Name) || t.Class != "" && p.matches(t.Class) {
			return true
		}
	}
	return len(h.patterns) == 0
}

// explainAttributes looks at source and eventFilters.
func (h *Hook) explainAttributes(e *event.Event, f *faults) {
	filters := h.attributes
	if h.source {
		if !filters[0].holds(e) {
			f.add("/source", "the event has another source")
		}
		filters = filters[1:]
	}
	for i, filter := range filters {
		if !filter.holds(e) {
			f.add(element("/eventFilters", i), "the attributes of the event do not hold it")
		}
	}
}

func (h *Hook) explainCondition(e *event.Event, body []byte, f *faults) {
	if h.condition == nil {
		return
	}
	holds, err := h.condition.Eval(e, body)
	switch {
	case err != nil:
		f.add("/when", "the condition cannot be evaluated for this event: %v", err)
	case !holds:
		f.add("/when", "the condition does not hold")
	}
}
