package caddymodule

import (
	"strings"

	"github.com/caddyserver/caddy/v2"

	"github.com/voorpoort/voorpoort/event"
	"github.com/voorpoort/voorpoort/interceptor"
)

const placeholderPrefix = "http.voorpoort."

// publish makes the event and the decision readable as placeholders, for logs,
// headers and later handlers. They are worked out only when one is asked for.
func publish(replacer *caddy.Replacer, e *event.Event, d *interceptor.Decision) {
	replacer.Map(func(key string) (any, bool) {
		name, ours := strings.CutPrefix(key, placeholderPrefix)
		if !ours {
			return nil, false
		}
		return lookUp(name, e, d)
	})
}

func lookUp(name string, e *event.Event, d *interceptor.Decision) (any, bool) {
	switch name {
	case "event.id":
		return e.ID, true
	case "event.type":
		return e.Type.Name, true
	case "event.source":
		return e.Source, true
	case "event.subject":
		return e.Subject, true
	case "outcome":
		return outcomeOf(d), true
	case "webhook":
		return blocker(d), true
	case "changed":
		return strings.Join(changed(d), ","), true
	case "flags":
		return flagText(d.Flags), true
	}
	return nil, false
}

// outcomeOf is what happened to the request as a whole.
func outcomeOf(d *interceptor.Decision) string {
	switch {
	case d.Block != nil:
		return string(d.Block.Kind)
	case len(d.Flags) > 0:
		return "flagged"
	case d.Changed:
		return "modified"
	case len(d.Calls) > 0:
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
		if call.Mode != "enforce" || call.Outcome != interceptor.OutcomeModified {
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
