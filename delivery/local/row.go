package local

import (
	"encoding/binary"
	"time"

	"github.com/voorpoort/voorpoort/delivery"
)

// Bits of a row.
const (
	rowSucceeded = 1 << iota
	rowReplayed
)

// encodeRow writes an attempt without its id, within the limits of the log.
// stored is when it is written, which is what Purge goes by.
func encodeRow(stored int64, a *delivery.Attempt) []byte {
	message := a.Error[:min(len(a.Error), delivery.MaxErrorText)]
	request := a.Request[:min(len(a.Request), delivery.MaxRequestText)]
	response := a.Response[:min(len(a.Response), delivery.MaxResponseText)]
	b := make([]byte, 0, 160+len(a.Lane)+len(a.Message)+len(a.Type)+len(a.Class)+len(a.URL)+len(message)+len(request)+len(response))
	b = appendInt(b, stored)
	b = append(b, 0)
	if a.Success {
		b[8] |= rowSucceeded
	}
	if a.Replayed {
		b[8] |= rowReplayed
	}
	for _, s := range []string{a.Lane, a.Message, a.Type, a.Class, a.URL, a.Method, string(a.Reason), message} {
		b = appendString(b, s)
	}
	b = binary.AppendUvarint(b, a.Seq)
	b = appendInt(b, nanos(a.Time))
	b = appendInt(b, nanos(a.Next))
	b = binary.AppendVarint(b, int64(a.Duration))
	b = binary.AppendVarint(b, int64(a.Number))
	b = binary.AppendVarint(b, int64(a.Status))
	b = appendString(b, request)
	return appendString(b, response)
}

func rowStored(b []byte) int64 { return (&decoder{b: b}).int() }

func rowSuccess(b []byte) bool { return len(b) > 8 && b[8]&rowSucceeded != 0 }

// rowType gives the event's type, which is a part of b.
func rowType(b []byte) []byte {
	d := &decoder{b: b}
	_, _ = d.int(), d.byte()
	_, _ = d.bytes(), d.bytes() // lane and message
	return d.bytes()
}

// decodeRow reads a row of the log; it shares nothing with b.
func decodeRow(id uint64, b []byte) (delivery.Attempt, error) {
	d := &decoder{b: b}
	a := delivery.Attempt{ID: id}
	_ = d.int()
	bits := d.byte()
	a.Success, a.Replayed = bits&rowSucceeded != 0, bits&rowReplayed != 0
	reason := ""
	for _, s := range []*string{&a.Lane, &a.Message, &a.Type, &a.Class, &a.URL, &a.Method, &reason, &a.Error} {
		*s = d.string()
	}
	a.Reason = delivery.Reason(reason)
	a.Seq = d.uint()
	a.Time, a.Next = fromNanos(d.int()), fromNanos(d.int())
	a.Duration = time.Duration(d.varint())
	a.Number, a.Status = int(d.varint()), int(d.varint())
	a.Request, a.Response = d.copied(), d.copied()
	if len(d.b) > 0 {
		d.fail()
	}
	return a, d.err()
}

func (d *decoder) varint() int64 {
	v, n := binary.Varint(d.b)
	if n <= 0 {
		d.fail()
		return 0
	}
	d.b = d.b[n:]
	return v
}

// copied reads bytes into memory of their own; nil for none.
func (d *decoder) copied() []byte { return append([]byte(nil), d.bytes()...) }
