package manage

import (
	"net/http"
	"time"
)

// interceptionView is a webhook that was asked, as the API tells it.
type interceptionView struct {
	ID            uint64    `json:"id"`
	At            time.Time `json:"at"`
	WebhookID     *uint64   `json:"webhookId"`
	WebhookName   string    `json:"webhookName"`
	EventID       string    `json:"eventId"`
	EventType     string    `json:"eventType"`
	Mode          string    `json:"mode"`
	Outcome       string    `json:"outcome"`
	Reason        *string   `json:"reason"`
	StatusCode    *int      `json:"statusCode"`
	DurationMs    float64   `json:"durationMs"`
	SentBytes     int       `json:"sentBytes"`
	ReceivedBytes int       `json:"receivedBytes"`
	Changed       []string  `json:"changed"`
}

func newInterceptionView(n *News, names map[string]uint64) interceptionView {
	i := n.Interception
	view := interceptionView{
		ID: n.ID, At: asShown(n.At), WebhookName: i.Webhook, EventID: i.EventID, EventType: i.EventType,
		Mode: i.Mode, Outcome: i.Outcome, Reason: optional(i.Reason), DurationMs: milliseconds(i.Duration),
		SentBytes: i.Sent, ReceivedBytes: i.Received, Changed: i.Changed,
	}
	if number, ok := names[i.Webhook]; ok {
		view.WebhookID = &number
	}
	if i.Status != 0 {
		view.StatusCode = &i.Status
	}
	if view.Changed == nil {
		view.Changed = []string{}
	}
	return view
}

// numbersByName finds webhooks by their names, which are unique.
func (h *Handler) numbersByName() map[string]uint64 {
	entries := h.config.Webhooks.List()
	names := make(map[string]uint64, len(entries))
	for i := range entries {
		names[entries[i].Webhook.Name] = entries[i].Number
	}
	return names
}

// listInterceptions is GET /interceptions: what this gateway remembers, newest
// first.
func (h *Handler) listInterceptions(w http.ResponseWriter, r *http.Request) error {
	q := queryOf(r.URL)
	limit, before := q.limit(), q.seq("before")
	if err := q.err(); err != nil {
		return err
	}
	name, outcome := q.text("webhook"), q.text("outcome")
	if e, ok := h.config.Webhooks.Find(name); ok {
		name = e.Webhook.Name
	}
	found := h.config.Activity.Interceptions(func(n *News) bool {
		return (name == "" || n.Webhook == name) && (outcome == "" || n.Interception.Outcome == outcome)
	}, before, limit)
	names := h.numbersByName()
	views := make([]interceptionView, len(found))
	for i, n := range found {
		views[i] = newInterceptionView(n, names)
	}
	return answer(w, http.StatusOK, listing[interceptionView]{views})
}
