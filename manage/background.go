package manage

import (
	"context"
	"sync"
	"time"
)

// background is what a handler does and keeps beside answering.
type background struct {
	jobs      jobs
	streams   streams
	names     nameCache
	overviews overviewCache
	sampling  sync.WaitGroup
	finished  sync.Once
}

// begin starts what goes on until the handler is closed.
func (h *Handler) begin() {
	h.jobs.report, h.streams.closing = h.report, make(chan struct{})
	h.sampling.Go(func() { h.sampleQueue(h.life) })
}

// finish ends streams and jobs, and waits for the jobs.
func (h *Handler) finish() {
	h.finished.Do(func() {
		close(h.streams.closing)
		h.jobs.close()
		h.sampling.Wait()
	})
}

// report tells of an error that no client is told of.
func (h *Handler) report(err error) {
	if h.config.Report != nil {
		h.config.Report(err)
	}
}

// storeFails tells whether the engine cannot use its store.
func (h *Handler) storeFails() error {
	if engine, ok := h.config.Engine.(interface{ Failing() error }); ok {
		return engine.Failing()
	}
	return nil
}

// sleepFor waits for a time, or returns the context's error.
func sleepFor(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
