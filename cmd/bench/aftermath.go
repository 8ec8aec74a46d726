package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"
)

// drainTimeout bounds the wait for the deliveries that are left when the load
// has ended.
const drainTimeout = 2 * time.Minute

var errLost = errors.New("accepted writes were not delivered")

// aftermath is what became of the events of one round's writes.
type aftermath struct {
	Accepted int // writes that the client got 201 for, with those of the warm-up
	During   int // of their events, delivered while the load ran
	After    int // and afterwards
	Twice    int // calls that repeated an event
	Drain    time.Duration
}

// received tells what came to the scenario's receiver so far.
func (s *stage) received(ctx context.Context, sc scenario) (inbox, error) {
	resp, err := send(ctx, "GET", "http://"+s.at.Receiver+"/"+sc.slug(), nil)
	if err != nil {
		return inbox{}, err
	}
	defer resp.Body.Close()
	var box inbox
	if err := json.NewDecoder(resp.Body).Decode(&box); err != nil {
		return inbox{}, fmt.Errorf("asking the receiver: %w", err)
	}
	return box, nil
}

// door shuts or opens the scenario's receiver, where it is to be shut.
func (s *stage) door(ctx context.Context, sc scenario, way string) error {
	if !sc.Shut {
		return nil
	}
	resp, err := send(ctx, "PUT", "http://"+s.at.Receiver+"/"+sc.slug()+"/"+way, nil)
	if err != nil {
		return err
	}
	return resp.Body.Close()
}

// await waits until so many more events than before have come: every accepted
// write is told, or the bench has failed.
func (s *stage) await(ctx context.Context, sc scenario, before inbox, accepted int) (aftermath, error) {
	start := time.Now()
	seen := aftermath{Accepted: accepted, During: -1}
	for {
		box, err := s.received(ctx, sc)
		if err != nil {
			return seen, err
		}
		events := box.Events - before.Events
		if seen.During < 0 {
			seen.During = min(events, accepted)
		}
		seen.After = events - seen.During
		seen.Twice = box.Calls - before.Calls - events
		seen.Drain = time.Since(start)
		if events >= accepted {
			return seen, nil
		}
		if seen.Drain > drainTimeout {
			return seen, fmt.Errorf("%s: %w: %d of %d after %s", sc.Name, errLost, accepted-events, accepted, seen.Drain)
		}
		time.Sleep(10 * time.Millisecond)
	}
}
