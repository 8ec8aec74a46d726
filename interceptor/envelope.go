package interceptor

import (
	"github.com/voorpoort/voorpoort/event"
	"github.com/voorpoort/voorpoort/request"
	"github.com/voorpoort/voorpoort/transport"
)

// envelope is the event as it is sent: written once, shared by the calls that
// send the same body, and recycled when all of them have ended.
type envelope struct {
	bytes  []byte
	memory *request.Memory
}

// aroundBody is room for what an event has beside the body. An event that needs
// more gets memory of its own.
const aroundBody = 1 << 10

// newEnvelope writes the event about this body. It fails when the rule's own
// expression cannot make the event's data of it.
func newEnvelope(e *event.Event, body []byte) (envelope, *Failure) {
	if err := e.Rebase(body); err != nil {
		return envelope{}, failed(ReasonCondition, err)
	}
	memory := request.NewMemory(len(body) + aroundBody)
	return envelope{bytes: e.AppendJSON(memory.Buffer(), body), memory: memory}, nil
}

// release recycles the memory. No call may read it any more: the synchronous
// client writes a small body before its round trip is over. A larger one is
// written by a goroutine that is only waited for briefly, so its memory is left
// to the garbage collector. A client that may read on whatever the size gets a
// copy.
func (v envelope) release() {
	if len(v.bytes) <= transport.SmallBody {
		v.memory.Recycle()
	}
}
