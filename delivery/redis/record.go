package redis

import (
	"github.com/voorpoort/voorpoort/delivery"
)

// Flags of a delivery's record; see scripts/prelude.lua.
const (
	flagReplayed = 1
	flagWaiting  = 8
)

// record is a delivery's record; times are the server's.
type record struct {
	state               delivery.State
	flags               byte
	attempts            int
	token               uint64
	first, changed, due int64
	err                 error
}

func decodeRecord(raw string) record {
	r := &reader{rest: raw}
	d := record{
		state: delivery.State(r.byte()), flags: r.byte(), attempts: int(r.uint32()), token: r.uint64(),
		first: r.time(), changed: r.time(), due: r.time(),
	}
	d.err = r.err
	return d
}

// delivery reads a delivery as scripts give it: its record, key, reason, score.
func (s *Store) delivery(lane string, seq uint64, m *delivery.Message, row []any) (delivery.Delivery, error) {
	r := decodeRecord(text(row[0]))
	d := delivery.Delivery{
		Lane: lane, Seq: seq, Message: m, Key: text(row[1]), Reason: text(row[2]),
		State: r.state, Attempts: r.attempts, Changed: s.clock.local(r.changed), Stamp: r.changed * 1000,
	}
	if d.State == delivery.Pending {
		d.Waiting = r.flags&flagWaiting != 0
		if score := number(row[3]); score > 0 {
			r.due = score
		}
		d.Due = s.clock.local(r.due)
	}
	return d, r.err
}
