package main

import (
	"context"
	"time"
)

// How long the gateway is left alone, and how long it is away.
var (
	calmBeforeKill = span{200 * time.Millisecond, 1200 * time.Millisecond}
	awayAfterKill  = span{0, 400 * time.Millisecond}
)

// killGateway kills the gateway at random points under load.
func killGateway(ctx context.Context, a *arena) error {
	for _, b := range schedule(a.chance, a.set.Rounds, calmBeforeKill, awayAfterKill) {
		if err := rest(ctx, b.Calm); err != nil {
			return err
		}
		if err := a.replace(ctx, a.gateways[0], b.Trouble); err != nil {
			return err
		}
	}
	return nil
}

// replace kills a gateway and starts it again.
func (a *arena) replace(ctx context.Context, g *gateway, away time.Duration) error {
	if err := g.kill(); err != nil {
		return err
	}
	a.faults++
	if err := rest(ctx, away); err != nil {
		return err
	}
	return g.start(ctx)
}

// killMidway kills the gateway while the register is in the middle of an answer:
// the write is done and nobody has heard of it.
func killMidway(ctx context.Context, a *arena) error {
	slow := pace{Before: 20 * time.Millisecond, During: 150 * time.Millisecond}
	if err := a.pace(ctx, slow); err != nil {
		return err
	}
	for _, b := range schedule(a.chance, a.set.some(4), span{0, slow.During}, awayAfterKill) {
		if err := rest(ctx, 300*time.Millisecond); err != nil {
			return err
		}
		if err := a.midway(ctx); err != nil {
			return err
		}
		if err := rest(ctx, b.Calm); err != nil {
			return err
		}
		if err := a.replace(ctx, a.gateways[0], b.Trouble); err != nil {
			return err
		}
	}
	return a.pace(ctx, pace{})
}

// killOneOfTwo kills one gateway of a pair. Every other time it stays away until
// the other has had to take over what it left.
func killOneOfTwo(ctx context.Context, a *arena) error {
	for i, b := range schedule(a.chance, a.set.some(5), calmBeforeKill, awayAfterKill) {
		if err := rest(ctx, b.Calm); err != nil {
			return err
		}
		away := b.Trouble
		if i%2 == 0 {
			away += min(a.set.For, 10*time.Second)
		}
		if err := a.replace(ctx, a.gateways[b.Dice%2], away); err != nil {
			return err
		}
	}
	return nil
}

// reload gives the gateway another configuration again and again.
func reload(ctx context.Context, a *arena) error {
	for _, b := range schedule(a.chance, a.set.Rounds, span{50 * time.Millisecond, 400 * time.Millisecond}, span{}) {
		if err := rest(ctx, b.Calm); err != nil {
			return err
		}
		if err := a.gateways[0].reload(ctx); err != nil {
			return err
		}
		a.faults++
	}
	return nil
}
