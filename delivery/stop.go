package delivery

import (
	"context"
	"fmt"
	"time"
)

// stopGrace is how long Stop waits, after its context has ended, first for the
// calls that it broke off to return and be stored, and then for the store.
const stopGrace = 2 * time.Second

// Stop ends the engine. It leases nothing more, returns leases that no call was
// begun for, and lets the calls that are running end by themselves and be
// stored. When ctx ends it breaks off those that still run: their deliveries
// are due again at once, without having lost an attempt, though their receiver
// may have got them. Stop returns at most twice stopGrace, 2 seconds, after ctx
// has ended; what could not be stored by then is attempted again when its lease
// has ended.
//
// The error says that calls were broken off. Stopping again gives the same.
// Senders that are attached are closed by their detach, not by Stop.
func (e *Engine) Stop(ctx context.Context) error {
	e.stopOnce.Do(func() { e.stopErr = e.stop(ctx) })
	return e.stopErr
}

func (e *Engine) stop(ctx context.Context) error {
	e.mu.Lock()
	e.stopping = true
	for _, q := range e.lanes {
		e.closeLater(q.giveUpReserve())
		e.finishBeside(q)
	}
	running := e.active
	if running == 0 {
		close(e.idle)
	}
	e.unlock()
	e.endLoops()

	loops := make(chan struct{})
	go func() { e.running.Wait(); close(loops) }()
	err := e.drain(ctx)
	e.endCalls(errStopping)
	e.endUses()
	for _, done := range []<-chan struct{}{e.idle, loops} {
		select {
		case <-done:
		case <-time.After(stopGrace):
			return fmt.Errorf("delivery: a sender, a recoverer or the store did not end: %w", context.DeadlineExceeded)
		}
	}
	return err
}

// drain waits for the calls, and breaks them off when ctx ends.
func (e *Engine) drain(ctx context.Context) error {
	select {
	case <-e.idle:
		return nil
	case <-ctx.Done():
	}
	e.mu.Lock()
	running := e.active
	e.mu.Unlock()
	e.endCalls(errStopping)
	select {
	case <-e.idle:
	case <-time.After(stopGrace):
	}
	return fmt.Errorf("delivery: %d calls were broken off: %w", running, ctx.Err())
}
