package caddymodule

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/caddyserver/caddy/v2"
	"go.uber.org/zap"

	"github.com/voorpoort/voorpoort/delivery"
)

// Start opens the store, or takes part in the one that is open, and starts to
// deliver. Nothing is opened when no webhook is told of anything.
func (a *App) Start() error {
	if a.storage == nil {
		return nil
	}
	opened, _, err := queues.LoadOrNew(queueKey(a.storage), func() (caddy.Destructor, error) {
		return openQueue(a.ctx, a.storage, a.engineOptions(), a.metrics, a.logger)
	})
	if err != nil {
		return fmt.Errorf("opening the store: %w", err)
	}
	a.queue = opened.(*queue) //nolint:forcetypeassert // the pool has nothing else
	a.acquired = true
	closeCatalogue, err := a.openCatalogue()
	remove := func() {}
	a.detach = sync.OnceFunc(func() {
		closeCatalogue()
		a.stopApplying()
		remove()
	})
	if err != nil {
		return err
	}
	remove = a.queue.attach(a)
	close(a.started)
	return nil
}

func (a *App) engineOptions() delivery.Options {
	opt := delivery.Options{}
	if a.Retention != nil {
		opt.Retention, opt.MaxBytes = time.Duration(a.Retention.Age), a.Retention.Size
	}
	return opt
}

// Stop leaves the deliveries to the configuration that replaces this one.
func (a *App) Stop() error {
	if a.detach != nil {
		a.detach()
	}
	return nil
}

// Cleanup closes the idle connections and ends the shadow calls. Requests that
// are still being decided keep the connections they use, and the store stays
// open until the last of them is settled.
func (a *App) Cleanup() error {
	if a.lineup != nil {
		a.closeGate()
	}
	if a.acquired {
		a.acquired = false
		a.detach() // once more: Stop may not have been called
		a.requests.end(func() {
			if _, err := queues.Delete(queueKey(a.storage)); err != nil {
				a.logger.Error("closing the store", zap.Error(err))
			}
		})
	}
	return nil
}

// ready gives the queue. Caddy starts the apps of a configuration in no certain
// order, so the first requests may have to wait for it.
func (a *App) ready(ctx context.Context) (*queue, error) {
	select {
	case <-a.started:
		return a.queue, nil
	default:
	}
	ctx, cancel := context.WithTimeout(ctx, storePatience)
	defer cancel()
	select {
	case <-a.started:
		return a.queue, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}
