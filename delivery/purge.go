package delivery

import (
	"context"
	"time"
)

// purgeInterval is the time between two removals of what is old.
const purgeInterval = time.Hour

// purge removes what is older than the retention at the start, then every hour,
// and when the retention changes, until ctx ends.
func (e *Engine) purge(ctx context.Context) {
	for wait := storeBackoff(); ; {
		pause := purgeInterval
		if r := e.retention.Load(); !r.nothing() {
			_, err := e.store.Purge(ctx, r.before(time.Now()), r.maxBytes) // may take longer than other uses
			e.health.note("purge", err)
			e.news.deliver()
			if err != nil {
				pause = wait.next()
			} else {
				wait.reset()
			}
		}
		if !e.nextPurge(ctx, pause) {
			return
		}
	}
}

// nextPurge waits, no longer than until the retention changes; false when ctx
// ends.
func (e *Engine) nextPurge(ctx context.Context, pause time.Duration) bool {
	timer := time.NewTimer(pause)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-e.retained:
	case <-ctx.Done():
		return false
	}
	return true
}
