package caddymodule

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"

	"github.com/caddyserver/caddy/v2"
	"github.com/caddyserver/caddy/v2/modules/caddyhttp"

	"github.com/voorpoort/voorpoort/request"
	"github.com/voorpoort/voorpoort/settle"
)

// maxPage bounds what is read of the register when the gateway itself asks it
// something, in bytes, before and after decoding.
const maxPage = 8 << 20

var errPageTooLarge = errors.New("the register's answer is over the limit")

// page is the register's answer to a question of the gateway's own: a
// http.ResponseWriter in memory.
type page struct {
	header http.Header
	status int
	body   bytes.Buffer
	over   bool // there was more than maxPage
}

func (p *page) Header() http.Header { return p.header }

func (p *page) WriteHeader(status int) {
	if p.status == 0 && status >= 200 {
		p.status = status
	}
}

func (p *page) Write(b []byte) (int, error) {
	p.WriteHeader(http.StatusOK)
	if p.body.Len()+len(b) > maxPage {
		p.over = true
		return 0, errPageTooLarge
	}
	return p.body.Write(b)
}

// Flush does nothing: nobody waits at the other end.
func (p *page) Flush() {}

// ask sends a question to the register through a handler chain. An abort in the
// chain, such as that of a proxy whose upstream died while it answered, is an
// error here: it must not take the client's own request with it.
func ask(next caddyhttp.Handler, r *http.Request) (p *page, err error) {
	p = &page{header: http.Header{}}
	defer func() {
		switch thrown := recover(); thrown {
		case nil:
		case http.ErrAbortHandler:
			err = fmt.Errorf("the register broke off: %w", http.ErrAbortHandler)
		default:
			panic(thrown)
		}
	}()
	if err := next.ServeHTTP(p, r); err != nil {
		if p.status == 0 {
			p.status = statusOf(err)
		}
		return p, err
	}
	return p, nil
}

// statusOf is the status that an error of Caddy's handlers stands for; 0 when it
// has none.
func statusOf(err error) int {
	status, _ := errors.AsType[caddyhttp.HandlerError](err)
	return status.StatusCode
}

// routeGroup is where Caddy's router notes which groups of routes, such as the
// handle blocks of a Caddyfile, a request has been through. Of each group a
// request takes one route only.
const routeGroup = caddy.CtxKey("route_group")

// apart lets a question through the handlers that the request of its context is
// yet to go through, without a trace: what they note for a request in its
// variables, placeholders, log fields and groups of routes is noted in copies.
// Otherwise the router would take it that the write had passed already, and pass
// it over.
func apart(next caddyhttp.Handler) caddyhttp.Handler {
	return caddyhttp.HandlerFunc(func(w http.ResponseWriter, r *http.Request) error {
		outer := r.Context()
		server, _ := outer.Value(caddyhttp.ServerCtxKey).(*caddyhttp.Server)
		replacer := caddy.NewReplacer()
		r = caddyhttp.PrepareRequest(r, replacer, w, server)
		copyNotes[any](r.Context(), outer, caddyhttp.VarsCtxKey)
		copyNotes[struct{}](r.Context(), outer, routeGroup)
		if known, ok := outer.Value(caddy.ReplacerCtxKey).(*caddy.Replacer); ok {
			replacer.Map(known.Get)
		}
		return next.ServeHTTP(w, r)
	})
}

// copyNotes copies a map of one context into that of another.
func copyNotes[V any](into, from context.Context, key caddy.CtxKey) {
	if target := notes[V](into, key); target != nil {
		maps.Copy(target, notes[V](from, key))
	}
}

// content is the decoded body.
func (p *page) content(ctx context.Context) ([]byte, error) {
	if p.over {
		return nil, errPageTooLarge
	}
	return request.DecodeAnswer(ctx, p.header, p.body.Bytes(), maxPage)
}

// settled is the page as package settle wants it. A body that is too large or
// cannot be decoded will not be another the next time: it tells nothing.
func (p *page) settled(ctx context.Context) (settle.Page, error) {
	body, err := p.content(ctx)
	if err != nil {
		return settle.Page{Status: p.status}, ctx.Err()
	}
	return settle.Page{Status: p.status, Body: body}, nil
}

// question makes a GET of a path on the route of a request, with the caller's
// credentials. Everything the client sent that is not about the body goes along,
// for a register may know its callers by any field.
func question(r *http.Request, path string) (*http.Request, error) {
	target, err := url.ParseRequestURI(path)
	if err != nil {
		return nil, fmt.Errorf("the path of a question to the register: %w", err)
	}
	q := r.WithContext(r.Context())
	q.Method = http.MethodGet
	q.URL = target
	q.RequestURI = path
	q.Body, q.GetBody, q.ContentLength = http.NoBody, nil, 0
	q.TransferEncoding, q.Trailer = nil, nil
	q.Header = r.Header.Clone()
	for _, name := range bodyFields {
		delete(q.Header, name)
	}
	// Left to itself the proxy would ask for gzip, and servers change the ETag
	// of what they compress into one that no If-Match fits.
	q.Header.Set("Accept-Encoding", "identity")
	return q, nil
}

// bodyFields are about a body, a condition, or how an answer is to be coded.
var bodyFields = []string{
	"Accept-Encoding", "Content-Digest", "Content-Encoding", "Content-Language", "Content-Length",
	"Content-Location", "Content-Md5", "Content-Type", "Digest", "Expect", "Idempotency-Key",
	"If-Match", "If-Modified-Since", "If-None-Match", "If-Range", "If-Unmodified-Since", "Prefer", "Range",
	"Repr-Digest", "Signature", "Signature-Input", "Trailer", "Transfer-Encoding", flagHeader,
}
