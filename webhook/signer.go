package webhook

import (
	"encoding/hex"
	"net/http"
	"strconv"
	"sync"
	"time"
)

// Names of the signature headers in Go's canonical spelling, which lets them
// be set without http.Header.Set's work.
const (
	headerID           = "Webhook-Id"
	headerTimestamp    = "Webhook-Timestamp"
	headerSignature    = "Webhook-Signature"
	headerOpenRegister = "X-Webhook-Signature"
	headerSHA256       = "X-Signature"

	sha256Prefix = "sha256="

	// messagePrefix makes a webhook-id of an event's id (Standard Webhooks:
	// the id of the message, the same for every attempt).
	messagePrefix = "msg_"
)

// signer signs calls. nil signs nothing.
type signer struct {
	standard     []standardKey // one signature each
	text         *hmacKey      // keyed with the text of the first secret
	openRegister bool
	sha256       bool
}

// Sign adds the webhook's custom headers and signatures to the header of a
// call. id is the event's id, without a dot; at is the time of this attempt;
// body are the exact bytes that will be sent. Values already there under the
// same names are replaced. The values set may be shared between calls: replace
// them if need be, never write into their slices.
func (h *Hook) Sign(header http.Header, id string, at time.Time, body []byte) {
	h.headers.addTo(header)
	if h.signer != nil {
		h.signer.sign(header, id, at, body)
	}
}

func (s *signer) sign(header http.Header, id string, at time.Time, body []byte) {
	work := scratchPool.Get().(*scratch)
	if len(s.standard) > 0 {
		s.signStandard(work, header, id, at, body)
	}
	if s.text != nil {
		s.signText(work, header, body)
	}
	scratchPool.Put(work)
}

// signStandard signs "<id>.<timestamp>.<body>" (Standard Webhooks 1.0.0) with
// every key.
func (s *signer) signStandard(work *scratch, header http.Header, id string, at time.Time, body []byte) {
	prefix := append(append(work.prefix[:0], messagePrefix...), id...)
	idEnd := len(prefix)
	prefix = append(prefix, '.')
	prefix = strconv.AppendInt(prefix, at.Unix(), 10)
	timeEnd := len(prefix)
	prefix = append(prefix, '.')

	value := work.value[:0]
	for i, key := range s.standard {
		if i > 0 {
			value = append(value, ' ')
		}
		value = key.appendSignature(value, prefix, body)
	}
	work.prefix, work.value = prefix, value

	values := []string{string(prefix[:idEnd]), string(prefix[idEnd+1 : timeEnd]), string(value)}
	header[headerID] = values[0:1:1]
	header[headerTimestamp] = values[1:2:2]
	header[headerSignature] = values[2:3:3]
}

// signText signs the body alone, with one MAC for both schemes that do so.
func (s *signer) signText(work *scratch, header http.Header, body []byte) {
	state := s.text.sum(nil, body)
	work.value = hex.AppendEncode(append(work.value[:0], sha256Prefix...), state.sum[:])
	s.text.states.Put(state)

	value := string(work.value)
	if s.sha256 {
		header[headerSHA256] = []string{value}
	}
	if s.openRegister {
		header[headerOpenRegister] = []string{value[len(sha256Prefix):]}
	}
}

// scratch are the buffers of one Sign.
type scratch struct{ prefix, value []byte }

var scratchPool = sync.Pool{New: func() any { return new(scratch) }}
