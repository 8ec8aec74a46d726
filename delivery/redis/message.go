package redis

import (
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"strings"
	"time"

	"github.com/voorpoort/voorpoort/delivery"
)

// Limits of the contract.
const (
	maxHoldID = 64
	maxLane   = 255
	maxKey    = 1024
	maxReason = 1024
)

var (
	errHoldID = errors.New("redis: a hold's id has 1 to 64 bytes")
	errTarget = errors.New("redis: a target")
)

func checkMessage(m *delivery.Message) error {
	if len(m.Targets) > 10000 {
		return fmt.Errorf("%w: %d are too many for one message", errTarget, len(m.Targets))
	}
	seen := make(map[string]bool, len(m.Targets))
	for _, t := range m.Targets {
		switch {
		case checkLane(t.Lane) != nil:
			return checkLane(t.Lane)
		case len(t.Key) > maxKey:
			return fmt.Errorf("%w has a key of %d bytes; %d is the most", errTarget, len(t.Key), maxKey)
		case seen[t.Lane]:
			return fmt.Errorf("%w's lane comes twice", errTarget)
		}
		seen[t.Lane] = true
	}
	return nil
}

func checkLane(lane string) error {
	if lane == "" || len(lane) > maxLane || strings.ContainsRune(lane, 0) {
		return errors.New("redis: a lane's name has 1 to 255 bytes, none of them NUL")
	}
	return nil
}

// shorten keeps what the contract says of a reason.
func shorten(s string) string { return s[:min(len(s), maxReason)] }

// version is the first byte of what is stored, for later forms.
const version = 1

// Sizes of a digest: half of it is of the id alone, which finds the messages with
// an id, whatever their source. Both together make a chance meeting, or a made
// one, out of the question.
const (
	digestSize = 20
	nameSize   = digestSize / 2
)

// digest stands for a source and an id, which together are unique (CloudEvents
// 1.0 section "REQUIRED Attributes"). NUL is in neither.
func digest(source, id string) []byte {
	both := append(append(append(make([]byte, 0, 256), source...), 0), id...)
	sum := sha256.Sum256(both)
	return append(digestOfID(both[len(source)+1:]), sum[:digestSize-nameSize]...)
}

func digestOfID(id []byte) []byte {
	sum := sha256.Sum256(id)
	return append(make([]byte, 0, digestSize), sum[:nameSize]...)
}

// encodeMessage gives a message as it is stored: version, digest (20 bytes, read
// by scripts), time (12), marks (12), five texts with their lengths (4), the event.
func encodeMessage(m *delivery.Message) []byte {
	b := make([]byte, 0, 80+len(m.ID)+len(m.Source)+len(m.Type)+len(m.Class)+len(m.Subject)+len(m.Event))
	b = append(b, version)
	b = append(b, digest(m.Source, m.ID)...)
	b = appendMoment(b, m.Time)
	for _, s := range []string{m.Source, m.Type, m.Subject} {
		b = append(b, mark(s)...)
	}
	for _, s := range []string{m.ID, m.Source, m.Type, m.Class, m.Subject} {
		b = appendText(b, s)
	}
	return append(b, m.Event...)
}

// markSize is the size of a mark.
const markSize = 4

// mark stands for a text where a list looks through messages: it is at a place that
// is known, and most texts that are not wanted have another.
func mark(text string) []byte {
	return binary.BigEndian.AppendUint32(make([]byte, 0, markSize), crc32.ChecksumIEEE([]byte(text)))
}

func decodeMessage(seq uint64, raw string) (*delivery.Message, error) {
	r := &reader{rest: raw}
	r.version()
	r.take(digestSize)
	m := &delivery.Message{Seq: seq, Time: r.moment()}
	r.take(3 * markSize)
	for _, s := range []*string{&m.ID, &m.Source, &m.Type, &m.Class, &m.Subject} {
		*s = r.text()
	}
	m.Event = []byte(r.rest)
	return m, r.err
}

// encodeHold gives what the server keeps of a hold: owner (16), time (12), intent.
func encodeHold(owner string, h *delivery.Hold) []byte {
	b := append(make([]byte, 0, len(owner)+12+len(h.Intent)), owner...)
	return append(appendMoment(b, h.Created), h.Intent...)
}

// decodeHold reads what is behind the owner.
func decodeHold(id, raw string) (delivery.Hold, error) {
	r := &reader{rest: raw}
	h := delivery.Hold{ID: id, Created: r.moment()}
	h.Intent = []byte(r.rest)
	return h, r.err
}

func appendText(b []byte, s string) []byte {
	b = binary.BigEndian.AppendUint32(b, uint32(len(s)))
	return append(b, s...)
}

// appendMoment appends a time of any year in 12 bytes: seconds, nanoseconds.
func appendMoment(b []byte, t time.Time) []byte {
	b = binary.BigEndian.AppendUint64(b, uint64(t.Unix()))
	return binary.BigEndian.AppendUint32(b, uint32(t.Nanosecond()))
}
