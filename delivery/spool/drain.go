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
	drainBatch   = 64               // records given out at a time, of a version that had no line
	drainCall    = 30 * time.Second // the most that the shared store may take for one
	drainLease   = time.Minute      // longer than that; it is what a killed gateway leaves
	lastPatience = 2 * time.Second
	firstPause   = 200 * time.Millisecond
	longPause    = 5 * time.Second
	lookAgain    = 10 * time.Second
)

// drain takes records over until ctx ends. A failure pauses it, and never ends
// it.
func (s *Store) drain(ctx context.Context) {
	defer close(s.done)
	defer s.leave() //nolint:contextcheck // ctx has ended then
	pause := firstPause
	for ctx.Err() == nil {
		moved, next, err := s.move(ctx)
		switch {
		case err != nil:
			s.opt.Report(err)
			s.rest(ctx, pause)
			pause = min(2*pause, longPause)
		case moved == 0:
			s.recount(ctx, next)
			s.idle(ctx, next)
		default:
			s.opt.Report(nil)
			pause = firstPause
		}
	}
}

// leave gives back what could not be told before the end, so that the next start
// need not wait for its lease to end.
func (s *Store) leave() {
	ctx, cancel := context.WithTimeout(context.Background(), lastPatience)
	defer cancel()
	_ = s.finish(ctx)
}

// idle waits until there is a new record, or until the next of the old ones is
// due: it may be one that could not be given back after a failure. It looks from
// time to time all the same: one whose caller did not wait for the disk comes
// without a word.
func (s *Store) idle(ctx context.Context, next time.Time) {
	wait := lookAgain
	if !next.IsZero() {
		wait = min(wait, max(time.Until(next), firstPause))
	}
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-s.wake:
	case <-ctx.Done():
	}
}

// rest waits for so long.
func (s *Store) rest(ctx context.Context, pause time.Duration) {
	timer := time.NewTimer(pause)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}

// move takes over the oldest record, and tells how many it found, and when there
// may be more. One that it could not move stays in its place.
func (s *Store) move(ctx context.Context) (found int, next time.Time, err error) {
	if err := s.finish(ctx); err != nil {
		return 0, next, err
	}
	leases, next, err := s.local.Lease(ctx, Lane, drainBatch, time.Now().Add(drainLease))
	if err != nil {
		return 0, next, err
	}
	slices.SortFunc(leases, func(a, b delivery.Lease) int { return cmp.Compare(a.Message.Seq, b.Message.Seq) })
	for i, l := range leases {
		if err := s.take(ctx, l.Message); err != nil {
			s.unfinished = append(s.unfinished, restored(leases[i:])...)
			return len(leases), next, errors.Join(err, s.finish(ctx))
		}
		s.unfinished = append(s.unfinished, delivery.Outcome{Lease: l, Verdict: delivery.Done})
	}
	return len(leases), next, s.finish(ctx)
}

// finish tells the local store what became of records. What it does not take now
// is told again before another record is given out: the next must not overtake
// one that has to be given back.
func (s *Store) finish(ctx context.Context) error {
	if len(s.unfinished) == 0 {
		return nil
	}
	if err := s.local.Finish(ctx, s.unfinished...); err != nil {
		return err
	}
	for i := range s.unfinished {
		if s.unfinished[i].Verdict == delivery.Done {
			s.count(-1)
		}
	}
	s.unfinished = s.unfinished[:0]
	return nil
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
func (s *Store) tell(ctx context.Context, r record) error {
	ctx, cancel := context.WithTimeout(ctx, drainCall)
	defer cancel()
	if r.Hold != "" {
		err := s.shared.Release(ctx, r.Hold, r.Messages...)
		if !errors.Is(err, delivery.ErrNoHold) {
			return err
		}
	}
	switch {
	case len(r.Messages) == 0:
		return nil
	case r.Hold != "":
		return delivery.AppendCertain(ctx, s.shared, r.Messages...)
	}
	return s.shared.Append(ctx, r.Messages...)
}

// recount corrects the number of records when there is none left: an error of
// the local store leaves it open whether it has stored one.
func (s *Store) recount(ctx context.Context, next time.Time) {
	if s.waiting.Load() == 0 || !next.IsZero() {
		return
	}
	s.counting.Lock()
	defer s.counting.Unlock()
	stats, err := s.local.Stats(ctx, Lane)
	if err == nil {
		s.count(int64(stats.Pending) - s.waiting.Load())
	}
}
