package settle

import (
	"time"

	"github.com/voorpoort/voorpoort/delivery"
	"github.com/voorpoort/voorpoort/event"
	"github.com/voorpoort/voorpoort/webhook"
)

// TypeUnjudged is the type of the event that stands for a write of which nobody
// knows any more whether it happened, nor by which rule others would be told.
const TypeUnjudged = "voorpoort.write.unknown"

// BuryUnjudged makes a dead letter of a hold whose rules are gone, for every
// webhook that is told of anything after writes: it is not known which of them
// would be told of this one. The event has the attributes recovered and outcome,
// and its data are {"method", "path", "rule"} as far as the intent can be read:
// which of the body may be told only the rule would say. ok is false when there
// is no such webhook.
func BuryUnjudged(h delivery.Hold, i *Intent, source, reason string, hooks *webhook.Snapshot) (m delivery.Message, ok bool) {
	var targets []delivery.Target
	for _, hook := range hooks.All() {
		if hook.Subscribes && !hook.Disabled {
			targets = append(targets, delivery.Target{Lane: hook.Lane(), Dead: cut(reason)})
		}
	}
	if len(targets) == 0 {
		return delivery.Message{}, false
	}
	id := event.DoubtID(h.ID)
	at := h.Created.UTC().Truncate(time.Microsecond)
	return delivery.Message{
		ID: id, Source: source, Type: TypeUnjudged, Time: at, Targets: targets,
		Event: appendUnjudged(nil, id, source, at, i),
	}, true
}

func appendUnjudged(dst []byte, id, source string, at time.Time, i *Intent) []byte {
	dst = appendMember(dst, `{"specversion":"1.0","id":`, id)
	dst = appendMember(dst, `,"source":`, source)
	dst = appendMember(dst, `,"type":`, TypeUnjudged)
	dst = appendMember(dst, `,"time":`, at.Format(time.RFC3339Nano))
	dst = append(dst, `,"datacontenttype":"application/json","recovered":true,"outcome":"unknown","data":`...)
	if i.Method == "" {
		return append(dst, `null}`...)
	}
	dst = appendMember(dst, `{"method":`, i.Method)
	dst = appendMember(dst, `,"path":`, i.Path)
	dst = appendMember(dst, `,"rule":`, i.Rule)
	return append(dst, `}}`...)
}
