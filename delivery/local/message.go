package local

import (
	"encoding/binary"
	"errors"
	"fmt"
	"strings"

	"github.com/voorpoort/voorpoort/delivery"
)

// Limits of the contract, which keep keys of the index within bbolt's 32 KiB.
const (
	maxLane = 255
	maxKey  = 1024
	maxHold = 64
)

var errTooLarge = errors.New("delivery/local: larger than the store takes")

// encodeMessage appends a message without its targets.
func encodeMessage(b []byte, m *delivery.Message) []byte {
	for _, s := range []string{m.ID, m.Source, m.Type, m.Class, m.Subject} {
		b = appendString(b, s)
	}
	b = appendTime(b, m.Time)
	return appendString(b, m.Event)
}

// decodeMessage reads a message. Its event is a part of b.
func decodeMessage(b []byte) (*delivery.Message, error) {
	d := &decoder{b: b}
	m := &delivery.Message{}
	for _, s := range []*string{&m.ID, &m.Source, &m.Type, &m.Class, &m.Subject} {
		*s = d.string()
	}
	m.Time = d.time()
	m.Event = d.bytes()
	if len(d.b) > 0 {
		d.fail()
	}
	return m, d.err()
}

// storedMessage is a message as the index has it: when it was stored, the lanes
// that have a delivery of it, and its bytes.
type storedMessage struct {
	stored int64
	lanes  []uint32
	body   []byte // of encodeMessage

	message *delivery.Message // the same as body; nil for what was read from the file
}

// size is that of encode.
func (s *storedMessage) size() int {
	n := 9 + 4*len(s.lanes) + len(s.body)
	for lanes := len(s.lanes); lanes >= 0x80; lanes >>= 7 {
		n++
	}
	return n
}

func (s *storedMessage) encode() []byte {
	b := make([]byte, 0, s.size())
	b = appendInt(b, s.stored)
	b = binary.AppendUvarint(b, uint64(len(s.lanes)))
	for _, lane := range s.lanes {
		b = binary.BigEndian.AppendUint32(b, lane)
	}
	return append(b, s.body...)
}

func decodeStored(b []byte) (storedMessage, error) {
	d := &decoder{b: b}
	s := storedMessage{stored: d.int()}
	n := d.count()
	if raw := d.take(4 * uint64(n)); raw != nil {
		s.lanes = make([]uint32, n)
		for i := range s.lanes {
			s.lanes[i] = binary.BigEndian.Uint32(raw[4*i:])
		}
	}
	s.body = d.b
	return s, d.err()
}

// appended is a message on its way to the index.
type appended struct {
	*delivery.Message        // decoded, with its targets
	body              []byte // of encodeMessage
}

// encodeTarget appends a target.
func encodeTarget(b []byte, t *delivery.Target) []byte {
	b = appendString(b, t.Lane)
	b = appendInt(b, nanos(t.Due))
	b = appendString(b, t.Key)
	b = appendString(b, t.Skip)
	return appendString(b, t.Dead)
}

func (d *decoder) target() delivery.Target {
	return delivery.Target{
		Lane: d.string(), Due: fromNanos(d.int()),
		Key: d.string(), Skip: d.string(), Dead: d.string(),
	}
}

// checkMessage refuses what the contract does not allow.
func checkMessage(m *delivery.Message) error {
	for _, t := range m.Targets {
		if err := checkLane(t.Lane); err != nil {
			return err
		}
		if len(t.Key) > maxKey {
			return fmt.Errorf("delivery/local: a key of %d bytes: %w", len(t.Key), errTooLarge)
		}
	}
	return nil
}

func checkLane(lane string) error {
	if lane == "" || len(lane) > maxLane || strings.IndexByte(lane, 0) >= 0 {
		return fmt.Errorf("delivery/local: the name of a lane has 1 to %d bytes and no NUL", maxLane)
	}
	return nil
}
