package main

import (
	"context"
	"fmt"
	"net/http"
	"time"
)

// stepClock steps the gateway's clock by an hour, forth and back, while
// deliveries wait for their retry, and kills the gateway after each
// step, so that what it knows of times is what it has written. No receiver is bad for longer than the first retry waits.
func stepClock(ctx context.Context, a *arena) error {
	for i, step := range []time.Duration{time.Hour, 0, -time.Hour, 0} {
		if err := a.behave(ctx, "r1", badModes[i%len(badModes)]); err != nil {
			return err
		}
		if err := rest(ctx, 2*time.Second); err != nil {
			return err
		}
		if err := a.behave(ctx, "r1", well); err != nil {
			return err
		}
		if err := setClock(a.clock, step); err != nil {
			return err
		}
		a.faults++
		if err := rest(ctx, time.Second); err != nil {
			return err
		}
		if err := a.clockIs(ctx, step); err != nil {
			return err
		}
		if err := a.replace(ctx, a.gateways[0], 0); err != nil {
			return err
		}
		if err := rest(ctx, 7*time.Second); err != nil {
			return err
		}
	}
	return nil
}

// clockIs makes sure that the step was made: the gateway's own answers say what
// time it has.
func (a *arena) clockIs(ctx context.Context, step time.Duration) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, a.gateways[0].url()+"/no-such-resource", http.NoBody)
	if err != nil {
		return fmt.Errorf("asking for the time: %w", err)
	}
	// The register sets Date on what is proxied; the admin endpoint is the
	// gateway's own.
	req.URL.Host, req.URL.Path = a.gateways[0].layout.Admin, "/config/"
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return fmt.Errorf("asking for the time: %w", err)
	}
	_ = resp.Body.Close() // only the head counts
	date, err := http.ParseTime(resp.Header.Get("Date"))
	if err != nil {
		return fmt.Errorf("asking for the time: %w", err)
	}
	if off := date.Sub(time.Now().Add(step)).Abs(); off > 10*time.Second {
		return fmt.Errorf("the gateway's clock was not stepped by %s: it is %s off", step, off)
	}
	return nil
}
