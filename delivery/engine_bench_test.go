package delivery_test

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/voorpoort/voorpoort/delivery"
)

// pile is a store that costs next to nothing: what is left is the engine.
type pile struct {
	delivery.Store
	message *delivery.Message
	found   chan func(string, time.Time)

	mu    sync.Mutex
	left  map[string]int
	done  int
	total int
	end   chan struct{}
}

func (p *pile) Watch(ctx context.Context, found func(string, time.Time)) error {
	p.found <- found
	<-ctx.Done()
	return ctx.Err()
}

func (p *pile) Lease(_ context.Context, lane string, limit int, until time.Time) (leases []delivery.Lease, next time.Time, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	n := min(limit, p.left[lane])
	leases = make([]delivery.Lease, n)
	for i := range leases {
		leases[i] = delivery.Lease{Lane: lane, Message: p.message, Attempt: 1, Until: until}
	}
	if p.left[lane] -= n; p.left[lane] > 0 {
		next = time.Now()
	}
	return leases, next, nil
}

func (p *pile) Finish(_ context.Context, outcomes ...delivery.Outcome) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.done += len(outcomes); p.done == p.total {
		close(p.end)
	}
	return nil
}

func (p *pile) Purge(context.Context, time.Time, int64) (int, error) { return 0, nil }

// instant is a sender that takes everything at once.
type instant struct{ calls atomic.Int64 }

func (s *instant) Send(context.Context, []delivery.Lease) delivery.Result {
	s.calls.Add(1)
	return delivery.Result{Status: 204}
}

func (s *instant) Close() {}

// BenchmarkDispatch measures what the engine itself costs per delivery: from
// the lease to the stored outcome, with a log row each.
func BenchmarkDispatch(b *testing.B) {
	for _, lanes := range []int{1, 20, 500} {
		for _, batch := range []int{1, 100} {
			b.Run(fmt.Sprintf("lanes=%d/batch=%d", lanes, batch), func(b *testing.B) { benchDispatch(b, lanes, batch) })
		}
	}
}

func benchDispatch(b *testing.B, lanes, batch int) {
	b.Helper()
	p := &pile{
		message: &delivery.Message{ID: "m", Seq: 1}, total: b.N,
		left: map[string]int{}, found: make(chan func(string, time.Time), 1), end: make(chan struct{}),
	}
	s := &instant{}
	all := make([]delivery.Lane, lanes)
	for i := range all {
		all[i] = delivery.Lane{ID: fmt.Sprint("lane", i), Sender: s, Batch: batch}
	}
	e := delivery.New(p, delivery.Options{})
	e.Attach(all)
	found := <-p.found
	b.ReportAllocs()
	b.ResetTimer()
	p.mu.Lock()
	for i := range b.N {
		p.left[all[i%lanes].ID]++
	}
	p.mu.Unlock()
	for _, l := range all {
		found(l.ID, time.Now())
	}
	<-p.end
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "deliveries/s")
	_ = e.Stop(b.Context())
}

// BenchmarkLatency measures the time from when the store tells of a delivery to
// the call, in a lane where nothing else happens.
func BenchmarkLatency(b *testing.B) {
	p := &pile{
		message: &delivery.Message{ID: "m", Seq: 1}, total: -1,
		left: map[string]int{}, found: make(chan func(string, time.Time), 1),
	}
	called := make(chan struct{})
	e := delivery.New(p, delivery.Options{})
	e.Attach([]delivery.Lane{{ID: "a", Sender: newReceiver(func(context.Context, []delivery.Lease) delivery.Result {
		called <- struct{}{}
		return status(204)
	})}})
	found := <-p.found
	for b.Loop() {
		p.mu.Lock()
		p.left["a"]++
		p.mu.Unlock()
		found("a", time.Now())
		<-called
	}
	_ = e.Stop(b.Context())
}
