package main

import (
	"context"
	"time"
)

// fillDisk takes all room from under the embedded store, and kills the gateway
// every other time while there is none.
func fillDisk(ctx context.Context, a *arena) error {
	for i, b := range schedule(a.chance, a.set.some(12), calmBeforeRedis, span{time.Second, 4 * time.Second}) {
		if err := rest(ctx, b.Calm); err != nil {
			return err
		}
		if err := a.disk.fill(); err != nil {
			return err
		}
		a.faults++
		if err := rest(ctx, b.Trouble); err != nil {
			return err
		}
		if i%2 == 1 {
			if err := a.gateways[0].kill(); err != nil {
				return err
			}
			a.faults++
		}
		if err := a.disk.free(); err != nil {
			return err
		}
		if i%2 == 1 {
			if err := a.gateways[0].start(ctx); err != nil {
				return err
			}
		}
	}
	return rest(ctx, time.Second)
}
