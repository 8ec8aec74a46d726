package caddymodule

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"go.uber.org/zap"

	"github.com/voorpoort/voorpoort/delivery"
	"github.com/voorpoort/voorpoort/delivery/redis"
)

// lateStorage is a shared store that need not be there when the gateway starts:
// what happens to writes until it is, on_store_down has said.
type lateStorage struct {
	Storage
	policy string
}

// Open opens the store, or tries on when it cannot be reached. Everything else
// that is wrong with it, such as an address that is none, is an error.
func (s *lateStorage) Open(ctx context.Context, logger *zap.Logger) (delivery.Store, error) {
	patient, cancel := context.WithTimeout(ctx, connectPatience)
	defer cancel()
	store, err := s.Storage.Open(patient, logger)
	if err == nil || !away(err) && patient.Err() == nil {
		return store, err
	}
	logger.Error("the shared store cannot be reached; the gateway starts without it and goes on trying",
		zap.String("on_store_down", s.policy), zap.Error(err))
	return newLateStore(func(ctx context.Context) (delivery.Store, error) { return s.Storage.Open(ctx, logger) }, //nolint:contextcheck // it lives until Close
		err, logger), nil
}

// away tells errors of a store that cannot be reached from those of one that can,
// and does not let this gateway in.
func away(err error) bool {
	var down *redis.UnavailableError
	return errors.As(err, &down) && !slices.Contains([]string{"NOAUTH", "WRONGPASS", "NOPERM"}, down.Code)
}

// connectPatience is how long the start waits for the store: the first writes
// wait with it.
const connectPatience = 3 * time.Second

// Pauses between tries to connect, and between lines of the log about it.
const (
	connectFirst = 200 * time.Millisecond
	connectLast  = 5 * time.Second
	connectTells = time.Minute
)

var (
	errNotConnected = errors.New("the shared store has not been reached since the start")
	errLateClosed   = errors.New("the shared store was closed before it was reached")
)

// lateStore is a store that is connected as soon as it can be. Until then its
// methods fail with errNotConnected, and Watch waits.
type lateStore struct {
	open   func(context.Context) (delivery.Store, error)
	logger *zap.Logger
	stop   context.CancelFunc
	done   chan struct{}
	ready  chan struct{}  // closed when store is set
	store  delivery.Store // once ready is closed

	mu     sync.Mutex
	why    error // it is not connected
	closed bool
}

func newLateStore(open func(context.Context) (delivery.Store, error), why error, logger *zap.Logger) *lateStore {
	ctx, stop := context.WithCancel(context.Background())
	s := &lateStore{open: open, logger: logger, stop: stop, done: make(chan struct{}), ready: make(chan struct{}), why: why}
	go s.connect(ctx)
	return s
}

// connect tries until it succeeds or ctx ends.
func (s *lateStore) connect(ctx context.Context) {
	defer close(s.done)
	told := time.Now()
	for pause := connectFirst; waitFor(ctx, pause); pause = min(2*pause, connectLast) {
		store, err := s.open(ctx)
		if err == nil {
			s.store = store
			close(s.ready)
			s.logger.Info("the shared store is connected")
			return
		}
		s.mu.Lock()
		s.why = err
		s.mu.Unlock()
		if time.Since(told) >= connectTells {
			told = time.Now()
			s.logger.Error("the shared store cannot be reached yet", zap.Error(err))
		}
	}
}

// waitFor waits; it is false when ctx ends meanwhile.
func waitFor(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// now gives the store, or why it is not there.
func (s *lateStore) now() (delivery.Store, error) {
	select {
	case <-s.ready:
		return s.store, nil
	default:
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return nil, errLateClosed
	}
	return nil, fmt.Errorf("%w: %w", errNotConnected, s.why)
}

// Close ends the tries, or closes the store.
func (s *lateStore) Close() error {
	s.mu.Lock()
	s.closed = true
	s.mu.Unlock()
	s.stop()
	<-s.done
	if store, err := s.now(); err == nil {
		return store.Close()
	}
	return nil
}
