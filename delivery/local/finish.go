package local

import (
	"context"
	"time"

	"github.com/voorpoort/voorpoort/delivery"
)

// maxReason is how much is kept of why a delivery is dead or discarded, in bytes.
const maxReason = 1024

// Finish implements [delivery.Queue]. It returns when the outcomes are on their
// way to the index, in order with everything else: what is asked of the store
// afterwards takes them into account.
func (s *Store) Finish(ctx context.Context, outcomes ...delivery.Outcome) error {
	if err := s.enter(ctx); err != nil {
		return err
	}
	defer s.leave()
	if len(outcomes) == 0 {
		return nil
	}
	now := s.time()
	tasks := make([]task, len(outcomes))
	var size int64
	for i := range outcomes {
		tasks[i] = finishTask(&outcomes[i], now)
		size += tasks[i].size
	}
	if err := s.backlog.take(ctx, size, s.closing); err != nil {
		return err
	}
	for i := range outcomes {
		o, op := &outcomes[i], tasks[i].op.(*finishOp) //nolint:forcetypeassert // made above
		if op.lane = s.lane(o.Lease.Lane); op.lane != nil {
			op.valid = op.lane.end(o.Lease)
		}
	}
	return s.applier.add(tasks...)
}

func finishTask(o *delivery.Outcome, now time.Time) task {
	op := &finishOp{
		seq: o.Lease.Message.Seq, verdict: o.Verdict, attempt: o.Lease.Attempt,
		now: nanos(now), park: o.Park, reason: o.Reason[:min(len(o.Reason), maxReason)],
	}
	op.due = max(op.now, nanos(o.Due))
	if a := o.Attempt; a != nil {
		op.row = encodeRow(op.now, a)
		op.logged = logged{a.Lane, a.Message, a.Success, nanos(a.Time)}
	}
	return task{op: op, size: 256 + int64(len(op.row)), urgent: true}
}
