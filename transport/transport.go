// Package transport is a synchronous HTTP/1.1 client transport: a request is
// written and its answer read on the goroutine of the caller, over pooled
// connections. There is nothing to hand over between goroutines, which is most
// of what a round trip to a near server costs.
//
// It is made for talking to servers that are not trusted: heads are bounded, a
// connection is used again only after an answer that leaves no doubt where it
// ends, and addresses can be refused after name resolution. Bodies of answers
// are not bounded here; whoever reads them bounds them.
//
// It speaks HTTP/1.1 over TCP, TLS and Unix sockets. It follows no redirects,
// decompresses nothing, uses no proxies and waits for no "100 Continue".
package transport

import (
	"context"
	"fmt"
	"net/http"
	"time"
)

// Transport is an http.RoundTripper. It is safe for concurrent use. Close it
// when it is no longer needed.
type Transport struct {
	opt  Options
	pool *pool
}

// New returns a Transport. It starts no goroutine.
func New(opt Options) *Transport {
	opt = opt.withDefaults()

	return &Transport{opt: opt, pool: newPool(opt)}
}

// CloseIdleConnections closes the connections that no request uses.
func (t *Transport) CloseIdleConnections() { t.pool.closeIdle() }

// Retire closes unused connections and keeps none from here on, but goes on to
// serve requests. It is for an owner that has been replaced while some of its
// own callers are still at work. It may be called more than once.
func (t *Transport) Retire() { t.pool.retire() }

// Close closes unused connections, fails requests that wait for one, and lets
// those under way finish and close theirs. Later requests fail with ErrClosed.
// It may be called more than once.
func (t *Transport) Close() { t.pool.close() }

// RoundTrip sends one request and returns the head of its answer; the body
// follows as it is read. It obeys the contract of http.RoundTripper.
//
// When the request's context ends, RoundTrip and reads of the body fail with
// an error that wraps both the context's error and its cause, and the
// connection is closed. Other errors are *DialError, *ProtocolError,
// *TimeoutError, *LostError, ErrHeadTooLarge, ErrClosed and ErrUnsupported,
// and those of the request itself: an invalid header field, a body that cannot
// be read. None quotes the request's URL or the answer.
//
// The body is closed before RoundTrip returns unless it is streamed (see
// SmallBody), then before the answer's body is closed or read to its end.
// A body whose Read blocks regardless of its Close is waited for briefly and
// then left to be closed when its Read returns.
//
// A request is sent a second time, on a new connection and at most once, when
// a connection that was used before broke off without a byte of an answer, the
// body can be sent again, and either nothing of the request went out or it may
// be repeated: by its method (RFC 9110 section 9.2.2), by an Idempotency-Key
// or X-Idempotency-Key field, or by Options.Replayable.
func (t *Transport) RoundTrip(req *http.Request) (*http.Response, error) {
	return t.roundTrip(req, bound{})
}

// RoundTripUntil is RoundTrip with a time at which the exchange ends, its body
// included: as a context with that deadline and that cause would end it, but
// without the cost of one. A deadline of the request's own context that is
// earlier goes before. The time does not interrupt a Read of the request's
// body, so that it is for bodies that are in memory (see SmallBody), and it is
// not passed on to Options.Fallback.
func (t *Transport) RoundTripUntil(req *http.Request, until time.Time, cause error) (*http.Response, error) {
	return t.roundTrip(req, bound{at: until, cause: cause})
}

func (t *Transport) roundTrip(req *http.Request, b bound) (*http.Response, error) {
	if err := check(req); err != nil {
		closeBody(req)

		return nil, err
	}
	if feature := unsupported(req); feature != "" {
		return t.fallback(req, feature)
	}
	ctx := req.Context()
	if ctx.Err() != nil {
		closeBody(req)

		return nil, newContextError(ctx)
	}
	if b.passed() {
		closeBody(req)

		return nil, b.err()
	}
	ex := newExchange(t, req, b)
	resp, err := ex.run() //nolint:contextcheck // the exchange holds the request, and so its context
	if err != nil {
		ex.end(false)

		return nil, err
	}

	return resp, nil
}

// target returns the pool's key for a request.
func (t *Transport) target(req *http.Request) (key, error) {
	k := key{scheme: req.URL.Scheme, address: req.URL.Host}
	if t.opt.Target == nil {
		return k, nil
	}
	to, err := t.opt.Target(req)
	if err != nil {
		return k, fmt.Errorf("choosing the target: %w", err)
	}
	k.network, k.address, k.serverName = to.Network, to.Address, to.ServerName
	if k.scheme == "https" && k.serverName == "" {
		k.serverName = t.serverName(req.URL.Host)
	}

	return k, nil
}

// acquire returns a connection: a pooled one or, when there is none, a new
// one.
func (t *Transport) acquire(ctx context.Context, k key) (*conn, error) {
	h, c, err := t.pool.get(ctx, k)
	if err != nil || c != nil {
		return c, err
	}

	return t.open(ctx, h)
}

// open dials for a place that pool.get gave.
func (t *Transport) open(ctx context.Context, h *host) (*conn, error) {
	c, err := t.dial(ctx, h.key)
	if err != nil {
		t.pool.release(h)

		return nil, err
	}
	c.host = h

	return c, nil
}
