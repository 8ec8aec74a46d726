package manage

import (
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"time"

	"github.com/voorpoort/voorpoort/delivery"
)

// deadLetterView is a dead letter as the API tells it.
type deadLetterView struct {
	Seq uint64 `json:"seq"`
	webhookRef
	EventID   string          `json:"eventId"`
	EventType string          `json:"eventType"`
	Subject   *string         `json:"subject"`
	Reason    string          `json:"reason"`
	Attempts  int             `json:"attempts"`
	DeadAt    *time.Time      `json:"deadAt"`
	Event     json.RawMessage `json:"event"`
	Redacted  bool            `json:"redacted,omitempty"`
}

func (h *Handler) deadLetterView(r *http.Request, d *delivery.Delivery, names directory) deadLetterView {
	view := deadLetterView{
		Seq: d.Seq, webhookRef: names.ref(d.Lane), Reason: d.Reason, Attempts: d.Attempts, DeadAt: moment(d.Changed),
	}
	if d.State == delivery.Pending {
		view.Reason, view.DeadAt = abandoned, nil
	}
	if m := d.Message; m != nil {
		view.EventID, view.EventType, view.Subject = m.ID, m.Type, optional(m.Subject)
		view.Event, view.Redacted = h.payload(r, m.Event)
	}
	return view
}

// listDeadLetters is GET /dead-letters, newest first.
func (h *Handler) listDeadLetters(w http.ResponseWriter, r *http.Request) error {
	q := queryOf(r.URL)
	limit := q.limit()
	query := delivery.DeliveryQuery{State: delivery.Dead, Newest: true, After: q.place(deadLetterCursor), Limit: limit + 1}
	if err := q.err(); err != nil {
		return err
	}
	if id := q.text("webhook"); id != "" {
		query.Lane, _ = h.laneOf(id)
	}
	if waits, err := h.waiting(q, query.Lane); err != nil {
		return err
	} else if waits {
		query.State = delivery.Pending
	}
	found, err := h.config.Store.Deliveries(r.Context(), query)
	if err != nil {
		return err
	}
	var cursor *string
	if len(found) > limit {
		found = found[:limit]
		cursor = nextPlace(deadLetterCursor, &found[limit-1])
	}
	names := h.directory()
	views := make([]deadLetterView, len(found))
	for i := range found {
		views[i] = h.deadLetterView(r, &found[i], names)
	}
	return answer(w, http.StatusOK, page[deadLetterView]{views, cursor})
}

// abandoned is why a pending delivery is a dead letter in all but name.
const abandoned = "its webhook was removed before it arrived"

// waiting tells whether a list is to be of what waits for a webhook that was
// removed: nobody delivers it, and nobody but a person ends it.
func (h *Handler) waiting(q *query, lane string) (bool, error) {
	switch q.text("state") {
	case "", "dead":
	case "pending":
		if lane != "" && !h.hasWebhook(lane) {
			return true, nil
		}
		q.fault("state", "may be pending only together with webhook, the queue of a webhook that was removed")
	default:
		q.fault("state", "must be dead or pending")
	}
	return false, q.err()
}

// hasWebhook tells whether a lane is that of a webhook.
func (h *Handler) hasWebhook(name string) bool { return h.directory()[name] != nil }

// deadLetter finds the dead letter that the path names. What is pending for a
// webhook that was removed is one as well.
func (h *Handler) deadLetter(r *http.Request) (d delivery.Delivery, known bool, err error) {
	gone := missing("There is no such dead letter.", "Not Found")
	seq, err := strconv.ParseUint(r.PathValue("seq"), 10, 64)
	if err != nil || seq == 0 {
		return d, false, gone
	}
	lane, known := h.laneOf(r.PathValue("webhook"))
	found, err := h.config.Store.Deliveries(r.Context(), delivery.DeliveryQuery{Lane: lane, Seq: seq, Limit: 1})
	switch {
	case err != nil:
		return d, known, err
	case len(found) == 0:
		return d, known, gone
	case found[0].State == delivery.Dead, found[0].State == delivery.Pending && !h.hasWebhook(lane):
		return found[0], known, nil
	}
	return d, known, gone
}

// deadLetterDetail is a dead letter and what was tried.
type deadLetterDetail struct {
	deadLetterView
	Attempts []*logRow `json:"attempts"` // instead of their number
}

// getDeadLetter is GET /dead-letters/{webhook}/{seq}.
func (h *Handler) getDeadLetter(w http.ResponseWriter, r *http.Request) error {
	d, _, err := h.deadLetter(r)
	if err != nil {
		return err
	}
	var rows []delivery.Attempt
	if d.Message != nil {
		rows, _, err = h.config.Store.Attempts(r.Context(), delivery.AttemptQuery{Lane: d.Lane, Message: d.Message.ID, Limit: maxPage})
		if err != nil {
			return err
		}
	}
	return answer(w, http.StatusOK, deadLetterDetail{h.deadLetterView(r, &d, h.directory()), h.rows(r.Context(), rows)})
}

// replayDeadLetter is POST /dead-letters/{webhook}/{seq}/replay.
func (h *Handler) replayDeadLetter(w http.ResponseWriter, r *http.Request) error {
	d, known, err := h.deadLetter(r)
	if err != nil {
		return err
	}
	if !known {
		return conflict("Nobody would get it: its webhook is gone.")
	}
	err = h.config.Store.Replay(r.Context(), d.Lane, d.Seq, time.Now())
	return h.settled(w, &d, "pending", err)
}

// maxDiscardReason is what a store keeps of a reason.
const maxDiscardReason = 1024

// discardDeadLetter is POST /dead-letters/{webhook}/{seq}/discard.
func (h *Handler) discardDeadLetter(w http.ResponseWriter, r *http.Request) error {
	body, err := readOptional[discardRequest](w, r)
	if err != nil {
		return err
	}
	if len(body.Reason) > maxDiscardReason {
		return invalid(fault{"/reason", "must be at most 1024 bytes"})
	}
	d, _, err := h.deadLetter(r)
	if err != nil {
		return err
	}
	if body.Reason == "" {
		body.Reason = "discarded by hand"
	}
	err = h.config.Store.Discard(r.Context(), d.Lane, d.Seq, body.Reason)
	return h.settled(w, &d, "discarded", err)
}

// deadLetterState is what has become of a dead letter.
type deadLetterState struct {
	Seq uint64 `json:"seq"`
	webhookRef
	State string `json:"state"` // pending or discarded
}

// discardRequest is the body of a discard.
type discardRequest struct {
	Reason string `json:"reason"`
}

// settled answers what has become of a dead letter.
func (h *Handler) settled(w http.ResponseWriter, d *delivery.Delivery, state string, err error) error {
	if errors.Is(err, delivery.ErrNotFound) {
		return missing("There is no such dead letter.", "Not Found")
	}
	if err != nil {
		return err
	}
	return answer(w, http.StatusOK, deadLetterState{d.Seq, h.directory().ref(d.Lane), state})
}
