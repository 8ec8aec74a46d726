package manage

import (
	"context"
	"encoding/json"
	"errors"
	"mime"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/voorpoort/voorpoort/delivery"
	"github.com/voorpoort/voorpoort/event"
	"github.com/voorpoort/voorpoort/settle"
	"github.com/voorpoort/voorpoort/strictjson"
	"github.com/voorpoort/voorpoort/webhook"
)

// This file is OpenConnector's list of events (seed 000), over the messages of
// the store. Events that the gateway makes itself and events that are posted
// here are the same.

// eventView is an event in OpenConnector's shape. Its id is the position in the
// store, its uuid the id of the CloudEvent.
type eventView struct {
	ID              uint64          `json:"id"`
	UUID            string          `json:"uuid"`
	Source          string          `json:"source"`
	Type            string          `json:"type"`
	SpecVersion     string          `json:"specversion"`
	Time            *time.Time      `json:"time"`
	DataContentType *string         `json:"datacontenttype"`
	DataSchema      *string         `json:"dataschema"`
	Subject         *string         `json:"subject"`
	Data            json.RawMessage `json:"data"`
	Redacted        bool            `json:"redacted,omitempty"`
}

func (h *Handler) eventView(r *http.Request, m *delivery.Message) eventView {
	view := eventView{
		ID: m.Seq, UUID: m.ID, Source: m.Source, Type: m.Type, SpecVersion: "1.0", Time: moment(m.Time), Subject: optional(m.Subject),
		DataContentType: attributeOf(m.Event, "datacontenttype"), DataSchema: attributeOf(m.Event, "dataschema"),
	}
	raw, redacted := h.payload(r, m.Event)
	view.Redacted = redacted
	if data, ok := strictjson.Get(raw, "data"); ok {
		view.Data = data
	}
	return view
}

// attributeOf gives a text of a CloudEvent, null if it has none.
func attributeOf(raw []byte, name string) *string {
	value, _ := strictjson.Get(raw, name)
	text, ok := strictjson.Unquote(value)
	if !ok {
		return nil
	}
	return &text
}

// listEvents is GET /events, newest first.
func (h *Handler) listEvents(w http.ResponseWriter, r *http.Request) error {
	q := queryOf(r.URL)
	query := delivery.MessageQuery{
		Type: q.text("type"), Subject: q.text("subject"), Source: q.text("source"),
		Since: q.time("since"), Until: q.time("until"), Before: q.after(messageCursor), Newest: true, Limit: q.limit(),
	}
	if err := q.err(); err != nil {
		return err
	}
	found, next, err := h.config.Store.Messages(r.Context(), query)
	if err != nil {
		return err
	}
	views := make([]eventView, len(found))
	for i := range found {
		views[i] = h.eventView(r, &found[i])
	}
	return answer(w, http.StatusOK, page[eventView]{views, nextAfter(messageCursor, next)})
}

// readEvent reads a CloudEvent, and says at pointer what is wrong with it.
func readEvent(raw []byte, pointer string) (*event.Event, error) {
	e, err := event.Posted(raw)
	if err == nil {
		return e, nil
	}
	var faults []fault
	for _, one := range flatten(err) {
		if wrong, ok := errors.AsType[*event.AttributeError](one); ok {
			at := pointer
			if wrong.Attribute != "" {
				at += pointerTo(wrong.Attribute)
			}
			faults = append(faults, fault{at, wrong.Detail})
		}
	}
	return nil, invalid(faults...)
}

// flatten takes joined errors apart.
func flatten(err error) []error {
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		return joined.Unwrap()
	}
	return []error{err}
}

