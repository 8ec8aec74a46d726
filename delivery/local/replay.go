package local

import (
	"context"
	"time"
)

// Replay implements [delivery.Archive]. A delivery that is leased is being
// attempted, and stays as it is.
func (s *Store) Replay(ctx context.Context, lane string, seq uint64, due time.Time) error {
	if err := checkLane(lane); err != nil {
		return err
	}
	op := &replayOp{lane, seq, nanos(due), nanos(s.time())}
	return s.writeAndApply(ctx, newCall(encodeReplay(op), op))
}

// Discard implements [delivery.Archive].
func (s *Store) Discard(ctx context.Context, lane string, seq uint64, reason string) error {
	op := &discardOp{lane, seq, nanos(s.time()), reason[:min(len(reason), maxReason)]}
	return s.writeAndApply(ctx, newCall(encodeDiscard(op), op))
}

// Settle implements [delivery.Puller].
func (s *Store) Settle(ctx context.Context, lane string, seq uint64) error {
	op := &settleOp{lane, seq, nanos(s.time())}
	return s.writeAndApply(ctx, newCall(encodeSettle(op), op))
}

// writeAndApply has a record written and applied, and gives the answer.
func (s *Store) writeAndApply(ctx context.Context, c *call) error {
	if err := s.enter(ctx); err != nil {
		return err
	}
	defer s.leave()
	applied := make(chan error, 1)
	c.task.done = applied
	if err := s.write(ctx, c); err != nil {
		return err
	}
	select {
	case err := <-applied:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}
