package caddymodule

import (
	"context"
	"errors"
	"maps"
	"net/http"
	"net/url"

	"github.com/caddyserver/caddy/v2"
	"github.com/caddyserver/caddy/v2/modules/caddyhttp"
	"go.uber.org/zap"

	"github.com/voorpoort/voorpoort/event"
	"github.com/voorpoort/voorpoort/request"
)

// maxConditions is how often a write is tried on the condition that the register
// still has what the gateway saw there. Then it goes without one, as the client
// sent it.
const maxConditions = 2

// errRepeated: whether a write happened is not known that was sent twice below the
// gateway, and whose condition did not hold the second time.
var errRepeated = errors.New("the write was sent to the register more than once, and the last answer is that the thing has changed")

// attempt hands the write to the register. While that refuses a condition of the
// gateway's own, which it does without having written anything (RFC 9110 section
// 13.1.1), the gateway looks again and repeats the write: the client set no
// condition, and must not see a 412.
func (f *following) attempt(ctx context.Context) error {
	if f.condition == "" {
		return f.next.ServeHTTP(f.answer, f.r.WithContext(f.reach.watch(ctx)))
	}
	start := recall(f.r, f.answer.Header())
	for n := 1; ; n++ {
		refused, err := f.tryOn(ctx, n > 1)
		if !refused {
			return err
		}
		start.restore(f.r, f.answer.Header())
		if f.reach.again(f.r) { // it may be the first time that the condition held no longer after
			return caddyhttp.Error(http.StatusBadGateway, errRepeated)
		}
		if f.r.Context().Err() != nil { // nothing was written, and nobody waits for more
			f.answer.WriteHeader(http.StatusPreconditionFailed)
			return nil
		}
		if problem := f.renew(n < maxConditions); problem != nil { //nolint:contextcheck // it looks only while the client is there
			return f.h.refuse(f.answer, f.r, problem)
		}
	}
}

// tryOn sends the write on the condition that there is, if any, and tells
// whether that was refused.
func (f *following) tryOn(ctx context.Context, again bool) (refused bool, err error) {
	w := &conditional{ResponseWriter: f.answer, expected: f.condition != ""}
	defer func() {
		if f.condition != "" {
			f.r.Header.Del("If-Match")
		}
		if !w.refused {
			return
		}
		refused = true
		switch thrown := recover(); thrown {
		case nil, http.ErrAbortHandler: // the end of an answer that nobody gets to see
		default:
			panic(thrown)
		}
	}()
	r := f.r.WithContext(f.reach.watch(ctx))
	if f.condition != "" {
		r.Header.Set("If-Match", f.condition)
	}
	if again && r.GetBody != nil {
		if r.Body, err = r.GetBody(); err != nil {
			return false, caddyhttp.Error(http.StatusServiceUnavailable, err) // of which nothing has been written
		}
	}
	err = f.next.ServeHTTP(w, r)
	return w.takes(err), err
}

// renew looks at the resource once more, after a refusal. The hold in the store
// stays as it is; it is told of as what was there a moment before.
func (f *following) renew(conditionally bool) *request.Problem {
	stale := f.condition
	f.unbind() // should the register not tell again
	f.exchange.Fetched = nil
	f.reach.reset()
	if problem := f.look(); problem != nil {
		problem.Status = http.StatusServiceUnavailable // not 502, of which it is not known whose it is
		return problem
	}
	if !conditionally || f.condition == stale {
		f.h.logger.Warn("the register refuses the gateway's condition; the write goes on without one", zap.String("path", f.path))
		f.unbind()
	}
	f.intent.Before, f.intent.Fetched = f.recoverable(), f.exchange.Fetched
	if f.held {
		if intent, err := f.intent.MarshalBinary(); err == nil {
			f.kept.Intent = intent
		}
	}
	return nil
}

// unbind takes the condition off.
func (f *following) unbind() {
	f.condition = ""
	if f.before != nil {
		f.before.Quality = event.BestEffort
	}
}

// conditional keeps a refusal of the gateway's own condition from the client.
type conditional struct {
	http.ResponseWriter

	expected bool // there is a condition
	answered bool
	refused  bool
}

// WriteHeader takes the status.
func (w *conditional) WriteHeader(status int) {
	switch {
	case w.refused:
		return
	case status == http.StatusPreconditionFailed && w.expected && !w.answered:
		w.refused = true
		return
	}
	w.answered = w.answered || status >= 200 || status == http.StatusSwitchingProtocols
	w.ResponseWriter.WriteHeader(status)
}

// Write drops the body of a refusal.
func (w *conditional) Write(p []byte) (int, error) {
	if w.refused {
		return len(p), nil
	}
	w.answered = true
	return w.ResponseWriter.Write(p)
}

// FlushError lets nothing of a refusal out.
func (w *conditional) FlushError() error {
	if w.refused {
		return nil
	}
	return http.NewResponseController(w.ResponseWriter).Flush()
}

// Unwrap gives the wrapped writer to a http.ResponseController.
func (w *conditional) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// takes tells whether there was a refusal, as an answer or as the error of a
// handler.
func (w *conditional) takes(err error) bool {
	if err != nil && w.expected && !w.answered && statusOf(err) == http.StatusPreconditionFailed {
		w.refused = true
	}
	return w.refused
}

// beginning is what a request and its answer were before the handlers after the
// gate had them, so that they can have them once more. They note things in place:
// a rewrite changes the URL, and a router passes over the routes that a request
// has been through.
type beginning struct {
	url    url.URL
	header http.Header
	answer http.Header
	vars   map[string]any
	groups map[string]struct{}
}

func recall(r *http.Request, answer http.Header) *beginning {
	return &beginning{
		url: *r.URL, header: r.Header.Clone(), answer: answer.Clone(),
		vars:   maps.Clone(notes[any](r.Context(), caddyhttp.VarsCtxKey)),
		groups: maps.Clone(notes[struct{}](r.Context(), routeGroup)),
	}
}

// restore puts everything back. It can be called again.
func (b *beginning) restore(r *http.Request, answer http.Header) {
	*r.URL = b.url
	replace(r.Header, b.header.Clone())
	replace(answer, b.answer.Clone())
	replace(notes[any](r.Context(), caddyhttp.VarsCtxKey), b.vars)
	replace(notes[struct{}](r.Context(), routeGroup), b.groups)
}

// notes is a map in which Caddy notes something about a request.
func notes[V any](ctx context.Context, key caddy.CtxKey) map[string]V {
	m, _ := ctx.Value(key).(map[string]V)
	return m
}

func replace[M ~map[K]V, K comparable, V any](m, with M) {
	clear(m)
	maps.Copy(m, with)
}
