package caddymodule

import (
	"context"
	"sync/atomic"
	"time"
)

// patience gives contexts that end after a certain time, whoever has left by
// then. Those of the same moment share a deadline: several times per write a
// timer of its own would cost more than it is worth.
type patience struct {
	lasts   time.Duration
	current atomic.Pointer[moment]
}

// momentLasts is how exact a shared deadline is: a context lasts up to this much
// longer than it has to.
const momentLasts = 250 * time.Millisecond

// moment is a context that is given out for a while.
type moment struct {
	ctx     context.Context //nolint:containedctx // to be shared is what it is for
	cancel  context.CancelFunc
	started time.Time
}

// of gives a context with the values of ctx and a deadline of its own. It ends by
// itself.
func (p *patience) of(ctx context.Context) context.Context {
	now := time.Now()
	m := p.current.Load()
	if m == nil || now.Sub(m.started) >= momentLasts {
		m = p.begin(now)
	}
	return shared{Context: m.ctx, values: ctx}
}

// begin starts a moment. Two at the same time do no harm.
func (p *patience) begin(now time.Time) *moment {
	ctx, cancel := context.WithDeadline(context.Background(), now.Add(p.lasts+momentLasts)) //nolint:gosec // it ends by its deadline: nobody knows who still has it
	m := &moment{ctx: ctx, cancel: cancel, started: now}
	p.current.Store(m)
	return m
}

// shared is a context of many, with the values of one.
type shared struct {
	context.Context //nolint:containedctx // it is a context

	values context.Context //nolint:containedctx // it is a context
}

// Value looks in the shared context first: there the context package finds what
// it needs for children.
func (s shared) Value(key any) any {
	if v := s.Context.Value(key); v != nil {
		return v
	}
	return s.values.Value(key)
}
