package caddymodule

import (
	"context"
	"time"
)

// partingTime is how long a write may still be with the register after its client
// has gone. Whoever leaves while a write is under way leaves a write that nobody
// knows the outcome of if it is broken off then; the register's answer settles it.
const partingTime = 30 * time.Second

// outlive gives a context for what is at work at the register. It has the values
// of ctx and ends by cancel, or parting after ctx has ended.
func outlive(ctx context.Context, parting time.Duration) (longer context.Context, cancel context.CancelFunc) {
	longer, end := context.WithCancel(context.WithoutCancel(ctx))
	stop := context.AfterFunc(ctx, func() { // on a goroutine, which ends with longer
		timer := time.NewTimer(parting)
		defer timer.Stop()
		select {
		case <-timer.C:
			end()
		case <-longer.Done():
		}
	})
	return longer, func() {
		stop()
		end()
	}
}
