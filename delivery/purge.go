package delivery

import (
	"context"
	"time"
)

// purgeInterval is the time between two removals of what is old.
const purgeInterval = time.Hour

// purge removes what is older than the retention at the start and then every
// hour, until ctx ends.
func (e *Engine) purge(ctx context.Context) {
	if e.opt.Retention < 0 && e.opt.MaxBytes <= 0 {
		return
	}
	for wait := storeBackoff(); ; {
		var before time.Time // zero removes nothing by age
		if e.opt.Retention > 0 {
			before = time.Now().Add(-e.opt.Retention)
		}
		_, err := e.store.Purge(ctx, before, e.opt.MaxBytes) // may take longer than other uses
		e.health.note("purge", err)
		e.news.deliver()
		pause := purgeInterval
		if err != nil {
			pause = wait.next()
		} else {
			wait.reset()
		}
		if !sleep(ctx, pause) {
			return
		}
	}
}
