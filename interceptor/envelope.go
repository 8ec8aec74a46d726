package interceptor

import (
	"sync"

	"github.com/voorpoort/voorpoort/event"
	"github.com/voorpoort/voorpoort/transport"
)

// envelope is the event as it is sent: written once, shared by the calls that
// send the same body, and given back when all of them have ended.
type envelope struct{ bytes []byte }

// maxPooled keeps one huge request from pinning its buffer for ever.
const maxPooled = 256 << 10

var envelopes = sync.Pool{New: func() any { return new(envelope) }}

// newEnvelope writes the event about this body. It fails when the rule's own
// expression cannot make the event's data of it.
func newEnvelope(e *event.Event, body []byte) (*envelope, *Failure) {
	if err := e.Rebase(body); err != nil {
		return nil, failed(ReasonCondition, err)
	}
	v := envelopes.Get().(*envelope) //nolint:forcetypeassert // the pool holds nothing else
	v.bytes = e.AppendJSON(v.bytes[:0], body)
	return v, nil
}

// release gives the buffer back. No call may read it any more: the synchronous
// client writes a small body before its round trip is over. A larger one is
// written by a goroutine that is only waited for briefly, so its buffer is left
// to the garbage collector. A client that may read on whatever the size gets a
// copy.
func (v *envelope) release() {
	if len(v.bytes) <= transport.SmallBody && cap(v.bytes) <= maxPooled {
		envelopes.Put(v)
	}
}
