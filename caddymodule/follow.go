package caddymodule

import (
	"context"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/voorpoort/voorpoort/delivery"
	"github.com/voorpoort/voorpoort/event"
	"github.com/voorpoort/voorpoort/request"
	"github.com/voorpoort/voorpoort/settle"
	"github.com/voorpoort/voorpoort/strictjson"
	"github.com/voorpoort/voorpoort/webhook"
)

// eventHeader tells the writer which events followed from its write.
const eventHeader = "Voorpoort-Event-Id"

// following is a write that somebody is told of afterwards: from the hold, which
// is durable before the register is touched, to its settlement.
type following struct {
	*passage
	queue    *queue
	hooks    *webhook.Snapshot
	exchange event.Exchange
	before   *settle.Image
	intent   settle.Intent
	kept     delivery.Hold
	held     bool
	answer   *settle.Answer
	reach    reach

	condition string // the ETag that the write is bound to; "" for none
}

// follow passes a write on and settles it. body is what the register gets.
func (p *passage) follow(body []byte) error {
	queue, err := p.h.app.ready(p.r.Context())
	if err != nil {
		return p.h.refuse(p.w, p.r, p.h.storeProblem(err))
	}
	f := &following{passage: p, queue: queue, hooks: p.view.hooks}
	f.prepare(body)
	if problem := f.look(); problem != nil {
		return p.h.refuse(p.w, p.r, problem)
	}
	if problem := f.hold(); problem != nil {
		return p.h.refuse(p.w, p.r, problem)
	}
	defer queue.underWay.enter(f.exchange.ID)()
	if err := p.r.Context().Err(); err != nil { // the register has not been touched
		f.drop()
		return clientGone(err)
	}
	return f.pass()
}

// pass hands the write to the register, which answers it whether or not the
// client still waits, and settles it.
func (f *following) pass() error {
	f.answer = settle.NewAnswer(f.w, settle.DefaultMaxCopy)
	ctx, cancel := outlive(f.r.Context(), partingTime)
	defer cancel()
	ended := false
	defer func() {
		if !ended { // a panic: the upstream died while it answered, or the events could not be made
			f.doubt("the answer broke off")
		}
	}()
	err := f.attempt(ctx)
	f.settle(err)
	ended = true
	if err != nil {
		return err
	}
	_ = f.answer.Finish() // it fails when the client has gone, which is not ours to tell
	return nil
}

// prepare notes what is known before the register is asked.
func (f *following) prepare(body []byte) {
	id := newEventID()
	req := &event.Request{
		Method: f.r.Method, Path: f.path, Query: f.r.URL.RawQuery, Header: f.r.Header,
		Body: body, Opaque: f.body.Opaque, ContentType: f.body.ContentType,
		Trace: traceparent(f.r.Context()),
	}
	f.exchange = event.Exchange{
		Request:   req,
		PublicURL: f.h.publicURL(),
		ID:        id,
		Flags:     flagged(f.decision.Flags),
		Wanted:    f.view.told,
		Profile:   f.h.app.profile,
		Fetch:     f.fetch,
		Warn:      f.h.warnEvent,
	}
}

// newEventID is a UUIDv7 (RFC 9562), which sorts by time.
func newEventID() string {
	id, err := uuid.NewV7()
	if err != nil { // no randomness: nothing of this machine can be trusted
		panic(err)
	}
	return id.String()
}

// hold stores the intent of the write.
func (f *following) hold() *request.Problem {
	f.intent = settle.Intent{
		Handler: f.h.fingerprint, Server: serverName(f.r), Scheme: scheme(f.r), Host: f.r.Host,
		Method: f.r.Method, Path: f.path, Query: f.r.URL.RawQuery, Header: f.h.table.Told(f.r.Header),
		ContentType: f.exchange.Request.ContentType, Body: f.exchange.Request.Body, Opaque: f.exchange.Request.Opaque,
		Event: f.exchange.ID, Time: time.Now().UTC(), Rule: f.match.Rule(), Flags: f.exchange.Flags,
		Before: f.recoverable(), Fetched: f.exchange.Fetched,
	}
	f.address()
	if f.h.onResponse {
		return nil
	}
	err := f.store()
	switch {
	case err == nil:
		f.held = true
		return nil
	case f.h.app.OnStoreDown == storeDownAllow:
		f.queue.forget(f.exchange.ID)
		f.queue.gap("hold", f.exchange.ID, err)
		return nil
	}
	f.queue.forget(f.exchange.ID)
	return f.h.storeProblem(err)
}

// store writes the hold, whether or not the client is still there: a hold that
// may or may not be stored would be worse than one too many.
func (f *following) store() error {
	intent, err := f.intent.MarshalBinary()
	if err != nil {
		return err
	}
	f.kept = delivery.Hold{ID: f.exchange.ID, Created: f.intent.Time, Intent: intent}
	return f.queue.store.Hold(f.queue.calls.of(f.r.Context()), f.kept)
}

// settle does what the fate of the write asks for.
func (f *following) settle(err error) {
	switch f.fate(err) {
	case happened:
		f.release()
	case refused:
		f.drop()
	case doubtful:
		f.doubt("the register's answer did not come")
	}
}

// drop ends the hold of a write that did not happen.
func (f *following) drop() {
	if f.held {
		f.queue.drop(f.r.Context(), f.exchange.ID)
	}
}

// doubt leaves a write to be settled by asking the register.
func (f *following) doubt(why string) {
	if !f.held {
		if err := f.store(); err != nil {
			f.queue.gap("hold", f.exchange.ID, err)
			return
		}
	}
	f.queue.doubt(f.kept, why)
}

// release stores what follows from the write, together with the end of its hold.
func (f *following) release() {
	// The write has happened, whether or not the client is still there.
	ctx := f.queue.lookups.of(f.r.Context())
	f.exchange.Response = f.response()
	f.exchange.Time = time.Now()
	events, err := f.match.After(ctx, &f.exchange)
	if f.answer.Held() && len(events) > 0 {
		f.answer.Header().Set(eventHeader, ids(events))
	}
	if f.view.of.unread {
		f.releaseUnread(events, err)
		return
	}
	messages := f.h.messages(events, err, f.exchange.Request.Body, f.hooks)
	f.queue.release(f.r.Context(), f.exchange.ID, f.held, messages)
}

// response is the register's answer as events see it.
func (f *following) response() *event.Response {
	header := f.answer.Header()
	r := &event.Response{Status: f.answer.Status(), Header: header, ContentType: mediaType(header)}
	raw, whole := f.answer.Body()
	switch {
	case !whole:
		r.Truncated = true
		return r
	case len(raw) == 0:
		return r
	}
	body, err := request.DecodeAnswer(context.WithoutCancel(f.r.Context()), header, raw, maxPage)
	if err != nil || strictjson.Check(body, f.h.app.MaxDepth) != nil {
		r.Opaque = true
		return r
	}
	r.Body = body
	return r
}

// ids lists the ids of events for the header.
func ids(events []*event.Event) string {
	names := make([]string, len(events))
	for i, e := range events {
		names[i] = e.ID
	}
	return strings.Join(names, ", ")
}
