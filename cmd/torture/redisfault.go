package main

import (
	"context"
	"slices"
	"time"
)

var (
	calmBeforeRedis = span{500 * time.Millisecond, 2 * time.Second}
	awayRedis       = span{100 * time.Millisecond, 6 * time.Second}
)

// killRedis kills Redis and starts it again from its file.
func killRedis(ctx context.Context, a *arena) error {
	for _, b := range schedule(a.chance, a.set.some(5), calmBeforeRedis, awayRedis) {
		if err := rest(ctx, b.Calm); err != nil {
			return err
		}
		if err := a.without(ctx, b.Trouble); err != nil {
			return err
		}
	}
	return nil
}

// without lets Redis be away for a while.
func (a *arena) without(ctx context.Context, away time.Duration) error {
	a.redis.kill()
	a.faults++
	if err := rest(ctx, away); err != nil {
		return err
	}
	return a.redis.start(ctx)
}

// refuseWrites makes Redis answer every change with an error, first for as long
// as the settings say, and then a few times for seconds.
func refuseWrites(ctx context.Context, a *arena) error {
	beats := schedule(a.chance, a.set.some(25), calmBeforeRedis, awayRedis)
	beats[0].Trouble = a.set.For
	for i, b := range beats {
		if err := rest(ctx, b.Calm); err != nil {
			return err
		}
		fault := redisFaults[i%len(redisFaults)]
		if err := a.redis.set(ctx, fault.Make); err != nil {
			return err
		}
		a.faults++
		if err := rest(ctx, b.Trouble); err != nil {
			return err
		}
		if err := a.redis.set(ctx, fault.End); err != nil {
			return err
		}
	}
	return rest(ctx, time.Second)
}

// freezeRedis stops Redis from running: connections stay open and nothing
// answers.
func freezeRedis(ctx context.Context, a *arena) error {
	for _, b := range schedule(a.chance, a.set.some(12), calmBeforeRedis, span{time.Second, 8 * time.Second}) {
		if err := rest(ctx, b.Calm); err != nil {
			return err
		}
		if err := a.redis.process.Freeze(); err != nil {
			return err
		}
		a.faults++
		if err := rest(ctx, b.Trouble); err != nil {
			return err
		}
		if err := a.redis.process.Thaw(); err != nil {
			return err
		}
	}
	return rest(ctx, time.Second)
}

// spool lets Redis be away while writes go on, and kills the gateway every other
// time while it keeps the events for itself. It is started again before or after
// Redis is back, in turns.
func spool(ctx context.Context, a *arena) error {
	for i, b := range schedule(a.chance, a.set.some(12), calmBeforeRedis, awayRedis) {
		if err := rest(ctx, b.Calm); err != nil {
			return err
		}
		a.redis.kill()
		a.faults++
		if err := rest(ctx, b.Trouble+2*time.Second); err != nil {
			return err
		}
		back := []func(context.Context) error{a.redis.start}
		if i%2 == 1 {
			if err := a.gateways[0].kill(); err != nil {
				return err
			}
			a.faults++
			back = append(back, a.gateways[0].start)
		}
		if i%4 == 1 {
			slices.Reverse(back)
		}
		for _, start := range back {
			if err := start(ctx); err != nil {
				return err
			}
		}
	}
	return rest(ctx, time.Second)
}
