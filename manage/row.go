package manage

import (
	"context"
	"time"

	"github.com/voorpoort/voorpoort/catalogue"
	"github.com/voorpoort/voorpoort/delivery"
)

// rows shows rows of the log to whoever the context says.
func (h *Handler) rows(ctx context.Context, attempts []delivery.Attempt) []*logRow {
	webhooks := h.webhooksOf(attempts)
	open := scopesOf(ctx).Has(ReadPayload)
	events := make(map[uint64][]byte)
	rows := make([]*logRow, len(attempts))
	for i := range attempts {
		a := &attempts[i]
		rows[i] = rowFor(a, webhooks[a.Lane])
		if !open {
			rows[i].Redacted = true
			continue
		}
		event := func() []byte { return h.eventOf(ctx, a, events) }
		h.showBodies(rows[i], a, event)
		if rows[i].Payload != nil {
			continue
		}
		if rows[i].Payload = event(); isLeftOut(rows[i].Payload) {
			rows[i].Payload, rows[i].Redacted = nil, true
		}
		rows[i].Payload = hideEvent(rows[i].Payload, h.redact)
	}
	return rows
}

// rowFor shows what of a row is no body: its error is in the gateway's words.
func rowFor(a *delivery.Attempt, e *catalogue.Entry) *logRow {
	row := &logRow{
		ID: a.ID, Webhook: a.Lane, EventID: a.Message, EventClass: a.Class, EventType: a.Type,
		URL: a.URL, Method: a.Method, Success: a.Success, Reason: string(a.Reason), ErrorMessage: text(a.Error),
		Attempt: a.Number, DurationMs: milliseconds(a.Duration), NextRetryAt: moment(a.Next), Created: moment(a.Time), Replayed: a.Replayed,
	}
	if a.Status != 0 {
		row.StatusCode = &a.Status
	}
	if e != nil {
		row.WebhookID, row.Webhook, row.WebhookName = &e.Number, e.UUID, e.Webhook.Name
	}
	return row
}

// showBodies shows what is kept of the bodies, without what is to be hidden.
func (h *Handler) showBodies(row *logRow, a *delivery.Attempt, event func() []byte) {
	if isLeftOut(a.Request) || isLeftOut(a.Response) {
		row.Redacted = true
		return
	}
	request, response := hideRequest(a.Request, event, h.redact), hideAnswer(a.Response, h.redact)
	row.Redacted = len(h.redact) > 0 && (len(a.Request) > 0 && request == nil || len(a.Response) > 0 && response == nil)
	row.RequestBody, row.ResponseBody = text(string(request)), text(string(response))
	row.ErrorMessage = text(a.Told(response))
	if isJSON(request) {
		row.Payload = request
	}
}

// eventOf gives the event of a row, if it is still there. Rows of the same
// event, of which a page often has many, share it.
func (h *Handler) eventOf(ctx context.Context, a *delivery.Attempt, known map[uint64][]byte) []byte {
	if a.Seq == 0 {
		return nil // a test: nothing was stored
	}
	if event, asked := known[a.Seq]; asked {
		return event
	}
	known[a.Seq] = nil
	found, _, err := h.config.Store.Messages(ctx, delivery.MessageQuery{After: a.Seq - 1, Before: a.Seq + 1, Limit: 1})
	if err == nil && len(found) == 1 && isLeftOut(found[0].Event) {
		return leftOut
	}
	if err == nil && len(found) == 1 && isJSON(found[0].Event) {
		known[a.Seq] = found[0].Event
	}
	return known[a.Seq]
}

// webhooksOf finds the webhooks of rows by lane.
func (h *Handler) webhooksOf(attempts []delivery.Attempt) map[string]*catalogue.Entry {
	lanes := make(map[string]*catalogue.Entry, len(attempts))
	for i := range attempts {
		lanes[attempts[i].Lane] = nil
	}
	if len(lanes) == 0 {
		return nil
	}
	all := h.config.Webhooks.List()
	for i := range all {
		name := lane(&all[i])
		if _, wanted := lanes[name]; wanted {
			lanes[name] = &all[i]
		}
	}
	return lanes
}

// milliseconds is a duration as answers show it.
func milliseconds(d time.Duration) float64 {
	return float64(d.Microseconds()) / 1000
}
