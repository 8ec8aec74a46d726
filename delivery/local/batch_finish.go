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
	r, state := b.find(op.lane, op.seq)
	if state != delivery.Pending {
		b.changes = append(b.changes, change{lane: op.lane, slot: slot{0, op.seq}})
		return nil
	}
	r.attempts = op.attempt
	switch op.verdict {
	case delivery.Retry:
		if !r.flags.has(flagFailed) {
			r.flags |= flagFailed
			b.counters(op.lane.id).Retrying++
		}
		b.again(op.lane, op.seq, r, op.due)
	case delivery.Restore:
		r.attempts--
		b.again(op.lane, op.seq, r, op.due)
	case delivery.Bury:
		b.bury(op, r)
	default:
		b.unpend(op.lane, op.seq, r)
		r.changed = op.now
		b.settle(op.lane, op.seq, delivery.Delivered, r, "")
		b.unline(op.lane, op.seq, r.key)
	}
	return nil
}

// again schedules a delivery that was leased for another time.
func (b *batch) again(l *lane, seq uint64, r record, due int64) {
	b.delete(b.due, dueKey(l.id, slot{r.due, seq}))
	r.due = due
	b.write(l, seq, delivery.Pending, r)
	if r.key != "" {
		if first, place := b.first(l, r.key); first != seq {
			// One with a lower Seq was replayed during the call.
			b.scheduleAgain(l, slot{due, seq})
			b.step(l, r.key, seq, waits)
			if place == waits {
				b.step(l, r.key, first, inFront)
			}
			return
		}
	}
	b.scheduleAgain(l, slot{due, seq})
}

// scheduleAgain schedules a delivery whose lease was finished.
func (b *batch) scheduleAgain(l *lane, s slot) {
	b.schedule(l, s)
	b.changes[len(b.changes)-1].ended = true
}

func (b *batch) bury(op *finishOp, r record) {
	b.unpend(op.lane, op.seq, r)
	r.changed = op.now
	parked := op.park && r.key != ""
	if parked {
		r.flags |= flagParked
	}
	b.settle(op.lane, op.seq, delivery.Dead, r, op.reason)
	if parked {
		b.put(b.order, orderKey(op.lane.id, r.key, op.seq), []byte{parks})
		b.advanceLine(op.lane, r.key)
		return
	}
	b.unline(op.lane, op.seq, r.key)
}

// logRow writes a row of the log with its indexes and counters.
func (b *batch) logRow(row []byte, w logged) {
	id := b.sequence(b.log)
	b.put(b.log, seqKey(id), row)
	l := b.indexRow(id, int64(len(row)), w)
	b.counters(l.id).count(w)
}

// indexRow makes a row of the log be found and counted as a row.
func (b *batch) indexRow(id uint64, size int64, w logged) *lane {
	l := b.lane(w.lane)
	b.put(b.laneRows, rowKey(l.id, w.success, id), nil)
	b.put(b.nameRows, messageRowKey(w.message, id), rowPrefix(l.id, w.success))
	i := 0
	if w.success {
		i = 1
	} else {
		b.put(b.laneRows, rowKey(0, false, id), nil) // failures of all lanes
	}
	b.counters(l.id).rows[i]++
	b.all().rows[i]++
	b.all().bytes += size + recordOverhead
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

func (op *replayOp) apply(b *batch) error {
	raw := b.messages.Get(seqKey(op.seq))
	if raw == nil {
		return delivery.ErrNotFound
	}
	l := b.lane(op.lane)
	r, state := b.find(l, op.seq)
	due := max(op.due, op.now)
	switch state {
	case delivery.Pending:
		b.advance(l, op.seq, r, due)
		return nil
	case 0:
		stored, err := decodeStored(raw)
		b.note(err)
		stored.lanes = append(stored.lanes, l.id)
		b.put(b.messages, seqKey(op.seq), stored.encode())
	default:
		b.unsettle(l, op.seq, state)
	}
	b.pend(l, op.seq, record{due: due, first: due, changed: op.now, flags: flagReplayed, key: r.key})
	return nil
}

// advance makes a pending delivery due at a time, unless it is being attempted.
func (b *batch) advance(l *lane, seq uint64, r record, due int64) {
	old := slot{r.due, seq}
	waiting := r.flags.has(flagWaiting)
	if !waiting && !l.withdraw(seq) {
		return
	}
	r.due = due
	b.write(l, seq, delivery.Pending, r)
	if !waiting {
		b.delete(b.due, dueKey(l.id, old))
		b.schedule(l, slot{due, seq})
	}
}

func (op *discardOp) apply(b *batch) error {
	l := b.s.lane(op.lane)
	if l == nil {
		l = b.newLanes[op.lane]
	}
	if l == nil {
		return delivery.ErrNotFound
	}
	r, state := b.find(l, op.seq)
	switch state {
	case 0:
		return delivery.ErrNotFound
	case delivery.Pending:
		b.unpend(l, op.seq, r)
	case delivery.Dead:
		b.unsettle(l, op.seq, state)
	default:
		return nil
	}
	lined := state == delivery.Pending || r.flags.has(flagParked)
	r.changed = op.now
	r.flags &^= flagParked
	b.settle(l, op.seq, delivery.Discarded, r, op.reason)
	if lined {
		b.unline(l, op.seq, r.key)
	}
	return nil
}
