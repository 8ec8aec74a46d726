package manage

import (
	"github.com/voorpoort/voorpoort/catalogue"
)

// directory finds webhooks by their lane: rows and deliveries know only that.
type directory map[string]*catalogue.Entry

// directory is made anew for each request: the list of webhooks may change at
// any time.
func (h *Handler) directory() directory {
	entries := h.config.Webhooks.List()
	d := make(directory, len(entries))
	for i := range entries {
		d[lane(&entries[i])] = &entries[i]
	}
	return d
}

// webhookRef says which webhook something is about. A lane whose webhook is gone
// has its own name and nothing else.
type webhookRef struct {
	Number *uint64 `json:"webhookId"`
	UUID   string  `json:"webhook"`
	Name   *string `json:"webhookName"`
}

func (d directory) ref(lane string) webhookRef {
	e := d[lane]
	if e == nil {
		return webhookRef{UUID: lane}
	}
	return webhookRef{Number: &e.Number, UUID: e.UUID, Name: &e.Webhook.Name}
}

// lane finds the queue that a client means by number or UUID of a webhook, or
// by the name of a queue whose webhook is gone.
func (h *Handler) laneOf(id string) (name string, known bool) {
	if e, ok := h.config.Webhooks.Find(id); ok {
		return lane(&e), true
	}
	return id, false
}
