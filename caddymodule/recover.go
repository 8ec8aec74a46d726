package caddymodule

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/caddyserver/caddy/v2/modules/caddyhttp"
	"go.uber.org/zap"

	"github.com/voorpoort/voorpoort/delivery"
	"github.com/voorpoort/voorpoort/event"
	"github.com/voorpoort/voorpoort/settle"
	"github.com/voorpoort/voorpoort/webhook"
)

var (
	errNoHandler = errors.New("no site of this configuration has the rules under which the write was held; " +
		"put them back, or settle the hold by hand")
	errNoGate    = errors.New("the question did not come to a gate on its way to the register")
	errRewritten = errors.New("the path was rewritten before the gate: it is not known how to ask for another")

	// errPanicked: here is no server that would take care of it, and the write
	// would be asked about again after each start of the gateway.
	errPanicked = errors.New("a handler on the way to the register panicked")
)

// Recover finds out about a write whose answer nobody saw, by asking the register:
// it gives the messages that follow if the write happened, none if it did not, and
// dead letters if the register's state does not tell. The error says why the
// register cannot be asked now; the hold stays, or goes to a gateway that has the
// rules and the server of the write. After recover_horizon there is no
// error any more, but dead letters.
func (a *App) Recover(ctx context.Context, h delivery.Hold) (delivery.Recovery, error) {
	if err := a.unread(); err != nil {
		return delivery.Recovery{}, err
	}
	found, err := a.findOut(ctx, h)
	if err == nil || ctx.Err() != nil || !a.overdue(h) {
		return found, foreign(err)
	}
	return a.giveUp(ctx, h, err), nil
}

// foreign marks what is wrong with this gateway only.
func foreign(err error) error {
	if errors.Is(err, errNoHandler) || errors.Is(err, errNoServer) {
		return &delivery.ForeignError{Err: err}
	}
	return err
}

// findOut asks what became of a write.
func (a *App) findOut(ctx context.Context, h delivery.Hold) (found delivery.Recovery, err error) {
	defer func() {
		if thrown := recover(); thrown != nil {
			found, err = delivery.Recovery{}, fmt.Errorf("%w: %v", errPanicked, thrown)
		}
	}()
	var intent settle.Intent
	if err := intent.UnmarshalBinary(h.Intent); err != nil {
		return found, err
	}
	handler, ok := a.gates.of(&intent)
	if !ok {
		return found, errNoHandler
	}
	if _, err := a.server(&intent); err != nil {
		return found, err
	}
	if err := pause(ctx, a.rest(intent.Time)); err != nil {
		return found, err
	}
	select {
	case a.asking <- struct{}{}:
		defer func() { <-a.asking }()
	case <-ctx.Done():
		return found, ctx.Err()
	}
	return handler.recover(ctx, &intent)
}

// askingAtOnce bounds the questions: a register that comes back after a crash
// has clients to serve, and all that they were writing then is in doubt.
const askingAtOnce = 8

// rest is how long to wait before the register is asked about a write. If the clock
// has been set back since, it is recover_after from now.
func (a *App) rest(written time.Time) time.Duration {
	after := time.Duration(a.RecoverAfter)
	return min(time.Until(written.Add(after)), after)
}

