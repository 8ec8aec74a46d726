package redis

import (
	"encoding/binary"
	"time"

	"github.com/voorpoort/voorpoort/delivery"
)

// encodeRow gives a row of the log as it is stored. Scripts read its head:
// version, flags (1 byte; the lowest is success), time (12), the event's type
// and its length (2), lane and its length (1), the message's id and its length (2).
func encodeRow(a *delivery.Attempt) []byte {
	request := a.Request[:min(len(a.Request), delivery.MaxRequestText)]
	response := a.Response[:min(len(a.Response), delivery.MaxResponseText)]
	lane := a.Lane[:min(len(a.Lane), maxLane)]
	b := make([]byte, 0, 256+len(a.URL)+len(a.Error)+len(request)+len(response))
	b = append(b, version, flag(a.Success)*rowSuccess|flag(a.Replayed)*rowReplayed)
	b = appendMoment(b, a.Time)
	b = appendShort(b, a.Type)
	b = append(append(b, byte(len(lane))), lane...)
	b = appendShort(b, a.Message)
	for _, n := range []uint64{a.Seq, uint64(a.Duration), uint64(a.Number), uint64(a.Status)} {
		b = binary.BigEndian.AppendUint64(b, n)
	}
	b = appendMoment(b, a.Next)
	for _, s := range []string{a.Class, a.URL, a.Method, string(a.Reason), a.Error[:min(len(a.Error), delivery.MaxErrorText)]} {
		b = appendText(b, s)
	}
	b = append(binary.BigEndian.AppendUint32(b, uint32(len(request))), request...)
	return append(b, response...)
}

// appendShort appends a text that has at most 65,535 bytes with its length.
func appendShort(b []byte, s string) []byte {
	s = s[:min(len(s), 1<<16-1)]
	return append(binary.BigEndian.AppendUint16(b, uint16(len(s))), s...)
}

// Flags of a row.
const (
	rowSuccess  = 1
	rowReplayed = 2
)

func flag(b bool) byte {
	if b {
		return 1
	}
	return 0
}

func decodeRow(id uint64, raw string) (delivery.Attempt, error) {
	r := &reader{rest: raw}
	r.version()
	flags := r.byte()
	a := delivery.Attempt{ID: id, Success: flags&rowSuccess != 0, Replayed: flags&rowReplayed != 0, Time: r.moment()}
	a.Type = r.take(int(r.uint16()))
	a.Lane = r.take(int(r.byte()))
	a.Message = r.take(int(r.uint16()))
	a.Seq, a.Duration = r.uint64(), time.Duration(r.uint64())
	a.Number, a.Status = int(r.uint64()), int(r.uint64())
	a.Next = r.moment()
	a.Class, a.URL, a.Method = r.text(), r.text(), r.text()
	a.Reason, a.Error = delivery.Reason(r.text()), r.text()
	if request := r.text(); request != "" {
		a.Request = []byte(request)
	}
	if r.rest != "" {
		a.Response = []byte(r.rest)
	}
	return a, r.err
}
