package manage

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/voorpoort/voorpoort/catalogue"
	"github.com/voorpoort/voorpoort/delivery"
)

// Bounds of what is called to attention.
const (
	oldHold      = 5 * time.Minute // requests are long over by then
	maxAttention = 100             // more than a person reads; the worst come first
)

// Severity of what needs attention.
const (
	severityError   = "error"
	severityWarning = "warning"
)

// Attention is something that needs a person.
type Attention struct {
	Severity    string     `json:"severity"` // error or warning
	Kind        string     `json:"kind"`     // store, gone, fault, dead-letters, unknown, broken, throttled, holds
	WebhookID   *uint64    `json:"webhookId"`
	WebhookName *string    `json:"webhookName"`
	Text        string     `json:"text"`
	Since       *time.Time `json:"since"`
}

// attentionOrder is what comes first: what loses something, then what does not
// work, then what may mend itself.
var attentionOrder = []string{"store", "gone", "fault", "dead-letters", "unknown", "holds", "broken", "throttled"}

// attention lists what needs a person, beside what the overview has already.
func (h *Handler) attention(o *Overview, stats map[string]delivery.Stats) []Attention {
	list := slices.Clone(o.Attention)
	if o.Store.Failing {
		list = append(list, Attention{Severity: severityError, Kind: "store", Text: "The store fails: nothing is delivered, and writes that must be told of may be refused."})
	}
	states := map[string]delivery.LaneStatus{}
	for _, s := range h.config.Engine.Lanes() {
		states[s.Lane] = s
	}
	names := h.directory()
	for lane, e := range names {
		list = append(list, attentionOf(e, states[lane], stats[lane])...)
	}
	for lane, s := range stats {
		if names[lane] == nil {
			list = append(list, attentionOfUnknown(lane, s)...)
		}
	}
	slices.SortStableFunc(list, func(a, b Attention) int {
		return cmp.Or(
			cmp.Compare(slices.Index(attentionOrder, a.Kind), slices.Index(attentionOrder, b.Kind)),
			cmp.Compare(value(a.WebhookID), value(b.WebhookID)), cmp.Compare(a.Text, b.Text))
	})
	if list == nil {
		list = []Attention{} // nothing is a good answer, not none
	}
	return list[:min(len(list), maxAttention)]
}

func value(number *uint64) uint64 {
	if number == nil {
		return 0
	}
	return *number
}

// attentionOf tells what is wrong with a webhook.
func attentionOf(e *catalogue.Entry, state delivery.LaneStatus, stats delivery.Stats) []Attention {
	var list []Attention
	add := func(severity, kind, text string, since time.Time) {
		list = append(list, Attention{severity, kind, &e.Number, &e.Webhook.Name, text, moment(since)})
	}
	if e.Fault != "" {
		add(severityError, "fault", "The webhook cannot be used: "+e.Fault, e.Updated)
	}
	if stats.Dead > 0 {
		add(severityError, "dead-letters", counted(stats.Dead, "event was", "events were")+" not delivered and will not be tried again.", stats.LastFailure)
	}
	switch state.State {
	case delivery.LaneGone:
		add(severityError, "gone", "The receiver says that it is gone (410): nothing is sent until someone resumes it.", stats.LastFailure)
	case delivery.LaneBroken, delivery.LaneProbing:
		add(severityWarning, "broken", fmt.Sprintf("The receiver failed %d times in a row: deliveries pause.", state.Failures), stats.LastSuccess)
	case delivery.LaneThrottled:
		add(severityWarning, "throttled", "The receiver asked to be left alone for a while.", stats.LastAttempt)
	case delivery.LaneOpen, delivery.LaneUnknown:
	}
	return list
}

// attentionOfUnknown tells of a queue whose webhook is gone.
func attentionOfUnknown(lane string, s delivery.Stats) []Attention {
	if s.Pending+s.Dead == 0 {
		return nil
	}
	return []Attention{{
		Severity: severityWarning, Kind: "unknown", WebhookName: &lane,
		Text: counted(s.Pending+s.Dead, "event is", "events are") + " kept for a webhook that there is not any more.",
	}}
}

// oldHolds tells of writes of which nobody knows for a while what became of
// them.
func oldHolds(holds []delivery.Hold, now time.Time) []Attention {
	var old uint64
	var since time.Time
	for _, h := range holds {
		if now.Sub(h.Created) > oldHold {
			old++
			if since.IsZero() || h.Created.Before(since) {
				since = h.Created
			}
		}
	}
	if old == 0 {
		return nil
	}
	return []Attention{{
		Severity: severityWarning, Kind: "holds", Since: moment(since),
		Text: counted(old, "write is", "writes are") + " not settled: the register does not tell whether they happened.",
	}}
}

func counted(n uint64, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}
