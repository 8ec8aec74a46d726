package redis

import (
	"github.com/voorpoort/voorpoort/delivery"
)

// Flags of a delivery's record; see scripts/prelude.lua.
const flagWaiting = 8

// delivery reads a delivery as scripts give it: its record, key, reason, score.
func (s *Store) delivery(lane string, seq uint64, m *delivery.Message, row []any) (delivery.Delivery, error) {
	d := delivery.Delivery{Lane: lane, Seq: seq, Message: m, Key: text(row[1]), Reason: text(row[2])}
	r := &reader{rest: text(row[0])}
	d.State = delivery.State(r.byte())
	flags := r.byte()
	d.Attempts = int(r.uint32())
	r.uint64() // the token
	r.time()   // when it was first due
	d.Changed = s.clock.local(r.time())
	due := r.time()
	if d.State == delivery.Pending {
		d.Waiting = flags&flagWaiting != 0
		if score := number(row[3]); score > 0 {
			due = score
		}
		d.Due = s.clock.local(due)
	}
	return d, r.err
}
