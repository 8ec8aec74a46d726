package main

import (
	"context"
	"time"
)

// badTime is how long a receiver behaves badly. Together with the time until the
// next beat it is shorter than the first retry's wait, so that most deliveries
// arrive with their second attempt.
var badTime = span{500 * time.Millisecond, 3 * time.Second}

// calmBetween is longer than that first wait.
var calmBetween = span{6 * time.Second, 7 * time.Second}

// badReceivers lets half of the receivers, each time others, behave badly in
// each of the ways.
func badReceivers(ctx context.Context, a *arena) error {
	beats := schedule(a.chance, a.set.some(12), calmBetween, badTime)
	beats[0].Calm = time.Second
	for i, b := range beats {
		if err := rest(ctx, b.Calm); err != nil {
			return err
		}
		for j := range a.endpoints {
			if (i+j)%2 == 1 {
				continue
			}
			if err := a.behave(ctx, hookName(j), badModes[(b.Dice+i+j/2)%len(badModes)]); err != nil {
				return err
			}
			a.faults++
		}
		if err := rest(ctx, b.Trouble); err != nil {
			return err
		}
		if err := a.behave(ctx, "", well); err != nil {
			return err
		}
	}
	return nil
}
