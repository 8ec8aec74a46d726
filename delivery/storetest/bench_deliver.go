package storetest

import (
	"context"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/voorpoort/voorpoort/delivery"
)

// deliverBench is what a gateway does to its store: 32 callers that hold and
// release with one message for one lane, while what they stored is leased and
// finished one by one, as an engine with a fast receiver does. An event is one
// write that was delivered.
func deliverBench(b *testing.B, s delivery.Store) {
	b.Helper()
	ctx, stop := context.WithCancel(b.Context())
	defer stop()
	e := &benchEngine{s: s, wake: make(chan struct{}, 1), left: b.N, ended: make(chan struct{})}
	go func() { _ = s.Watch(ctx, func(string, time.Time) { e.due() }) }()
	go e.run(ctx)
	var n atomic.Int64
	callers(b, 32, func(ctx context.Context) error {
		m := BenchMessage(int(n.Add(1)), 1)
		if err := s.Hold(ctx, delivery.Hold{ID: m.ID, Created: time.Now(), Intent: m.Event[:512]}); err != nil {
			return err
		}
		return s.Release(ctx, m.ID, m)
	})
	b.StartTimer()
	<-e.ended
	if _, _, err := s.Message(ctx, "/no/such", "message"); err == nil {
		b.Fatal("a message that was never stored")
	}
	b.StopTimer()
}

// benchEngine delivers what is due in lane0.
type benchEngine struct {
	s     delivery.Store
	wake  chan struct{}
	left  int
	ended chan struct{}
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
		leases, _, err := e.s.Lease(ctx, "lane0", 16, soon())
		if err != nil {
			return
		}
		var calls sync.WaitGroup
		for _, l := range leases {
			calls.Go(func() { _ = e.s.Finish(ctx, done(l)) })
		}
		calls.Wait()
		if e.left -= len(leases); len(leases) > 0 {
			continue
		}
		select {
		case <-e.wake:
		case <-ctx.Done():
			return
		}
	}
}
