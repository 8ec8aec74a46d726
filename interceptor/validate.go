package interceptor

import (
	"context"
	"sync"
	"time"

	"github.com/voorpoort/voorpoort/event"
	"github.com/voorpoort/voorpoort/webhook"
)

// validate asks the webhooks that only approve or block, all at the same time,
// on the final body. The first block wins and cancels the others.
func (g *Gate) validate(ctx context.Context, e *event.Event, hooks []*webhook.Hook, end time.Time, d *Decision) {
	asked := g.wanting(ctx, e, hooks, d)
	if d.Block != nil || len(asked) == 0 {
		return
	}
	if len(asked) == 1 {
		d.take(g, asked[0], e, g.askAlone(ctx, asked[0], e, d.Body, end))
		return
	}
	sent, failure := newEnvelope(e, d.Body) //nolint:contextcheck // as in askAlone
	if failure != nil {
		g.failAll(ctx, e, asked, failure, d)
		return
	}
	defer sent.release()
	g.validateTogether(ctx, e, asked, sent.bytes, end, d)
}

// failAll settles webhooks that cannot be asked, each by its own policy: that
// one of them lets the write pass says nothing about the others.
func (g *Gate) failAll(ctx context.Context, e *event.Event, asked []*webhook.Hook, failure *Failure, d *Decision) {
	for _, h := range asked {
		if d.take(g, h, e, answer{ctx: ctx, failure: failure}); d.Block != nil {
			return
		}
	}
}

// wanting gives the webhooks whose filters match the final body. One whose
// filter fails is settled at once by its policy.
func (g *Gate) wanting(ctx context.Context, e *event.Event, hooks []*webhook.Hook, d *Decision) []*webhook.Hook {
	var asked []*webhook.Hook
	for _, h := range hooks {
		wanted, failure := g.wants(h, e, d.Body)
		if failure != nil {
			d.take(g, h, e, answer{ctx: ctx, failure: failure})
		}
		if d.Block != nil {
			return nil
		}
		if wanted {
			asked = append(asked, h)
		}
	}
	return asked
}

// validateTogether starts a goroutine for each webhook but the last, which the
// caller's own goroutine asks: one hand-off less on the request's way. It
// returns when all of them have ended, so no call outlives the request.
func (g *Gate) validateTogether(ctx context.Context, e *event.Event, asked []*webhook.Hook, sent []byte, end time.Time, d *Decision) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var (
		mu sync.Mutex // guards d
		wg sync.WaitGroup
	)
	body := d.Body
	ask := func(h *webhook.Hook) {
		a := g.ask(ctx, h, e, body, sent, end)
		mu.Lock()
		defer mu.Unlock()
		if d.take(g, h, e, a); d.Block != nil {
			cancel(errBlocked)
		}
	}
	last := len(asked) - 1
	for _, h := range asked[:last] {
		wg.Go(func() { ask(h) })
	}
	ask(asked[last])
	wg.Wait()
}
