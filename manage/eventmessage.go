package manage

import (
	"encoding/json"
	"net/http"
	"time"

	"github.com/voorpoort/voorpoort/delivery"
)

// eventMessage is a delivery in OpenConnector's shape: one event on its way to
// one subscription.
type eventMessage struct {
	ID             uint64          `json:"id"` // unique for a subscription
	EventID        string          `json:"eventId"`
	ConsumerID     *uint64         `json:"consumerId"` // null: there are no consumers
	SubscriptionID *uint64         `json:"subscriptionId"`
	Subscription   string          `json:"subscription"`
	Status         string          `json:"status"` // pending, delivered or failed
	Payload        json.RawMessage `json:"payload"`
	LastResponse   *lastResponse   `json:"lastResponse"`
	RetryCount     int             `json:"retryCount"` // attempts that were made
	LastAttempt    *time.Time      `json:"lastAttempt"`
	NextAttempt    *time.Time      `json:"nextAttempt"`
	Updated        *time.Time      `json:"updated"`
	Redacted       bool            `json:"redacted,omitempty"`
}

type lastResponse struct {
	StatusCode *int    `json:"statusCode"`
	Body       *string `json:"body"`
	Error      *string `json:"error"`
}

// messageStatus is OpenConnector's word for a state.
func messageStatus(s delivery.State) string {
	switch s {
	case delivery.Pending:
		return "pending"
	case delivery.Delivered:
		return "delivered"
	case delivery.Dead, delivery.Skipped, delivery.Discarded:
	}
	return "failed"
}

// eventMessages tells of deliveries, with the last attempt of each as far as it
// is among rows, which are newest first. What was skipped is no message: the
// subscription was paused.
func (h *Handler) eventMessages(r *http.Request, deliveries []delivery.Delivery, rows []delivery.Attempt) []eventMessage {
	last := make(map[delivery.Position]*delivery.Attempt, len(rows))
	for i := range rows {
		at := delivery.Position{Lane: rows[i].Lane, Seq: rows[i].Seq}
		if last[at] == nil {
			last[at] = &rows[i]
		}
	}
	names := h.directory()
	views := []eventMessage{}
	for i := range deliveries {
		d := &deliveries[i]
		if d.State != delivery.Skipped {
			views = append(views, h.eventMessage(r, d, last[delivery.Position{Lane: d.Lane, Seq: d.Seq}], names))
		}
	}
	return views
}

func (h *Handler) eventMessage(r *http.Request, d *delivery.Delivery, last *delivery.Attempt, names directory) eventMessage {
	ref := names.ref(d.Lane)
	view := eventMessage{
		ID: d.Seq, SubscriptionID: ref.Number, Subscription: ref.UUID, Status: messageStatus(d.State),
		RetryCount: d.Attempts, Updated: moment(d.Changed),
	}
	if d.Message != nil {
		view.EventID = d.Message.ID
		view.Payload, view.Redacted = h.payload(r, d.Message.Event)
	}
	if d.State == delivery.Pending {
		view.NextAttempt = moment(d.Due)
	}
	if last == nil {
		return view
	}
	view.LastAttempt = moment(last.Time)
	view.LastResponse = &lastResponse{Error: optional(last.Error)}
	if last.Status != 0 {
		view.LastResponse.StatusCode = &last.Status
	}
	if mayReadPayload(r) && !isLeftOut(last.Response) {
		body := hideAnswer(last.Response, h.redact)
		view.LastResponse.Body, view.LastResponse.Error = text(string(body)), text(last.Told(body))
	}
	return view
}
