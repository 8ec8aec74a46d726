package local

import (
	"github.com/voorpoort/voorpoort/delivery"
)

// finishOp is the outcome of an attempt.
type finishOp struct {
	lane    *lane // nil if the lane has no delivery
	seq     uint64
	valid   bool // the lease was not lost
	verdict delivery.Verdict
	attempt int
	due     int64
	now     int64
	park    bool
	reason  string
	row     []byte // of encodeRow; nil for none
	logged  logged
}

// logged is what is indexed and counted of a row.
type logged struct {
	lane, message string
	success       bool
	time          int64
}

func (op *finishOp) apply(b *batch) error {
	if op.row != nil {
		b.logRow(op.row, op.logged)
	}
	if !op.valid {
		return nil
	}
	e := b.entry(place{op.lane.id, op.seq})
	if e.state != delivery.Pending {
		b.changes = append(b.changes, change{lane: op.lane, slot: slot{0, op.seq}})
		return nil
	}
	e.attempts = op.attempt
	switch op.verdict {
	case delivery.Retry:
		if !e.flags.has(flagFailed) {
			e.flags |= flagFailed
			b.counters(op.lane.id).Retrying++
		}
		b.again(op, e)
	case delivery.Restore:
		e.attempts--
		b.again(op, e)
	case delivery.Bury:
		b.bury(op, e)
	default:
		b.unpend(op.lane, e)
		e.changed = op.now
		b.settle(op.lane, e, delivery.Delivered, e.record, "")
		b.unline(op.lane, op.seq, e.key)
	}
	return nil
}

// again schedules a delivery that was leased for another time.
func (b *batch) again(op *finishOp, e *entry) {
	l := op.lane
	e.due, e.asked = op.due, op.now
	b.schedule(l, e.slot())
	b.changes[len(b.changes)-1].ended = true
	if e.key == "" {
		return
	}
	if first, at := b.first(l, e.key); first != e.seq {
		// One with a lower Seq was replayed during the call.
		b.step(l, e.key, e.seq, waits)
		if at == waits {
			b.step(l, e.key, first, inFront)
		}
	}
}

func (b *batch) bury(op *finishOp, e *entry) {
	b.unpend(op.lane, e)
	e.changed = op.now
	parked := op.park && e.key != ""
	if parked {
		e.flags |= flagParked
	}
	b.settle(op.lane, e, delivery.Dead, e.record, op.reason)
	if parked {
		b.spot(op.lane, e.key, op.seq, parks)
		b.advanceLine(op.lane, e.key)
		return
	}
	b.unline(op.lane, op.seq, e.key)
}

// logRow writes a row of the log with its indexes and counters.
func (b *batch) logRow(raw []byte, w logged) {
	b.young.next.row++
	l := b.indexRow(row{id: b.young.next.row, raw: raw, logged: w}, len(raw))
	b.counters(l.id).count(w)
}

// indexRow makes a row of the log be found and counted as a row.
func (b *batch) indexRow(r row, size int) *lane {
	l := b.lane(r.logged.lane)
	r.lane = l.id
	b.young.rows = append(b.young.rows, r)
	i := 0
	if r.success {
		i = 1
	}
	b.counters(l.id).rows[i]++
	b.all().rows[i]++
	b.all().bytes += messageSize(size)
	return l
}

func (c *counters) count(w logged) {
	t := fromNanos(w.time)
	c.Total++
	if t.After(c.LastAttempt) {
		c.LastAttempt = t
	}
	if w.success {
		c.Successful++
		if t.After(c.LastSuccess) {
			c.LastSuccess = t
		}
		return
	}
	c.Failed++
	if t.After(c.LastFailure) {
		c.LastFailure = t
	}
}
