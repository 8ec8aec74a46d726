package local

import (
	"encoding/binary"

	"github.com/voorpoort/voorpoort/delivery"
)

// record is a delivery as the index has it.
type record struct {
	due      int64
	first    int64
	changed  int64
	asked    int64 // when due was decided
	attempts int
	flags    flags
	key      string
	reason   string
}

// flags of a record.
type flags byte

const (
	flagReplayed flags = 1 << iota
	flagFailed         // at least one attempt since it was appended or replayed
	flagWaiting        // pending behind another of its key
	flagParked         // dead, and those behind it wait
)

func (f flags) has(flag flags) bool { return f&flag != 0 }

func (r *record) encode() []byte {
	b := make([]byte, 0, 4*8+2*binary.MaxVarintLen32+len(r.key)+len(r.reason)+8)
	b = appendInt(b, r.due)
	b = appendInt(b, r.first)
	b = appendInt(b, r.changed)
	b = append(b, byte(r.flags))
	b = binary.AppendUvarint(b, uint64(r.attempts))
	b = appendString(b, r.key)
	b = appendString(b, r.reason)
	if r.asked != r.changed {
		b = appendInt(b, r.asked)
	}
	return b
}

func decodeRecord(b []byte) (record, error) {
	d := &decoder{b: b}
	r := record{
		due: d.int(), first: d.int(), changed: d.int(),
		flags: flags(d.byte()), attempts: int(d.uint()),
		key: d.string(), reason: d.string(),
	}
	if r.asked = r.changed; len(d.b) > 0 {
		r.asked = d.int()
	}
	if len(d.b) > 0 {
		d.fail()
	}
	return r, d.err()
}

// counters are what the index counts of a lane, and, under lane 0, of all.
type counters struct {
	delivery.Stats
	rows  [2]uint64 // of the log: failures, successes
	bytes int64     // of messages and rows; of all lanes only
}

func (c *counters) fields() []*uint64 {
	return []*uint64{
		&c.Total, &c.Successful, &c.Failed, &c.Pending, &c.Retrying, &c.Dead, &c.Skipped,
		&c.rows[0], &c.rows[1],
	}
}

func (c *counters) encode() []byte {
	b := make([]byte, 0, 13*8)
	for _, f := range c.fields() {
		b = binary.BigEndian.AppendUint64(b, *f)
	}
	b = appendInt(b, c.bytes)
	b = appendInt(b, nanos(c.LastAttempt))
	b = appendInt(b, nanos(c.LastSuccess))
	return appendInt(b, nanos(c.LastFailure))
}

func decodeCounters(b []byte) (counters, error) {
	d := &decoder{b: b}
	var c counters
	for _, f := range c.fields() {
		*f = uint64(d.int())
	}
	c.bytes = d.int()
	c.LastAttempt, c.LastSuccess, c.LastFailure = fromNanos(d.int()), fromNanos(d.int()), fromNanos(d.int())
	if len(d.b) > 0 {
		d.fail()
	}
	return c, d.err()
}
