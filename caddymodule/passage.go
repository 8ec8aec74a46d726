package caddymodule

import (
	"context"
	"errors"
	"net/http"
	"os"

	"github.com/caddyserver/caddy/v2/modules/caddyhttp"
	"go.uber.org/zap"

	"github.com/voorpoort/voorpoort/event"
	"github.com/voorpoort/voorpoort/interceptor"
	"github.com/voorpoort/voorpoort/request"
)

// passage is one request on its way through the gate, after its head has been
// checked. Its methods are the steps, in the order in which they run.
type passage struct {
	h    *Handler
	w    http.ResponseWriter
	r    *http.Request
	next caddyhttp.Handler

	head
	match    event.Match
	body     *request.Body
	event    *event.Event
	decision interceptor.Decision
	told     bool // through the queue, of the event before the write
}

// read takes the whole body in, decoded and checked, and settles what the
// request is: from here on there is one reading of it.
func (p *passage) read() error {
	if problem := request.CheckStreaming(p.r); problem != nil {
		return p.h.refuse(p.w, p.r, problem)
	}
	body, err := request.ReadBody(p.r, p.h.body)
	if err != nil {
		return p.h.unreadable(p.w, p.r, err)
	}
	defer body.Release()
	p.body = body
	method, problem := body.ApplyMethodOverride(p.r, p.wire, p.h.override)
	if problem != nil {
		return p.h.refuse(p.w, p.r, problem)
	}
	match, ok := p.h.table.Match(method, p.path)
	if !ok {
		return p.proxy()
	}
	p.match = match
	return p.recognize()
}

// recognize settles which rule the write falls under and makes the event before
// it. When no rule's condition holds the request goes on as it is.
func (p *passage) recognize() error {
	req := &event.Request{
		Method:      p.r.Method,
		Path:        p.path,
		Query:       p.r.URL.RawQuery,
		Header:      p.r.Header,
		Body:        p.body.JSON,
		Opaque:      p.body.Opaque,
		ContentType: p.body.ContentType,
		Trace:       traceparent(p.r.Context()),
	}
	match, applies, err := p.match.Choose(req)
	if err != nil {
		return p.h.unevaluable(p.w, p.r, err)
	}
	if !applies {
		return p.proxy()
	}
	p.match = match
	e, before, err := match.Before(req)
	if err != nil {
		return p.h.unevaluable(p.w, p.r, err)
	}
	if !before {
		return p.write(p.body.JSON)
	}
	p.event = e
	return p.intercept()
}

// intercept asks the webhooks, and does what they decide.
func (p *passage) intercept() error {
	decision, err := p.view.gate.Intercept(p.r.Context(), p.event)
	if err != nil {
		return clientGone(err)
	}
	p.decision = decision
	p.h.logAccess(p.r, p.event, &decision)
	addWarnings(p.w.Header(), decision.Warnings)
	if decision.Block != nil {
		problem := blockProblem(decision.Block)
		problem.Write(p.w)
		return nil
	}
	if len(decision.Flags) > 0 {
		p.r.Header.Set(flagHeader, flagText(decision.Flags))
	}
	return p.write(decision.Body)
}

// write hands the write on with the body that the webhooks have made of it, and
// sees to it that those who are told of it are.
func (p *passage) write(body []byte) error {
	if problem := p.put(body); problem != nil {
		return p.h.refuse(p.w, p.r, problem)
	}
	if problem := p.announce(); problem != nil {
		return p.h.refuse(p.w, p.r, problem)
	}
	if p.match.MayGive(event.After, p.view.told) {
		return p.follow(body)
	}
	return p.handOn()
}

// put gives the request its body back, or the one that the webhooks have made of
// it.
func (p *passage) put(body []byte) *request.Problem {
	if !p.decision.Changed {
		p.body.Restore(p.r)
		return nil
	}
	problem := p.body.Replace(p.r, body)
	if problem != nil {
		p.body.Restore(p.r)
	}
	return problem
}

// proxy hands the request on with the body that the client sent.
func (p *passage) proxy() error {
	p.body.Restore(p.r)
	return p.handOn()
}

// handOn hands the request on when nobody will be told of it afterwards. The error
// of the next handler is returned as it is: Caddy reads its status from it.
func (p *passage) handOn() error {
	if err := p.next.ServeHTTP(p.w, p.r); err != nil {
		return err
	}
	p.recycle()
	return nil
}

// recycle lets the next request have the memory of this one's bodies. Nobody may
// look at them any more: not the queue, a shadow call, or a handler that keeps
// the request, such as one for errors. The body itself knows of its readers. In
// any other case the memory is left to the garbage collector.
func (p *passage) recycle() {
	if p.told || p.decision.Shadowed || !p.body.Recycle() {
		return
	}
	if p.event != nil {
		p.event.Request.Body = nil
	}
	p.decision.Recycle()
}

// statusClientClosed is what Caddy's own proxy records for a client that went
// away before it could be answered.
const statusClientClosed = 499

func clientGone(err error) error { return caddyhttp.Error(statusClientClosed, err) }

// blockProblem is a block in the form in which the client gets it.
func blockProblem(b *interceptor.Block) *request.Problem {
	return &request.Problem{
		Status:     b.Status,
		Reason:     request.Reason(b.Kind),
		Title:      b.Title,
		Detail:     b.Detail,
		Errors:     b.Errors,
		Webhook:    b.Webhook,
		EventID:    b.EventID,
		RetryAfter: b.RetryAfter,
	}
}

// unreadable answers a request whose body could not be read. A fault of the
// client is a problem document; an error of an earlier handler, such as the
// size limit of request_body, is returned untouched. What is left is that the
// body did not come, which is no fault of ours.
func (h *Handler) unreadable(w http.ResponseWriter, r *http.Request, err error) error {
	if problem, ok := errors.AsType[*request.Problem](err); ok {
		return h.refuse(w, r, problem)
	}
	if _, ok := errors.AsType[caddyhttp.HandlerError](err); ok {
		return err
	}
	switch {
	case errors.Is(err, context.Canceled), r.Context().Err() != nil:
		return clientGone(err)
	case errors.Is(err, os.ErrDeadlineExceeded):
		return caddyhttp.Error(http.StatusRequestTimeout, err)
	}
	return caddyhttp.Error(http.StatusBadRequest, err)
}

// unevaluable answers a request on which a rule's own expression failed. What
// cannot be judged does not pass.
func (h *Handler) unevaluable(w http.ResponseWriter, r *http.Request, err error) error {
	h.logger.Error("a rule's expression failed", zap.Error(err))
	return h.refuse(w, r, &request.Problem{
		Status: http.StatusBadGateway,
		Reason: "rule_error",
		Title:  "The request could not be judged",
		Detail: "A rule of the gateway could not be evaluated on this request, so it was not passed on.",
	})
}
