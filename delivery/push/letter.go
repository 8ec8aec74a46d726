package push

import (
	"errors"
	"net/http"
	"slices"
	"time"

	"github.com/voorpoort/voorpoort/delivery"
	"github.com/voorpoort/voorpoort/webhook"
)

// letter is what one call says: a message in the lane's format.
type letter struct {
	id          string // for webhook-id, without its prefix
	body        []byte // not to be changed: it may be the stored event itself
	contentType []string
	fields      []field
	query       []byte // of a GET, instead of a body
	leases      []delivery.Lease
	pooled      bool // body is the caller's buffer
	replayed    bool // a person had asked for all that is in it again
}

var (
	errNoMessage = errors.New("there is no message to send")
	errOneOnly   = errors.New("the format takes one message in a call")
)

// Values of Content-Type, shared by all calls.
var (
	structuredType = []string{typeStructured}
	batchType      = []string{typeBatch}
	jsonType       = []string{typeJSON}
)

// write writes the leased messages. dst is a buffer to append to.
func (s *Sender) write(dst []byte, leases []delivery.Lease, at time.Time) (letter, error) {
	l := letter{pooled: true, leases: leases}
	switch {
	case len(leases) == 0:
		return l, errNoMessage
	case len(leases) > 1 && s.hook.EventFormat != webhook.FormatBatch:
		return l, errOneOnly
	}
	l.id = callID(leases)
	l.replayed = !slices.ContainsFunc(leases, func(lease delivery.Lease) bool { return !lease.Replayed })
	if s.hook.EventFormat == webhook.FormatBatch {
		ins := make([]input, len(leases))
		for i := range leases {
			ins[i] = s.input(&leases[i], at)
		}
		l.contentType = batchType
		var err error
		l.body, err = appendBatch(dst, ins)
		return l, err
	}
	in := s.input(&leases[0], at)
	return l, s.writeOne(&l, dst, &in)
}

func (s *Sender) writeOne(l *letter, dst []byte, in *input) (err error) {
	l.contentType = jsonType
	switch s.hook.EventFormat {
	case webhook.FormatOpenRegister:
		if s.hook.Method == http.MethodGet {
			l.contentType, l.pooled = nil, false
			l.query, err = appendQuery(nil, in)
			return err
		}
		l.body, err = appendOpenRegister(dst, in)
	case webhook.FormatOpenRegisterCloudEvent:
		l.body, err = appendOpenRegisterEvent(dst, in)
	case webhook.FormatBinary:
		if e, ok := appendBinary(dst, in); ok {
			l.body, l.fields, l.contentType = e.body, e.fields, []string{e.contentType}
			return nil
		}
		fallthrough
	default:
		err = l.writeStructured(dst, in)
	}
	return err
}

// writeStructured needs no copy of an event that is sent as it was stored.
func (l *letter) writeStructured(dst []byte, in *input) (err error) {
	l.contentType = structuredType
	if in.sequence {
		l.body, err = appendStructured(dst, in)
		return err
	}
	doc, start, err := in.event()
	if err == nil {
		l.body, l.pooled = doc[start:], false
	}
	return err
}

func (s *Sender) input(lease *delivery.Lease, at time.Time) input {
	return input{
		message:  lease.Message,
		sequence: s.hook.Ordered,
		hookID:   s.hookID,
		hookName: s.hook.Name,
		attempt:  lease.Attempt,
		at:       at,
		source:   s.hook.CloudEventSource,
		subject:  s.hook.CloudEventSubject,
	}
}
