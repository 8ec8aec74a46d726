package storetest

import (
	"context"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"github.com/voorpoort/voorpoort/delivery"
)

// benchEvent is the size of an event in bytes: what registers send.
const benchEvent = 1536

// Bench measures a store: appends by one caller and by 64, each to 4 lanes;
// holds and releases by 32 callers; leasing and finishing what was appended; and
// all of that at once. Beside the time it tells what the processors had to do,
// for an event. open gives an empty store; Bench closes it.
func Bench(b *testing.B, open func(b *testing.B) delivery.Store) {
	b.Helper()
	run := func(name string, bench func(b *testing.B, s delivery.Store)) {
		b.Run(name, func(b *testing.B) {
			s := open(b)
			defer func() { _ = s.Close() }()
			b.ReportAllocs()
			before := cpuTime()
			bench(b, s)
			b.ReportMetric(float64(cpuTime()-before)/float64(b.N), "cpu-ns/event")
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "events/s")
		})
	}
	run("append/1", appendBench(1))
	run("append/64", appendBench(64))
	run("hold-release/32", func(b *testing.B, s delivery.Store) {
		b.Helper()
		var n atomic.Int64
		callers(b, 32, func(ctx context.Context) error {
			m := BenchMessage(int(n.Add(1)), 4)
			if err := s.Hold(ctx, delivery.Hold{ID: m.ID, Created: time.Now(), Intent: m.Event[:512]}); err != nil {
				return err
			}
			return s.Release(ctx, m.ID, m)
		})
	})
	run("lease-finish/4", leaseBench)
	run("deliver/32", deliverBench)
}

// BenchMessage gives the n-th message of a benchmark, for lanes lane0 and on.
// Its id ascends, as UUIDv7 do.
func BenchMessage(n, lanes int) delivery.Message {
	m := delivery.Message{
		ID: fmt.Sprintf("0195c2f4-7e1a-7b10-8e56-%012x", n), Source: "https://register.example/api",
		Type: "nl.voorpoort.zaak.created", Class: "ObjectCreatedEvent", Time: time.Now(),
		Event: make([]byte, benchEvent), Targets: make([]delivery.Target, lanes),
	}
	copy(m.Event, m.ID)
	for i := range m.Targets {
		m.Targets[i].Lane = fmt.Sprint("lane", i)
	}
	return m
}

func appendBench(n int) func(b *testing.B, s delivery.Store) {
	return func(b *testing.B, s delivery.Store) {
		b.Helper()
		var count atomic.Int64
		callers(b, n, func(ctx context.Context) error {
			return s.Append(ctx, BenchMessage(int(count.Add(1)), 4))
		})
	}
}

// callers has n goroutines do something b.N times together.
func callers(b *testing.B, n int, do func(ctx context.Context) error) {
	b.Helper()
	var left atomic.Int64
	left.Store(int64(b.N))
	errs := make(chan error, n)
	b.ResetTimer()
	for range n {
		go func() {
			for left.Add(-1) >= 0 {
				if err := do(b.Context()); err != nil {
					errs <- err
					return
				}
			}
			errs <- nil
		}()
	}
	for range n {
		if err := <-errs; err != nil {
			b.Fatal(err)
		}
	}
	b.StopTimer()
}

// leaseBench leases and finishes deliveries of 4 lanes, 64 at a time. An event
// is one delivery.
func leaseBench(b *testing.B, s delivery.Store) {
	b.Helper()
	messages := b.N/4 + 1
	var batch []delivery.Message
	for i := range messages {
		if batch = append(batch, BenchMessage(i, 4)); len(batch) == 64 || i == messages-1 {
			if err := s.Append(b.Context(), batch...); err != nil {
				b.Fatal(err)
			}
			batch = batch[:0]
		}
	}
	if _, err := s.Stats(b.Context(), "lane0"); err != nil {
		b.Fatal(err)
	}
	var turn, left atomic.Int64
	left.Store(int64(b.N))
	errs := make(chan error, 8)
	b.ResetTimer()
	for range cap(errs) {
		go func() {
			for left.Load() > 0 {
				n, err := drain(b.Context(), s, fmt.Sprint("lane", turn.Add(1)%4))
				if err != nil {
					errs <- err
					return
				}
				left.Add(-int64(n))
			}
			errs <- nil
		}()
	}
	for range cap(errs) {
		if err := <-errs; err != nil {
			b.Fatal(err)
		}
	}
	// What Finish was told is part of the work.
	if _, err := s.Stats(b.Context(), "lane0"); err != nil {
		b.Fatal(err)
	}
	b.StopTimer()
}

func drain(ctx context.Context, s delivery.Store, lane string) (int, error) {
	leases, _, err := s.Lease(ctx, lane, 64, soon())
	if err != nil {
		return 0, err
	}
	outcomes := make([]delivery.Outcome, len(leases))
	for i, l := range leases {
		outcomes[i] = done(l)
	}
	return len(leases), s.Finish(ctx, outcomes...)
}
