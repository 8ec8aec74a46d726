package local

import (
	"encoding/binary"
	"fmt"
	"slices"
	"time"

	"github.com/voorpoort/voorpoort/delivery"
)

// operation is one change of the index. It is applied in a transaction that may
// be rolled back and begun again. The error is the answer to the caller, not a
// failure of the transaction.
type operation interface {
	apply(b *batch) error
}

// holdOp stores a hold.
type holdOp struct {
	delivery.Hold
}

// appendOp stores messages, and removes a hold if it has one.
type appendOp struct {
	hold     string
	created  int64 // of the hold
	stored   int64
	messages []appended
}

type replayOp struct {
	lane     string
	seq      uint64
	due, now int64
}

type discardOp struct {
	lane   string
	seq    uint64
	now    int64
	reason string
}

type settleOp struct {
	lane string
	seq  uint64
	now  int64
}

// encodeHold gives the record of a hold, and its operation, which shares the
// intent with it.
func encodeHold(h delivery.Hold) (frame []byte, op *holdOp) {
	b := beginFrame(kindHold, len(h.ID)+len(h.Intent)+24)
	b = appendString(b, h.ID)
	b = appendInt(b, nanos(h.Created))
	b = endFrame(appendString(b, h.Intent))
	h.Intent, h.Created = b[len(b)-len(h.Intent):], fromNanos(nanos(h.Created))
	return b, &holdOp{h}
}

// encodeAppend gives the record of messages, and its operation, which shares
// their bytes with it and nothing with the caller.
func encodeAppend(hold string, stored time.Time, messages []delivery.Message) (frame []byte, op *appendOp, err error) {
	size := len(hold) + 32
	for i := range messages {
		if err := checkMessage(&messages[i]); err != nil {
			return nil, nil, err
		}
		size += messageBytes(&messages[i])
	}
	if size > maxRecord {
		return nil, nil, fmt.Errorf("delivery/local: messages of %d bytes in one call: %w", size, errTooLarge)
	}
	b := beginFrame(kindAppend, size)
	if hold != "" {
		b[frameSize-1] = byte(kindRelease)
		b = appendString(b, hold)
	}
	b = appendInt(b, nanos(stored))
	b = binary.AppendUvarint(b, uint64(len(messages)))
	op = &appendOp{hold: hold, stored: nanos(stored), messages: make([]appended, len(messages))}
	for i := range messages {
		b, op.messages[i] = appendMessage(b, &messages[i])
	}
	return endFrame(b), op, nil
}

// messageBytes is about the size of a message and its targets in a record.
func messageBytes(m *delivery.Message) int {
	size := len(m.ID) + len(m.Source) + len(m.Type) + len(m.Class) + len(m.Subject) + len(m.Event) + 48
	for _, t := range m.Targets {
		size += len(t.Lane) + len(t.Key) + len(t.Skip) + len(t.Dead) + 20
	}
	return size
}

// appendMessage appends a message and its targets, each with its length, and
// gives what the index needs of them.
func appendMessage(b []byte, m *delivery.Message) ([]byte, appended) {
	start := len(b)
	b = encodeMessage(append(b, 0, 0, 0, 0), m)
	binary.BigEndian.PutUint32(b[start:], uint32(len(b)-start-4))
	body := b[start+4 : len(b) : len(b)]
	b = binary.AppendUvarint(b, uint64(len(m.Targets)))
	for i := range m.Targets {
		b = encodeTarget(b, &m.Targets[i])
	}
	kept := *m
	kept.Seq, kept.Time, kept.Targets = 0, m.Time.Round(0).UTC(), slices.Clone(m.Targets)
	kept.Event = body[len(body)-len(m.Event):]
	return b, appended{Message: &kept, body: body}
}

func encodeReplay(op *replayOp) []byte {
	b := beginFrame(kindReplay, len(op.lane)+40)
	b = appendString(b, op.lane)
	b = binary.AppendUvarint(b, op.seq)
	b = appendInt(b, op.due)
	return endFrame(appendInt(b, op.now))
}

func encodeDiscard(op *discardOp) []byte {
	b := beginFrame(kindDiscard, len(op.lane)+len(op.reason)+40)
	b = appendString(b, op.lane)
	b = binary.AppendUvarint(b, op.seq)
	b = appendInt(b, op.now)
	return endFrame(appendString(b, op.reason))
}

func encodeSettle(op *settleOp) []byte {
	b := beginFrame(kindSettle, len(op.lane)+32)
	b = appendString(b, op.lane)
	b = binary.AppendUvarint(b, op.seq)
	return endFrame(appendInt(b, op.now))
}

// decodeOperation reads the payload of a record. Messages share its bytes.
func decodeOperation(k kind, payload []byte) (operation, error) {
	d := &decoder{b: payload}
	var op operation
	switch k {
	case kindHold:
		op = &holdOp{delivery.Hold{ID: d.string(), Created: fromNanos(d.int()), Intent: d.bytes()}}
	case kindRelease:
		op = d.messages(d.string())
	case kindAppend:
		op = d.messages("")
	case kindReplay:
		op = &replayOp{lane: d.string(), seq: d.uint(), due: d.int(), now: d.int()}
	case kindDiscard:
		op = &discardOp{lane: d.string(), seq: d.uint(), now: d.int(), reason: d.string()}
	case kindSettle:
		op = &settleOp{lane: d.string(), seq: d.uint(), now: d.int()}
	default:
		d.fail()
	}
	if len(d.b) > 0 {
		d.fail()
	}
	return op, d.err()
}

func (d *decoder) messages(hold string) *appendOp {
	op := &appendOp{hold: hold, stored: d.int()}
	op.messages = make([]appended, 0, d.count())
	for range cap(op.messages) {
		op.messages = append(op.messages, d.message())
	}
	return op
}

func (d *decoder) message() appended {
	raw := d.take(4)
	if raw == nil {
		return appended{Message: &delivery.Message{}}
	}
	body := d.take(uint64(binary.BigEndian.Uint32(raw)))
	m, err := decodeMessage(body)
	if err != nil {
		d.fail()
	}
	for range d.count() {
		m.Targets = append(m.Targets, d.target())
	}
	return appended{Message: m, body: body}
}
