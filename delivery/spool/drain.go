package spool

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"time"

	"github.com/voorpoort/voorpoort/delivery"
)

const (
	drainBatch = 64               // records taken over at a time
	drainLease = 10 * time.Minute // longer than any call of a store takes
	firstPause = 200 * time.Millisecond
	longPause  = 5 * time.Second
)

// drain takes records over until ctx ends. A failure pauses it, and never ends
// it.
func (s *Store) drain(ctx context.Context) {
	defer close(s.done)
	pause := firstPause
	for ctx.Err() == nil {
		moved, err := s.move(ctx)
		switch {
		case err != nil:
			s.report(err)
			s.rest(ctx, pause)
			pause = min(2*pause, longPause)
		case moved == 0:
			s.rest(ctx, 0)
		default:
			s.report(nil)
			pause = firstPause
		}
	}
}

// rest waits for so long, or with 0 until there is a record.
func (s *Store) rest(ctx context.Context, pause time.Duration) {
	if pause == 0 {
		select {
		case <-s.wake:
		case <-ctx.Done():
		}
		return
	}
	timer := time.NewTimer(pause)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}

// move takes over the oldest records, one after another, and tells how many it
// found. The ones it could not move stay in their place.
func (s *Store) move(ctx context.Context) (int, error) {
	leases, _, err := s.local.Lease(ctx, lane, drainBatch, time.Now().Add(drainLease))
	if err != nil {
		return 0, err
	}
	slices.SortFunc(leases, func(a, b delivery.Lease) int { return cmp.Compare(a.Message.Seq, b.Message.Seq) })
	for i, l := range leases {
		if err := s.tell(ctx, l); err != nil {
			return len(leases), errors.Join(err, s.local.Finish(ctx, restored(leases[i:])...))
		}
		if err := s.local.Finish(ctx, delivery.Outcome{Lease: l, Verdict: delivery.Done}); err != nil {
			return len(leases), err // told twice, perhaps: the shared store passes over what it has
		}
		s.waiting.Add(-1)
	}
	return len(leases), nil
}

// restored gives leases back unused, due at the time at which they were due, so
// that they keep their order.
func restored(leases []delivery.Lease) []delivery.Outcome {
	outcomes := make([]delivery.Outcome, len(leases))
	for i, l := range leases {
		outcomes[i] = delivery.Outcome{Lease: l, Verdict: delivery.Restore, Due: l.First}
	}
	return outcomes
}

// tell repeats a write to the shared store. It may have been told before.
func (s *Store) tell(ctx context.Context, l delivery.Lease) error {
	r, err := decode(l.Message.Event)
	if err != nil {
		return err
	}
	if r.Hold != "" {
		err := s.shared.Release(ctx, r.Hold, r.Messages...)
		if !errors.Is(err, delivery.ErrNoHold) {
			return err
		}
	}
	if len(r.Messages) == 0 {
		return nil
	}
	return s.shared.Append(ctx, r.Messages...)
}
