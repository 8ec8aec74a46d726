package caddymodule

import (
	"context"
	"errors"
	"fmt"
	"mime"
	"net/http"
	"strings"

	"go.uber.org/zap"

	"github.com/voorpoort/voorpoort/delivery"
	"github.com/voorpoort/voorpoort/event"
	"github.com/voorpoort/voorpoort/interceptor"
	"github.com/voorpoort/voorpoort/settle"
	"github.com/voorpoort/voorpoort/webhook"
)

// messages addresses the events that follow from a write. Those that could not
// be built become dead letters: they happened, and a person has to know.
func (h *Handler) messages(events []*event.Event, err error, body []byte, hooks *webhook.Snapshot) []delivery.Message {
	var messages []delivery.Message
	for _, e := range events {
		if m, ok := settle.Address(e, body, hooks); ok {
			messages = append(messages, m)
		}
	}
	return append(messages, h.unbuilt(err, hooks)...)
}

// reasonUnknown is why an event is a dead letter whose write nobody can judge.
const reasonUnknown = "outcome unknown: the register's answer was not seen, and its state does not tell whether the write happened; " +
	"replay the event if it did, discard it if it did not"

// doubtful makes dead letters of events that may not have happened.
func (h *Handler) doubtful(events []*event.Event, err error, body []byte, reason string, hooks *webhook.Snapshot) []delivery.Message {
	var messages []delivery.Message
	for _, e := range events {
		if m, ok := settle.Bury(e, body, reason, hooks); ok {
			messages = append(messages, m)
		}
	}
	return append(messages, h.unbuilt(err, hooks)...)
}

// stored tells whether the store has what a doubt is about.
func (h *Handler) stored(ctx context.Context, e *event.Event) bool {
	if h.app.queue == nil {
		return false
	}
	_, _, err := h.app.queue.store.Message(ctx, e.Source, e.Certain)
	return err == nil
}

// unbuilt makes dead letters of the events in an error of After.
func (h *Handler) unbuilt(err error, hooks *webhook.Snapshot) []delivery.Message {
	if err == nil {
		return nil
	}
	var messages []delivery.Message
	var after *event.AfterError
	if !errors.As(err, &after) {
		h.logger.Error("events after a write could not be made", zap.Error(err))
		return nil
	}
	for _, u := range after.Unbuilt {
		h.logger.Error("an event could not be built and is a dead letter",
			zap.String("event_id", u.Event.ID), zap.String("event_type", u.Event.Type.Name), zap.Error(u.Err))
		if m, ok := settle.BuryUnbuilt(u, hooks); ok {
			messages = append(messages, m)
		}
	}
	return messages
}

// warnEvent logs what an operator should know of an event, without its content.
func (h *Handler) warnEvent(w event.Warning) {
	findings := make([]string, len(w.Findings))
	for i, f := range w.Findings {
		findings[i] = fmt.Sprint(f)
	}
	h.logger.Warn("an event after a write", zap.String("rule", w.Rule), zap.String("event_type", w.Type.Name),
		zap.String("reason", w.Reason), zap.Strings("findings", findings))
}

// flagged names the webhooks that were passed over.
func flagged(flags []interceptor.Flag) []string {
	if len(flags) == 0 {
		return nil
	}
	names := make([]string, len(flags))
	for i, f := range flags {
		names[i] = f.Webhook
	}
	return names
}

// statusError is an answer of the register that is of no use.
type statusError int

func (e statusError) Error() string { return fmt.Sprintf("the register answers %d", int(e)) }

func mediaType(header http.Header) string {
	media, _, err := mime.ParseMediaType(header.Get("Content-Type"))
	if err != nil {
		return ""
	}
	return media
}

func scheme(r *http.Request) string {
	if r.TLS != nil {
		return "https"
	}
	return "http"
}

// publicURL is the base of links in events.
func (h *Handler) publicURL() string {
	if h.PublicURL != "" {
		return strings.TrimSuffix(h.PublicURL, "/")
	}
	return strings.TrimSuffix(h.app.PublicURL, "/")
}