// postEvent is POST /events: an event that somebody else made, for all who
// subscribe to it. It is durable when the answer goes out, and posting it again
// changes nothing.
func (h *Handler) postEvent(w http.ResponseWriter, r *http.Request) error {
	if media, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type")); media == "application/cloudevents+json" {
		r.Header.Set("Content-Type", mediaJSON) // which it is
	}
	raw, err := readBody(w, r)
	if err != nil {
		return err
	}
	e, err := readEvent(raw, "")
	if err != nil {
		return err
	}
	if h.own(e.Source) {
		return invalid(fault{"/source", "is a source of this gateway's own events, which nobody else makes"})
	}
	if err := h.known(); err != nil {
		return err
	}
	if e.Time.IsZero() {
		e.Time = time.Now() // of the message; the event is told as it was posted
	}
	message, ok := settle.Address(e, e.Request.Body, h.subscribers()) //nolint:contextcheck // conditions are bounded by their cost
	if !ok {                                                          // kept all the same: it can be replayed to a webhook of tomorrow
		message = settle.AddressTo(e, e.Request.Body, nil) //nolint:contextcheck // it evaluates nothing
	}
	if err := h.config.Store.Append(r.Context(), message); err != nil {
		return err
	}
	stored, _, err := h.config.Store.Message(r.Context(), message.Source, message.ID)
	if err != nil {
		return err
	}
	return answer(w, http.StatusOK, h.eventView(r, stored))
}

// known refuses what is for all webhooks while not all are known.
func (h *Handler) known() error {
	if h.config.Known == nil || h.config.Known() == nil {
		return nil
	}
	return unavailable("the store has not told its webhooks since the gateway started, so it is not known who has to be told; try again later")
}

// own tells whether a source is that of events of this gateway. Who may hand in
// events could else say that a write to the register happened, under the
// gateway's signature, or take the id of an event that is still to come.
func (h *Handler) own(source string) bool {
	if h.config.Sources == nil {
		return false
	}
	return slices.ContainsFunc(h.config.Sources(), func(own string) bool { return strings.EqualFold(own, source) })
}

// subscribers are the webhooks that can be told.
func (h *Handler) subscribers() *webhook.Snapshot {
	entries := h.config.Webhooks.List()
	hooks := make([]*webhook.Hook, 0, len(entries))
	for i := range entries {
		if hook := entries[i].Hook; hook != nil {
			hooks = append(hooks, hook)
		}
	}
	return webhook.NewRegistry(hooks).Snapshot()
}

// findEvent finds an event by the id of the CloudEvent, or by its position. The
// id goes first: others choose it, and it may be a number.
func (h *Handler) findEvent(ctx context.Context, id string) (*delivery.Message, error) {
	found, _, err := h.config.Store.Messages(ctx, delivery.MessageQuery{ID: id, Limit: 1})
	if seq, ok := position(id); ok && seq > 0 && err == nil && len(found) == 0 {
		found, _, err = h.config.Store.Messages(ctx, delivery.MessageQuery{After: seq - 1, Before: seq + 1, Limit: 1})
	}
	if err == nil && len(found) == 0 {
		err = missing("There is no such event.", "Not Found")
	}
	if err != nil {
		return nil, err
	}
	return &found[0], nil
}

// getEvent is GET /events/{id}.
func (h *Handler) getEvent(w http.ResponseWriter, r *http.Request) error {
	message, err := h.findEvent(r.Context(), r.PathValue("id"))
	if err != nil {
		return err
	}
	return answer(w, http.StatusOK, h.eventView(r, message))
}

// messagesOfEvent is an event and where it went.
type messagesOfEvent struct {
	Event    eventView      `json:"event"`
	Messages []eventMessage `json:"messages"`
}

// listEventMessages is GET /events/{id}/messages.
func (h *Handler) listEventMessages(w http.ResponseWriter, r *http.Request) error {
	found, err := h.findEvent(r.Context(), r.PathValue("id"))
	if err != nil {
		return err
	}
	message, deliveries, err := h.config.Store.Message(r.Context(), found.Source, found.ID)
	if err != nil {
		return err
	}
	rows, _, err := h.config.Store.Attempts(r.Context(), delivery.AttemptQuery{Message: message.ID, Limit: maxPage})
	if err != nil {
		return err
	}
	for i := range deliveries {
		deliveries[i].Message = message
	}
	return answer(w, http.StatusOK, messagesOfEvent{h.eventView(r, message), h.eventMessages(r, deliveries, rows)})
}
