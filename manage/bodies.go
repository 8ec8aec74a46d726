package manage

import (
	"context"
	"time"

	"github.com/voorpoort/voorpoort/delivery"
)

// Bounds of the bodies that are in memory for answers.
const (
	pageBodies   = 8 << 20         // bytes for one request; the first body may be larger
	bodyReaders  = 16              // requests that show bodies at the same time
	readerWaits  = 5 * time.Second // for one of these to end
	readersInUse = "Others are reading as many bodies as fit into memory. Try again in a moment."
)

// bodies is how much one request may still have of bodies. The nil pointer takes
// none, as for jobs and for callers that may not read them.
type bodies struct {
	left    int
	readers chan struct{}
	reading bool
}

type bodiesKey struct{}

// withBodies has lists that are read with the context leave out what is beyond
// one request's share. done is called at the end of the request.
func (h *Handler) withBodies(ctx context.Context) (context.Context, func()) {
	if !scopesOf(ctx).Has(ReadPayload) {
		return ctx, func() {}
	}
	b := &bodies{left: pageBodies, readers: h.readers}
	return context.WithValue(ctx, bodiesKey{}, b), b.done
}

// withoutBodies has lists leave out all bodies.
func withoutBodies(ctx context.Context) context.Context {
	return context.WithValue(ctx, bodiesKey{}, (*bodies)(nil))
}

func bodiesOf(ctx context.Context) *bodies {
	b, _ := ctx.Value(bodiesKey{}).(*bodies)
	return b
}

// leftOut stands for a body that is not in memory.
var leftOut = []byte{0}

func isLeftOut(body []byte) bool { return len(body) == 1 && body[0] == 0 }

func (b *bodies) open() bool { return b != nil }

func (b *bodies) room() bool { return b == nil || b.left > 0 }

func (b *bodies) spend(n int) { b.left -= n }

// take gives a body, or what stands for it. The first time it waits for other
// requests.
func (b *bodies) take(ctx context.Context, body []byte) ([]byte, error) {
	switch {
	case len(body) == 0:
		return body, nil
	case b == nil || b.left <= 0:
		return leftOut, nil
	}
	if err := b.enter(ctx); err != nil {
		return nil, err
	}
	b.spend(len(body))
	return body, nil
}

// message gives a message with its event, or with what stands for it.
func (b *bodies) message(ctx context.Context, m *delivery.Message) (*delivery.Message, error) {
	event, err := b.take(ctx, m.Event)
	if err != nil || !isLeftOut(event) {
		return m, err
	}
	bare := *m // the store shares it
	bare.Event = event
	return &bare, nil
}

func (b *bodies) enter(ctx context.Context) error {
	if b.reading {
		return nil
	}
	timer := time.NewTimer(readerWaits)
	defer timer.Stop()
	select {
	case b.readers <- struct{}{}:
		b.reading = true
		doingOf(ctx).bodies = true
		return nil
	case <-timer.C:
		return unavailable(readersInUse)
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (b *bodies) done() {
	if b.reading {
		<-b.readers
	}
}