// pause waits, because the register may still be at work on a write that was
// broken off.
func pause(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(max(d, 0))
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// recover asks the register and makes the messages.
func (h *Handler) recover(ctx context.Context, i *settle.Intent) (delivery.Recovery, error) {
	inquiry := settle.Inquiry{Get: h.askAbout, MaxDepth: h.app.MaxDepth}
	finding, now, err := inquiry.Ask(ctx, i)
	if err != nil {
		return delivery.Recovery{}, fmt.Errorf("asking the register about write %s: %w", i.Event, err)
	}
	found := delivery.Recovery{OnKept: func() { h.recovered(i, finding) }}
	switch finding {
	case settle.DidNot:
		return found, nil
	case settle.Unknown:
		found.Messages, err = h.doubts(ctx, i, reasonUnknown)
	default:
		found.Messages, err = h.afterwards(ctx, i, now)
	}
	return found, err
}

// recovered tells of a write that is settled.
func (h *Handler) recovered(i *settle.Intent, finding settle.Finding) {
	h.app.metrics.recovered.WithLabelValues(finding.String()).Inc()
	h.logger.Warn("a write whose answer was not seen is settled",
		zap.String("event_id", i.Event), zap.String("method", i.Method), zap.String("path", i.Path),
		zap.Stringer("finding", finding))
}

// afterwards makes the messages of a write that happened.
func (h *Handler) afterwards(ctx context.Context, i *settle.Intent, now []byte) ([]delivery.Message, error) {
	match, ok := h.table.Recall(i.Method, i.Path, i.Rule)
	if !ok {
		return nil, errNoHandler
	}
	hooks := h.app.inForce()
	exchange := h.exchange(i, hooks)
	exchange.Response = recoveredResponse(i, now)
	events, err := match.After(ctx, exchange)
	return h.messages(events, err, i.Body, hooks), nil //nolint:contextcheck // expressions have a cost limit instead
}

// doubts makes dead letters of a write that may have happened.
func (h *Handler) doubts(ctx context.Context, i *settle.Intent, reason string) ([]delivery.Message, error) {
	match, ok := h.table.Recall(i.Method, i.Path, i.Rule)
	if !ok {
		return nil, errNoHandler
	}
	hooks := h.app.inForce()
	exchange := h.exchange(i, hooks)
	exchange.Outcome = "unknown"
	events, err := match.After(ctx, exchange)
	// What is stored is beyond doubt: its gateway saw the answer, and was only cut off.
	events = slices.DeleteFunc(events, func(e *event.Event) bool { return h.stored(ctx, e) })
	return h.doubtful(events, err, i.Body, reason, hooks), nil //nolint:contextcheck // expressions have a cost limit instead
}

// exchange is what a hold knows of a write.
func (h *Handler) exchange(i *settle.Intent, hooks *webhook.Snapshot) *event.Exchange {
	exchange := &event.Exchange{
		Request: &event.Request{
			Method: i.Method, Path: i.Path, Query: i.Query, Header: i.Header,
			Body: i.Body, Opaque: i.Opaque, ContentType: i.ContentType,
		},
		Fetched: i.Fetched, PublicURL: h.publicURL(), ID: i.Event, Time: i.Time,
		Recovered: true, Flags: i.Flags, Wanted: hooks.Follows, Profile: h.app.profile, Warn: h.warnEvent,
		Fetch: func(ctx context.Context, path string) ([]byte, error) { return h.lookUp(ctx, i, path) },
	}
	if i.Before != nil {
		exchange.Before = &i.Before.Image
	}
	return exchange
}

// recoveredResponse stands for the answer that nobody saw: the resource as it is
// now.
func recoveredResponse(i *settle.Intent, now []byte) *event.Response {
	if i.Method == http.MethodDelete || len(now) == 0 {
		return &event.Response{Status: http.StatusNoContent}
	}
	status := http.StatusOK
	if i.Method == http.MethodPost {
		status = http.StatusCreated
	}
	return &event.Response{Status: status, Body: now, ContentType: "application/json"}
}

// askAbout asks about a write at its own path. What answers there without a gate
// on the way is not the register behind it.
func (h *Handler) askAbout(ctx context.Context, i *settle.Intent, path string) (settle.Page, error) {
	page, seen, err := h.inquire(ctx, i, path)
	if err == nil && !seen.passed && i.Method != http.MethodPost {
		return settle.Page{}, errNoGate
	}
	return page, err
}

// inquire sends a question through the server that the write came through, so
// that it takes the same route. The credentials are those of recover_header: the
// caller's own are never kept.
func (h *Handler) inquire(ctx context.Context, i *settle.Intent, path string) (settle.Page, visit, error) {
	var seen visit
	server, err := h.app.server(i)
	if err != nil {
		return settle.Page{}, seen, err
	}
	ctx, cancel := context.WithTimeout(context.WithValue(ctx, inquiryKey{}, &seen), lookupPatience)
	defer cancel()
	r, err := inquiry(ctx, i, path)
	if err != nil {
		return settle.Page{}, seen, err
	}
	if h.app.gates.agree(i) {
		h.introduce(r, &seen)
	}
	page, err := ask(caddyhttp.HandlerFunc(func(w http.ResponseWriter, r *http.Request) error {
		server.ServeHTTP(w, r)
		return nil
	}), r)
	if err != nil && !page.over {
		return settle.Page{}, seen, err
	}
	answer, err := page.settled(ctx)
	answer.Introduced = seen.introduced
	return answer, seen, err
}

// lookUp looks something up for a recovered event.
func (h *Handler) lookUp(ctx context.Context, i *settle.Intent, path string) ([]byte, error) {
	if i.Rewritten {
		return nil, errRewritten
	}
	page, _, err := h.inquire(ctx, i, path)
	if err != nil {
		return nil, err
	}
	if page.Status != http.StatusOK {
		return nil, statusError(page.Status)
	}
	return page.Body, nil
}
