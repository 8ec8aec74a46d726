package caddymodule

import (
	"net/http"
	"strings"

	"github.com/caddyserver/caddy/v2"

	"github.com/voorpoort/voorpoort/event"
	"github.com/voorpoort/voorpoort/interceptor"
	"github.com/voorpoort/voorpoort/webhook"
)

const placeholderPrefix = "http.voorpoort."

// placeholders are the names, without their prefix, and what they stand for.
var placeholders = map[string]func(*event.Event, *interceptor.Decision) string{
	"event.id":      func(e *event.Event, _ *interceptor.Decision) string { return e.ID },
	"event.type":    func(e *event.Event, _ *interceptor.Decision) string { return e.Type.Name },
	"event.source":  func(e *event.Event, _ *interceptor.Decision) string { return e.Source },
	"event.subject": func(e *event.Event, _ *interceptor.Decision) string { return e.Subject },
	"outcome":       func(_ *event.Event, d *interceptor.Decision) string { return outcomeOf(d) },
	"webhook":       func(_ *event.Event, d *interceptor.Decision) string { return blocker(d) },
	"changed":       func(_ *event.Event, d *interceptor.Decision) string { return strings.Join(changed(d), ",") },
	"flags":         func(_ *event.Event, d *interceptor.Decision) string { return flagText(d.Flags) },
}

// publish makes the event and the decision readable as placeholders, for logs,
// headers and later handlers. They are worked out only when one is asked for;
// until there is an event they are empty.
func (p *passage) publish() {
	publishAs(p.r, func(key string) (any, bool) {
		name, _ := strings.CutPrefix(key, placeholderPrefix)
		value, ours := placeholders[name]
		if !ours || p.event == nil {
			return "", ours && name != key
		}
		return value(p.event, &p.decision), name != key
	})
}

// publishNothing makes the placeholders empty, so that none of them stands for
// itself in a header of a request that does not concern the gate.
func publishNothing(r *http.Request) { publishAs(r, nothing) }

func nothing(key string) (any, bool) {
	name, ours := strings.CutPrefix(key, placeholderPrefix)
	_, known := placeholders[name]
	return "", ours && known
}

func publishAs(r *http.Request, values caddy.ReplacerFunc) {
	if replacer, ok := r.Context().Value(caddy.ReplacerCtxKey).(*caddy.Replacer); ok {
		replacer.Map(values)
	}
}

// outcomeOf is what happened to the request as a whole. Webhooks in mode warn
// have no say in it.
func outcomeOf(d *interceptor.Decision) string {
	asked, unchecked := false, false
	for i := range d.Calls {
		enforced := d.Calls[i].Mode == webhook.Enforce
		asked = asked || enforced
		unchecked = unchecked || enforced && d.Calls[i].Outcome.FailedOpen()
	}
	switch {
	case d.Block != nil:
		return string(d.Block.Kind)
	case len(d.Flags) > 0:
		return "flagged"
	case unchecked:
		return "unchecked"
	case d.Changed:
		return "modified"
	case asked:
		return "approved"
	}
	return "untouched"
}

// blocker is the webhook that blocked the request, if one did.
func blocker(d *interceptor.Decision) string {
	if d.Block == nil {
		return ""
	}
	return d.Block.Webhook
}

// changed lists which webhook changed which place of the body, as
// name:pointer (RFC 6901), in the order of the changes.
func changed(d *interceptor.Decision) []string {
	var places []string
	for _, call := range d.Calls {
		if call.Mode != webhook.Enforce || call.Outcome != interceptor.OutcomeModified {
			continue
		}
		for _, pointer := range call.Pointers {
			places = append(places, call.Webhook+":"+pointer)
		}
		if call.More {
			places = append(places, call.Webhook+":…")
		}
	}
	return places
}
