package interceptor

import (
	"context"
	"sync"
	"time"

	"github.com/voorpoort/voorpoort/event"
	"github.com/voorpoort/voorpoort/webhook"
)

// shadows owns the goroutines of shadow calls. They run beside the requests
// and are only recorded; when too many are in flight a new one is dropped.
type shadows struct {
	slots  chan struct{}
	ctx    context.Context //nolint:containedctx // the lifetime of the goroutines, ended by stop
	cancel context.CancelFunc

	mu      sync.Mutex // orders Add before Wait
	stopped bool
	wg      sync.WaitGroup
}

func newShadows(limit int) *shadows {
	ctx, cancel := context.WithCancel(context.Background())
	return &shadows{slots: make(chan struct{}, limit), ctx: ctx, cancel: cancel}
}

// reserve takes the room for one call, or reports false when there is none.
// Whoever got it calls start.
func (s *shadows) reserve() bool {
	select {
	case s.slots <- struct{}{}:
		return true
	default:
		return false
	}
}

// start runs work in a goroutine of its own, or reports false when the gate is
// closed.
func (s *shadows) start(work func(ctx context.Context)) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.stopped {
		<-s.slots
		return false
	}
	s.wg.Go(func() {
		defer func() { <-s.slots }()
		work(s.ctx)
	})
	return true
}

// stop cancels the calls in flight and waits for them.
func (s *shadows) stop() {
	s.mu.Lock()
	s.stopped = true
	s.mu.Unlock()
	s.cancel()
	s.wg.Wait()
}

// shadow asks the webhooks in mode shadow what they would have said about the
// client's own body. It returns at once: the events are written here, because
// the request may be over before they are sent. started tells whether one of them
// will look at the body from here on.
func (g *Gate) shadow(ctx context.Context, e *event.Event, hooks []*webhook.Hook, end time.Time) (started bool) {
	for _, h := range hooks {
		wanted, failure := g.wants(h, e, e.Request.Body)
		if failure == nil && wanted {
			if g.startShadow(ctx, h, e, end) {
				started = true
			} else {
				failure = failed(ReasonCanceled, nil)
			}
		}
		if failure != nil {
			g.record(h, e, answer{ctx: ctx, failure: failure})
		}
	}
	return started
}

// startShadow reports false when there is no room for one more shadow call. The
// room is taken first: a call that is dropped costs nothing. The body is never
// written to and so needs no copy.
func (g *Gate) startShadow(ctx context.Context, h *webhook.Hook, e *event.Event, end time.Time) bool {
	if !g.shadows.reserve() {
		return false
	}
	body := e.Request.Body
	// Not from the pool: it outlives the request.
	sent := e.AppendJSON(nil, body) //nolint:contextcheck // as in askAlone
	values := context.WithoutCancel(ctx)
	return g.shadows.start(func(life context.Context) {
		ctx, cancel := context.WithCancelCause(values)
		defer cancel(nil)
		defer context.AfterFunc(life, func() { cancel(context.Canceled) })()
		g.record(h, e, g.ask(ctx, h, e, body, sent, end))
	})
}

// record tells the observer of a call whose result nobody waits for.
func (g *Gate) record(h *webhook.Hook, e *event.Event, a answer) {
	var unheeded Decision
	unheeded.take(g, h, e, a)
}
