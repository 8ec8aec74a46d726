package interceptor

import (
	"bytes"
	"io"
	"net/http"
	"sync"

	"github.com/voorpoort/voorpoort/transport"
)

// parcel is what one call sends: the header, and the event as the body. It is
// used again after a call that nobody can be at any more.
type parcel struct {
	header http.Header
	event  []byte
	first  payload
	again  func() (io.ReadCloser, error) // gives the event once more
}

var parcels = sync.Pool{New: func() any {
	p := &parcel{header: make(http.Header, 8)}
	p.again = func() (io.ReadCloser, error) { return newPayload(p.event), nil }
	return p
}}

func newParcel() *parcel { return parcels.Get().(*parcel) } //nolint:forcetypeassert // the pool holds nothing else

// body makes the event the body.
func (p *parcel) body(event []byte) io.ReadCloser {
	p.event = event
	p.first.Reset(event)
	return &p.first
}

// release lets another call use the parcel after one that went well: then the
// synchronous client has written a small body and read the whole answer, and
// holds nothing more. In any other case it is left to the garbage collector.
func (p *parcel) release(c *client, f *Failure) {
	if f != nil || c.own == nil || len(p.event) > transport.SmallBody {
		return
	}
	clear(p.header)
	p.event = nil
	p.first.Reset(nil)
	parcels.Put(p)
}

// payload is an event as the body of a request. Its Len tells the transport
// that it is in memory.
type payload struct{ bytes.Reader }

func newPayload(event []byte) *payload {
	p := &payload{}
	p.Reset(event)
	return p
}

// Close does nothing: there is nothing to give back.
func (*payload) Close() error { return nil }
