package interceptor

import (
	"context"
	"net/http"
	"time"

	"github.com/voorpoort/voorpoort/event"
	"github.com/voorpoort/voorpoort/interceptor/apply"
	"github.com/voorpoort/voorpoort/request"
	"github.com/voorpoort/voorpoort/webhook"
)

// retryAfter is what a client is told when a webhook's failure refused its
// request: long enough for a restart, short enough for a person who waits.
const retryAfter = 5 * time.Second

// answer is one finished call before it is weighed: what the webhook said, or
// why it could not be heard.
type answer struct {
	ctx     context.Context //nolint:containedctx // what the observer returned for this call
	call    Call
	verdict verdict
	change  apply.Result    // what the verdict makes of the body
	memory  *request.Memory // of change.Body, nil when that is no memory of its own
	failure *Failure
}

// take weighs one answer and adds it to the decision, by the webhook's mode
// and failure policy. It is called by one goroutine at a time.
func (d *Decision) take(g *Gate, h *webhook.Hook, e *event.Event, a answer) {
	if d.Block != nil { // an earlier block has canceled this call
		a.failure, a.verdict = failed(ReasonCanceled, errBlocked), verdict{}
	}
	d.Calls = append(d.Calls, a.call)
	call := &d.Calls[len(d.Calls)-1] // not a.call, of which the observer would make one more allocation
	call.Webhook, call.Mode, call.EventID, call.EventType = h.Name, h.Mode, e.ID, e.Type.Name
	switch {
	case a.failure != nil:
		call.Reason, call.Failure = a.failure.Reason, a.failure
		call.Outcome = d.fail(h, e, a.failure)
	case a.verdict.ruling == block:
		call.Outcome = OutcomeRejected
		d.refuse(h, e, a.verdict)
	default:
		call.Outcome = d.proceed(h, a)
		call.Pointers, call.More = a.change.Pointers, a.change.More
	}
	g.config.Observer.End(a.ctx, call)
}

// proceed takes an approval, with the change that it may bring.
func (d *Decision) proceed(h *webhook.Hook, a answer) Outcome {
	for _, text := range a.verdict.warnings {
		d.Warnings = append(d.Warnings, Warning{Webhook: h.Name, Text: text})
	}
	if !a.change.Changed {
		return OutcomeApproved
	}
	if h.Mode == webhook.Enforce {
		// The memory of an earlier change is left alone: d.Queued may hold it.
		d.Body, d.Changed, d.memory = a.change.Body, true, a.memory
	}
	return OutcomeModified
}

// refuse takes a block. In mode warn the client is told, and the write goes on.
func (d *Decision) refuse(h *webhook.Hook, e *event.Event, v verdict) {
	detail := v.message
	if detail == "" {
		detail = "The check \"" + h.Name + "\" refused this request and gave no reason."
	}
	if h.Mode != webhook.Enforce {
		d.Warnings = append(d.Warnings, Warning{Webhook: h.Name, Text: clean(detail, maxWarning)})
		return
	}
	d.Block = &Block{
		Kind:    Rejected,
		Webhook: h.Name,
		EventID: e.ID,
		Status:  v.status,
		Title:   "Blocked by a check",
		Detail:  detail,
		Errors:  v.errors,
	}
}

// fail takes a failure and follows the webhook's policy for its reason.
func (d *Decision) fail(h *webhook.Hook, e *event.Event, f *Failure) Outcome {
	if f.Reason == ReasonCanceled {
		return OutcomeCanceled
	}
	if h.Mode != webhook.Enforce {
		return OutcomeFailedOpen
	}
	switch f.Reason.policy(h) {
	case webhook.Allow:
		return OutcomeFailedOpen
	case webhook.Flag:
		d.Flags = append(d.Flags, Flag{Webhook: h.Name, Reason: f.Reason})
		return OutcomeFlagged
	case webhook.Queue:
		d.Queued = append(d.Queued, Queued{Hook: h, Body: d.Body})
		return OutcomeQueued
	default: // reject, and whatever is not known
		d.Block = unavailable(h, e, f.Reason)
		return OutcomeFailedClosed
	}
}

func unavailable(h *webhook.Hook, e *event.Event, reason Reason) *Block {
	status := reason.status()
	return &Block{
		Kind:       Unavailable,
		Webhook:    h.Name,
		EventID:    e.ID,
		Status:     status,
		Title:      http.StatusText(status),
		Detail:     reason.detail(h.Name),
		RetryAfter: retryAfter,
	}
}
