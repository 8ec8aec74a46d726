package storetest

import (
	"context"
	"sync/atomic"
	"testing"
	"time"

	"github.com/voorpoort/voorpoort/delivery"
)

// benchBehind is how many deliveries wait at most.
const benchBehind = 256

// deliverBench is what a gateway does to its store: 32 callers that hold and
// release with one message for one lane, while what they stored is leased, and
// finished four at a time, as an engine with a fast receiver does. An event is
// one write that was delivered.
func deliverBench(b *testing.B, s delivery.Store) {
	b.Helper()
	ctx, stop := context.WithCancel(b.Context())
	defer stop()
	e := &benchEngine{
		s: s, wake: make(chan struct{}, 1), behind: make(chan struct{}, benchBehind),
		left: b.N, ended: make(chan struct{}),
	}
	go func() { _ = s.Watch(ctx, func(string, time.Time) { e.due() }) }()
	go e.run(ctx)
	var n atomic.Int64
	callers(b, 32, func(ctx context.Context) error {
		e.behind <- struct{}{}
		m := BenchMessage(int(n.Add(1)), 1)
		if err := s.Hold(ctx, delivery.Hold{ID: m.ID, Created: time.Now(), Intent: m.Event[:512]}); err != nil {
			return err
		}
		return s.Release(ctx, m.ID, m)
	})
	b.StartTimer()
	<-e.ended
	if _, _, err := s.Message(b.Context(), "/no/such", "message"); err == nil {
		b.Fatal("a message that was never stored")
	}
	b.StopTimer()
}

// benchEngine delivers what is due in lane0.
type benchEngine struct {
	s      delivery.Store
	wake   chan struct{}
	behind chan struct{}
	left   int
	ended  chan struct{}
}

func (e *benchEngine) due() {
	select {
	case e.wake <- struct{}{}:
	default:
	}
}

func (e *benchEngine) run(ctx context.Context) {
	defer close(e.ended)
	for e.left > 0 {
		leases, next, err := e.s.Lease(ctx, "lane0", 64, soon())
		if err != nil {
			return
		}
		for len(leases) > 0 {
			n := min(4, len(leases))
			if e.finish(ctx, leases[:n]) != nil {
				return
			}
			leases = leases[n:]
		}
		if e.left == 0 || !next.IsZero() && !next.After(time.Now()) {
			continue
		}
		select {
		case <-e.wake:
		case <-ctx.Done():
			return
		}
	}
}

func (e *benchEngine) finish(ctx context.Context, leases []delivery.Lease) error {
	outcomes := make([]delivery.Outcome, len(leases))
	for i, l := range leases {
		outcomes[i] = done(l)
		<-e.behind
	}
	e.left -= len(leases)
	return e.s.Finish(ctx, outcomes...)
}
