package caddymodule

import (
	"fmt"
	"net/http"
	"sync"
	"sync/atomic"

	"go.uber.org/zap"

	"github.com/voorpoort/voorpoort/delivery"
	"github.com/voorpoort/voorpoort/event"
	"github.com/voorpoort/voorpoort/interceptor"
	"github.com/voorpoort/voorpoort/request"
	"github.com/voorpoort/voorpoort/webhook"
)

// live are the webhooks that are in force. It is never changed: another takes its
// place when webhooks come and go while the gateway runs. A request keeps the one
// that it began with.
type live struct {
	hooks  *webhook.Snapshot
	gate   *interceptor.Gate
	unread bool // the store has not told its webhooks yet
}

// lineup is what is in force now, and how it got there.
type lineup struct {
	live  atomic.Pointer[live] // nil until it is known
	known chan struct{}        // closed when those of the store are in force, too

	applying sync.Mutex               // guards what follows
	gate     *interceptor.Gate        // the newest
	attached map[*webhook.Hook]func() // what detaches the queue of a webhook
	warned   map[*webhook.Hook]bool   // of what may not be meant: all that are in force
	stopped  bool
}

// view is live as a handler uses it, with the limits of the handler.
type view struct {
	of    *live
	hooks *webhook.Snapshot
	gate  *interceptor.Gate
	asked func(event.Type) bool // whether some webhook is asked or told before the write
	told  func(event.Type) bool // whether some webhook is told after it
}

// current gives what is in force; nil before the app has started that has to read
// a store for it.
func (h *Handler) current() *view {
	l, v := h.app.live.Load(), h.view.Load()
	if v != nil && v.of == l {
		return v
	}
	if l == nil {
		return nil
	}
	v = &view{of: l, hooks: l.hooks, gate: l.gate.With(h.budget, h.body.MaxBody), told: l.told, asked: l.asked}
	h.view.Store(v) // two at the same time make the same, or the next request makes it again
	return v
}

// await is current for a request that came before the app has started: a write
// that a webhook of the store would have blocked must not slip through.
func (h *Handler) await(r *http.Request) (*view, *request.Problem) {
	if _, err := h.app.ready(r.Context()); err != nil {
		return nil, h.storeProblem(err)
	}
	return h.current(), nil
}

// inForce are the webhooks that are in force, or those of the configuration while
// none are.
func (a *App) inForce() *webhook.Snapshot {
	if l := a.live.Load(); l != nil {
		return l.hooks
	}
	return a.hooks.Snapshot()
}

// apply puts webhooks in force. Queues of new ones are attached before requests
// can fill them, and those of others are detached when no new request does. A
// queue of a webhook that stays is not touched. Once the app has stopped it does
// nothing: the configuration after it has a catalogue of its own.
func (a *App) apply(hooks []*webhook.Hook) error { return a.enforce(hooks, false) }

// enforce is apply, of all webhooks or of those that are known while the store
// does not tell its own.
func (a *App) enforce(hooks []*webhook.Hook, unread bool) error {
	a.applying.Lock()
	defer a.applying.Unlock()
	if a.stopped {
		return nil
	}
	lanes, of, err := a.newLanesOf(hooks)
	if err != nil {
		return err
	}
	registry := webhook.NewRegistry(hooks)
	gate, err := a.gate.Renew(registry)
	if err != nil {
		closeAll(lanes)
		return err
	}
	a.queue.observer.learn(lanes)
	for i, detach := range a.queue.engine.AttachEach(lanes) {
		a.attached[of[i]] = detach
	}
	a.gate = gate
	a.putInForce(&live{hooks: registry.Snapshot(), gate: gate, unread: unread})
	a.detachOthers(hooks)
	a.forgetOthers(hooks)
	a.warnOfNew(hooks)
	a.queue.activity.Webhooks()
	return nil
}

// putInForce has requests from now on see l.
func (a *App) putInForce(l *live) {
	before := a.live.Swap(l)
	if !l.unread && (before == nil || before.unread) {
		close(a.known)
	}
}

// newLanesOf makes the queues of webhooks that have none yet.
func (a *App) newLanesOf(hooks []*webhook.Hook) (lanes []delivery.Lane, of []*webhook.Hook, err error) {
	for _, h := range hooks {
		if a.attached[h] != nil || !h.Delivers() {
			continue
		}
		lane, prepared := a.lanes[h]
		if !prepared {
			if lane, err = newLane(h, a.storedGuard); err != nil {
				closeAll(lanes)
				return nil, nil, fmt.Errorf("webhook %q: %w", h.Name, err)
			}
		}
		lanes, of = append(lanes, lane), append(of, h)
	}
	return lanes, of, nil
}

// closeAll gives up senders that no engine has.
func closeAll(lanes []delivery.Lane) {
	for _, l := range lanes {
		if l.Sender != nil {
			l.Sender.Close()
		}
	}
}

// detachOthers gives up the queues of webhooks that are not among these. What
// waits in them stays in the store.
func (a *App) detachOthers(hooks []*webhook.Hook) {
	stay := make(map[*webhook.Hook]bool, len(hooks))
	for _, h := range hooks {
		stay[h] = true
	}
	for h, detach := range a.attached {
		if !stay[h] {
			detach()
			delete(a.attached, h)
		}
	}
}

// forgetOthers ends the metrics of webhooks that were in force and are not among
// these.
func (a *App) forgetOthers(hooks []*webhook.Hook) {
	stay := make(map[string]bool, len(hooks))
	for _, h := range hooks {
		stay[h.Name], stay[h.Lane()] = true, true
	}
	for h := range a.warned {
		if !stay[h.Lane()] {
			a.queue.observer.names.Delete(h.Lane())
		}
		if !stay[h.Name] {
			a.metrics.forget(h.Name)
		}
	}
}

// warnOfNew warns of webhooks of the store as is done for those of the
// configuration, once for each change.
func (a *App) warnOfNew(hooks []*webhook.Hook) {
	known := a.warned
	a.warned = make(map[*webhook.Hook]bool, len(hooks))
	for _, hook := range hooks {
		if !known[hook] && !a.fixed[hook] {
			a.gates.warnDoubt(hook)
		}
		a.warned[hook] = true
	}
}

// stopApplying leaves the queues to another configuration.
func (a *App) stopApplying() {
	a.applying.Lock()
	defer a.applying.Unlock()
	a.stopped = true
	a.detachOthers(nil)
}

// closeGate ends what the newest gate does beside requests.
func (a *App) closeGate() {
	a.applying.Lock()
	defer a.applying.Unlock()
	if a.gate != nil {
		a.gate.Close()
	}
}

// report logs what went wrong with the webhooks of the store.
func (a *App) report(err error) {
	a.logger.Error("webhooks of the store are not as they should be", zap.Error(err))
}
