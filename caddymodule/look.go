package caddymodule

import (
	"context"
	"net/http"
	"strings"
	"time"

	"github.com/caddyserver/caddy/v2/modules/caddyhttp"
	"go.uber.org/zap"

	"github.com/voorpoort/voorpoort/event"
	"github.com/voorpoort/voorpoort/request"
	"github.com/voorpoort/voorpoort/settle"
	"github.com/voorpoort/voorpoort/strictjson"
)

// look gets what a rule or a webhook wants to know of the resource before it is
// written.
func (f *following) look() *request.Problem {
	if f.r.Method != http.MethodPost && f.wantsImage() {
		f.image()
	}
	if err := f.match.Prepare(f.r.Context(), &f.exchange); err != nil {
		f.h.logger.Error("a lookup before a write failed", zap.Error(err))
		return &request.Problem{
			Status: http.StatusBadGateway, Reason: "lookup_failed", Title: "The request could not be prepared",
			Detail:     "The gateway could not look up at the register what has to be told about this write, so it was not passed on.",
			RetryAfter: retryAfter,
		}
	}
	return nil
}

// wantsImage tells whether a rule or a webhook uses the resource as it was.
func (f *following) wantsImage() bool {
	if f.view.of.unread || f.match.NeedsBefore(f.hooks.Follows) {
		return true
	}
	deletes := f.r.Method == http.MethodDelete
	return f.hooks.NeedsBefore() || deletes && f.hooks.NeedsObject()
}

// image gets the resource as it is, and makes the write conditional on it where
// the register and the client allow that. A register that does not tell is no
// reason to refuse: the event then says that nothing is known.
func (f *following) image() {
	path := f.path
	if query := f.r.URL.RawQuery; query != "" { // it may say which of several things is meant
		path += "?" + query
	}
	q, err := question(f.r, path)
	if err != nil {
		return
	}
	page, err := ask(apart(f.next), q)
	if err != nil {
		f.h.logger.Warn("the register did not tell how a resource was before a write", zap.Error(err))
		return
	}
	seen := imageOf(f.r.Context(), page, f.h.app.MaxDepth)
	if seen == nil {
		return
	}
	f.before = seen
	f.before.Quality = event.BestEffort
	if bindable(f.r, f.before.ETag) {
		f.condition = f.before.ETag
		f.before.Quality = event.Exact
	}
	f.exchange.Before = &f.before.Image
}

// imageOf reads a page; nil when it tells nothing.
func imageOf(ctx context.Context, p *page, depth int) *settle.Image {
	switch {
	case p.status == http.StatusNotFound, p.status == http.StatusGone:
		return &settle.Image{Missing: true}
	case p.status != http.StatusOK:
		return nil
	}
	body, err := p.content(ctx)
	if err != nil || strictjson.Check(body, depth) != nil {
		return nil
	}
	return &settle.Image{Image: event.Image{Body: body, ETag: p.header.Get("ETag")}}
}

// recoverable is the image as the hold keeps it. What a crash interrupts may be
// the second try of a write, of which the hold knows nothing: it does not vouch
// for the image.
func (f *following) recoverable() *settle.Image {
	if f.condition == "" {
		return f.before
	}
	image := *f.before
	image.Quality = event.BestEffort
	return &image
}

// bindable tells whether a write can be made conditional: with a strong validator
// (RFC 9110 section 13.1.1), not against the client's own words, and only when it
// can be repeated.
func bindable(r *http.Request, etag string) bool {
	if !strings.HasPrefix(etag, `"`) {
		return false
	}
	for _, name := range []string{"If-Match", "If-None-Match", "If-Unmodified-Since", "If-Modified-Since"} {
		if len(r.Header[name]) > 0 {
			return false
		}
	}
	return r.Body == nil || r.Body == http.NoBody || r.GetBody != nil
}

// lookupPatience bounds what the gateway looks up at the register for one write.
const lookupPatience = 10 * time.Second

// fetch looks something up at the register for an event.
func (f *following) fetch(ctx context.Context, path string) ([]byte, error) {
	q, err := question(f.r, path)
	if err != nil {
		return nil, err
	}
	return fetched(ctx, f.next, q.WithContext(ctx), f.h.app.MaxDepth)
}

func fetched(ctx context.Context, next caddyhttp.Handler, q *http.Request, depth int) ([]byte, error) {
	page, err := ask(apart(next), q)
	if err != nil {
		return nil, err
	}
	if page.status != http.StatusOK {
		return nil, statusError(page.status)
	}
	body, err := page.content(ctx)
	if err != nil {
		return nil, err
	}
	return body, strictjson.Check(body, depth)
}
