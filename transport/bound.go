package transport

import (
	"context"
	"time"
)

// bound is a time at which an exchange ends, beside its context. The zero bound
// is none.
type bound struct {
	at    time.Time
	cause error
}

func (b bound) passed() bool { return !b.at.IsZero() && !time.Now().Before(b.at) }

// err is the error of a context that has ended at the bound.
func (b bound) err() error { return &contextError{err: context.DeadlineExceeded, cause: b.cause} }

// within gives a context that ends when the exchange does, for what waits on
// one: a place in the pool, a new connection.
func (ex *exchange) within() (context.Context, context.CancelFunc) {
	if ex.bound.at.IsZero() {
		return ex.ctx, func() {}
	}

	return context.WithDeadlineCause(ex.ctx, ex.bound.at, ex.bound.cause)
}

// acquire returns a connection: a pooled one or, when there is none, a new
// one.
func (ex *exchange) acquire() (*conn, error) {
	h, c, found := ex.t.pool.takeIdle(ex.key)
	switch {
	case c != nil:
		return c, nil
	case found:
		return ex.open(h)
	}
	ctx, cancel := ex.within()
	defer cancel()

	return ex.t.acquire(ctx, ex.key)
}

// open dials for a place that the pool gave.
func (ex *exchange) open(h *host) (*conn, error) {
	ctx, cancel := ex.within()
	defer cancel()

	return ex.t.open(ctx, h)
}
