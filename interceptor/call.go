package interceptor

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/voorpoort/voorpoort/event"
	"github.com/voorpoort/voorpoort/webhook"
)

var errTooLarge = errors.New("the answer is over the limit")

// askAlone calls one webhook with an event of its own.
func (g *Gate) askAlone(ctx context.Context, h *webhook.Hook, e *event.Event, body []byte, end time.Time) answer {
	sent, failure := newEnvelope(e, body) //nolint:contextcheck // expressions have a cost limit instead of a deadline
	if failure != nil {
		return answer{ctx: ctx, failure: failure}
	}
	defer sent.release()
	return g.ask(ctx, h, e, body, sent.bytes, end)
}

// ask calls one webhook about the body and reads what it says. The call ends
// when the webhook's own time is up, or that of the request.
func (g *Gate) ask(ctx context.Context, h *webhook.Hook, e *event.Event, body, sent []byte, end time.Time) answer {
	c := g.callers[h]
	permit, result := c.breaker.allow(), unknown
	if permit == denied {
		return answer{ctx: ctx, failure: failed(ReasonBreakerOpen, nil)}
	}
	defer func() { c.breaker.done(permit, result) }()
	started := time.Now()
	limit := deadline{at: started.Add(h.Timeout), cause: errTimeout}
	if end.Before(limit.at) {
		limit = deadline{at: end, cause: errBudget}
	}
	a := answer{}
	p := newParcel()
	c.fill(p.header, e, started, sent)
	a.ctx = g.config.Observer.Begin(ctx, h, p.header)
	r, failure := c.roundTrip(a.ctx, p, sent, limit) //nolint:contextcheck // the observer derived it from ctx
	p.release(&c.client, failure)
	if failure == nil {
		a.verdict, failure = r.read(c.plan != nil, g.config.MaxDepth)
	}
	if failure == nil && a.verdict.ruling == modify {
		a.change.Body = body
		if c.plan != nil {
			a.change, a.memory, failure = g.change(c.plan, body, a.verdict)
		}
	}
	a.failure = failure
	a.call.Duration, a.call.Status = time.Since(started), r.status
	a.call.Sent, a.call.Received = len(sent), len(r.body)
	result = healthOf(failure, a.call.Duration >= g.config.Budget/2)
	return a
}

// healthOf says what a finished call tells the breaker. Any answer below 500
// shows that the webhook lives, whatever it says. A budget that ran out counts
// when this call took most of it: a webhook's own timeout is longer than the
// budget by default, and one that hangs would never open its breaker.
func healthOf(f *Failure, tookMost bool) health {
	switch {
	case f == nil:
		return healthy
	case f.Reason.countsForBreaker(), f.Reason == ReasonBudget && tookMost:
		return ailing
	case f.Reason == ReasonCanceled, f.Reason == ReasonBudget:
		return unknown
	}
	return healthy
}

// roundTrip sends the event and reads the whole answer, up to the webhook's
// limit of bytes and before the deadline.
func (c *caller) roundTrip(ctx context.Context, p *parcel, payload []byte, d deadline) (reply, *Failure) {
	if c.client.own == nil {
		var cancel context.CancelFunc
		ctx, cancel = context.WithDeadlineCause(ctx, d.at, d.cause)
		defer cancel()
		payload = bytes.Clone(payload) // it may still be read when the round trip is over
	}
	response, err := c.client.send(c.request(ctx, p, payload), d)
	if err != nil {
		return reply{}, classify(d.causeOf(ctx), err)
	}
	defer response.Body.Close()
	r := reply{
		status:      response.StatusCode,
		contentType: response.Header.Get("Content-Type"),
		encoding:    response.Header.Get("Content-Encoding"),
	}
	if response.ContentLength > c.maxAnswer {
		return r, &Failure{Reason: ReasonTooLarge, Status: r.status, cause: errTooLarge}
	}
	r.body, err = readAnswer(response.Body, response.ContentLength, c.maxAnswer)
	switch {
	case errors.Is(err, errTooLarge):
		return reply{status: r.status}, &Failure{Reason: ReasonTooLarge, Status: r.status, cause: err}
	case err != nil:
		return reply{status: r.status}, classify(d.causeOf(ctx), err)
	}
	return r, nil
}

// readAnswer reads to the end, so that the connection can be used again. The
// size is known for most answers: then it takes one allocation.
func readAnswer(body io.Reader, length, limit int64) ([]byte, error) {
	if length >= 0 {
		answer := make([]byte, length)
		if _, err := io.ReadFull(body, answer); err != nil {
			return nil, fmt.Errorf("reading the answer: %w", err)
		}
		// The reader has seen its end only when it is asked once more.
		if _, err := io.Copy(io.Discard, body); err != nil {
			return nil, fmt.Errorf("reading the answer: %w", err)
		}
		return answer, nil
	}
	answer, err := io.ReadAll(io.LimitReader(body, limit+1))
	switch {
	case err != nil:
		return nil, fmt.Errorf("reading the answer: %w", err)
	case int64(len(answer)) > limit:
		return nil, errTooLarge
	}
	return answer, nil
}
