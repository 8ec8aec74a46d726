package caddymodule

import (
	"context"
	"errors"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/voorpoort/voorpoort/delivery"
)

// measuredStore times what the gateway asks of its store and counts what fails.
// What a traced request waits for is a span of its own.
// That somebody settled a hold before, or does not wait any more, is no failure.
type measuredStore struct {
	delivery.Store

	hold, release, appending, lease, extend, finish operation
}

// operation is one use of a store.
type operation struct {
	took   prometheus.Observer
	failed prometheus.Counter
}

func measure(store delivery.Store, m *metrics) *measuredStore {
	of := func(name string) operation {
		return operation{m.storeTook.WithLabelValues(name), m.storeFailed.WithLabelValues(name)}
	}
	return &measuredStore{
		Store: store,
		hold:  of("hold"), release: of("release"), appending: of("append"),
		lease: of("lease"), extend: of("extend"), finish: of("finish"),
	}
}

func (o *operation) end(begun time.Time, err error) {
	o.took.Observe(time.Since(begun).Seconds())
	if err != nil && !errors.Is(err, delivery.ErrNoHold) && !errors.Is(err, context.Canceled) {
		o.failed.Inc()
	}
}

// Hold implements [delivery.Journal].
func (s *measuredStore) Hold(ctx context.Context, h delivery.Hold) error {
	begun := time.Now()
	ctx, span := storeSpan(ctx, "hold")
	err := s.Store.Hold(ctx, h)
	endSpan(span, err)
	s.hold.end(begun, err)
	return err
}

// Release implements [delivery.Journal].
func (s *measuredStore) Release(ctx context.Context, hold string, messages ...delivery.Message) error {
	begun := time.Now()
	ctx, span := storeSpan(ctx, "release")
	err := s.Store.Release(ctx, hold, messages...)
	endSpan(span, err)
	s.release.end(begun, err)
	return err
}

// Append implements [delivery.Journal].
func (s *measuredStore) Append(ctx context.Context, messages ...delivery.Message) error {
	begun := time.Now()
	ctx, span := storeSpan(ctx, "append")
	err := s.Store.Append(ctx, messages...)
	endSpan(span, err)
	s.appending.end(begun, err)
	return err
}

// Disclaim implements [delivery.Disclaimer].
func (s *measuredStore) Disclaim(ctx context.Context, hold string) error {
	return disclaim(ctx, s.Store, hold)
}

// disclaim gives a hold back if others can have it from this store.
func disclaim(ctx context.Context, store delivery.Store, hold string) error {
	if shared, ok := store.(delivery.Disclaimer); ok {
		return shared.Disclaim(ctx, hold)
	}
	return errors.ErrUnsupported
}

// Lease implements [delivery.Queue].
func (s *measuredStore) Lease(ctx context.Context, lane string, limit int, until time.Time) ([]delivery.Lease, time.Time, error) {
	begun := time.Now()
	leases, next, err := s.Store.Lease(ctx, lane, limit, until)
	s.lease.end(begun, err)
	return leases, next, err
}

// Extend implements [delivery.Queue].
func (s *measuredStore) Extend(ctx context.Context, until time.Time, leases ...delivery.Lease) ([]delivery.Lease, error) {
	begun := time.Now()
	lost, err := s.Store.Extend(ctx, until, leases...)
	s.extend.end(begun, err)
	return lost, err
}

// Finish implements [delivery.Queue].
func (s *measuredStore) Finish(ctx context.Context, outcomes ...delivery.Outcome) error {
	begun := time.Now()
	err := s.Store.Finish(ctx, outcomes...)
	s.finish.end(begun, err)
	return err
}

// Interface guard.
var _ delivery.Store = (*measuredStore)(nil)
