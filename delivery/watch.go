package delivery

import (
	"context"
	"time"
)

// watch lets the store tell in which lanes something is due, for ever.
func (e *Engine) watch(ctx context.Context) {
	wait := storeBackoff()
	for {
		begun := time.Now()
		works := time.AfterFunc(maxBackoff, func() { // it has not failed at once
			e.health.note("watch", nil)
			e.news.deliver()
		})
		err := e.store.Watch(ctx, e.found)
		works.Stop()
		if ctx.Err() != nil {
			return
		}
		if time.Since(begun) > time.Minute {
			wait.reset()
		}
		e.health.note("watch", err)
		e.news.deliver()
		if !sleep(ctx, wait.next()) {
			return
		}
	}
}

// found is called by the store.
func (e *Engine) found(lane string, due time.Time) {
	e.mu.Lock()
	defer e.unlock()
	if due.IsZero() {
		due = time.Now()
	}
	q := e.queueOf(lane)
	q.expect(due)
	e.place(q)
	// That the store tells anything shows that watching works.
	e.health.note("watch", nil)
}

func (e *Engine) queueOf(lane string) *queue {
	q := e.lanes[lane]
	if q == nil {
		q = newQueue(lane)
		e.lanes[lane] = q
	}
	return q
}
