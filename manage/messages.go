package manage

import (
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"time"

	"github.com/voorpoort/voorpoort/delivery"
)

// messageView is a message as the API tells it.
type messageView struct {
	ID       string          `json:"id"`
	Source   string          `json:"source"`
	Type     string          `json:"type"`
	Subject  *string         `json:"subject"`
	Class    *string         `json:"class"`
	Time     time.Time       `json:"time"`
	Seq      uint64          `json:"seq"`
	Event    json.RawMessage `json:"event"`
	Redacted bool            `json:"redacted,omitempty"`
}

// messageView hides the event from those who may not read it.
func (h *Handler) messageView(r *http.Request, m *delivery.Message) messageView {
	view := messageView{
		ID: m.ID, Source: m.Source, Type: m.Type, Subject: optional(m.Subject), Class: optional(m.Class),
		Time: asShown(m.Time), Seq: m.Seq,
	}
	view.Event, view.Redacted = h.payload(r, m.Event)
	return view
}

// optional is null for an empty text.
func optional(text string) *string {
	if text == "" {
		return nil
	}
	return &text
}

// listMessages is GET /messages, newest first.
func (h *Handler) listMessages(w http.ResponseWriter, r *http.Request) error {
	q := queryOf(r.URL)
	query := delivery.MessageQuery{
		Type: q.text("type"), Subject: q.text("subject"), Source: q.text("source"),
		Since: q.time("since"), Until: q.time("until"),
		Before: q.after(messageCursor), Newest: true, Limit: q.limit(),
	}
	if err := q.err(); err != nil {
		return err
	}
	found, next, err := h.config.Store.Messages(r.Context(), query)
	if err != nil {
		return err
	}
	views := make([]messageView, len(found))
	for i := range found {
		views[i] = h.messageView(r, &found[i])
	}
	return answer(w, http.StatusOK, page[messageView]{views, nextAfter(messageCursor, next)})
}

// deliveryView is where a message stands with one webhook.
type deliveryView struct {
	webhookRef
	State     string     `json:"state"`
	Attempts  int        `json:"attempts"`
	DueAt     *time.Time `json:"dueAt"` // of a pending one
	Waiting   bool       `json:"waiting"`
	Reason    *string    `json:"reason"`
	ChangedAt *time.Time `json:"changedAt"`
}

func newDeliveryView(d *delivery.Delivery, names directory) deliveryView {
	view := deliveryView{
		webhookRef: names.ref(d.Lane), State: d.State.String(), Attempts: d.Attempts,
		Waiting: d.Waiting, Reason: optional(d.Reason), ChangedAt: moment(d.Changed),
	}
	if d.State == delivery.Pending {
		view.DueAt = moment(d.Due)
	}
	return view
}

// messageDetail is a message, where it stands, and what was tried.
type messageDetail struct {
	Message    messageView    `json:"message"`
	Deliveries []deliveryView `json:"deliveries"`
	Attempts   []*logRow      `json:"attempts"`
}

// getMessage is GET /messages/{id}.
func (h *Handler) getMessage(w http.ResponseWriter, r *http.Request) error {
	message, deliveries, err := h.findMessage(r, r.PathValue("id"), r.URL.Query().Get("source"))
	if err != nil {
		return err
	}
	rows, _, err := h.config.Store.Attempts(r.Context(), delivery.AttemptQuery{Message: message.ID, Limit: maxPage})
	if err != nil {
		return err
	}
	names := h.directory()
	rows = slices.DeleteFunc(rows, func(a delivery.Attempt) bool { return a.Seq != message.Seq }) // of another source
	views := make([]deliveryView, len(deliveries))
	for i := range deliveries {
		views[i] = newDeliveryView(&deliveries[i], names)
	}
	return answer(w, http.StatusOK, messageDetail{h.messageView(r, message), views, h.rows(r.Context(), rows)})
}

// findMessage finds a message by the event's id, which is unique only for its
// source.
func (h *Handler) findMessage(r *http.Request, id, source string) (*delivery.Message, []delivery.Delivery, error) {
	if source == "" {
		found, _, err := h.config.Store.Messages(r.Context(), delivery.MessageQuery{ID: id, Limit: 2})
		switch {
		case err != nil:
			return nil, nil, err
		case len(found) == 0:
			return nil, nil, missing("There is no message of an event with this id.", "Not Found")
		case len(found) > 1:
			return nil, nil, badParameter("source", "is required: several sources have an event with this id")
		}
		source = found[0].Source
	}
	message, deliveries, err := h.config.Store.Message(r.Context(), source, id)
	if errors.Is(err, delivery.ErrNotFound) {
		err = missing("There is no message of an event with this id and source.", "Not Found")
	}
	return message, deliveries, err
}
