package spool

import (
	"context"
	"crypto/rand"
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"github.com/voorpoort/voorpoort/delivery"
)

// Lane is the queue of records in the local store.
const Lane = "spool"

const (
	// sharedPatience is how long the shared store may take on the way of a
	// request. One that says nothing is as good as one that is away, and the
	// local store needs some of the caller's time as well.
	sharedPatience = 2 * time.Second

	// silence is how long a shared store that said nothing is not asked again on
	// the way of a request.
	silence = time.Second
)

// Store is a shared store with a local one beside it. While the shared one
// cannot be reached, holds and messages go to the local one; a goroutine of the
// store takes them over, in order, when it is back. What the shared store knows
// can only be read while it is there.
//
// What is delivered does not overtake: as long as something waits in the local
// store, new messages wait behind it.
type Store struct {
	delivery.Queue
	delivery.Archive

	shared delivery.Store
	local  delivery.Store
	down   func(error) bool
	report func(error)

	waiting atomic.Int64 // records in the local store
	silent  atomic.Int64 // until when the shared store is not asked, in ns since 1970
	holds   sync.Map     // ids of the holds that are in the local store

	stop context.CancelFunc
	done chan struct{}
	wake chan struct{}
}

// Options of a [Store].
type Options struct {
	// Down tells whether an error of the shared store means that it cannot be
	// reached, or cannot take anything, for now. Required.
	Down func(error) bool

	// Report hears of the errors of taking over, nil when it works again.
	// Default: nobody.
	Report func(error)
}

// New puts a local store beside a shared one and starts to take over what the
// local one has of an earlier time. Close closes both.
func New(shared, local delivery.Store, opt Options) (*Store, error) {
	if opt.Report == nil {
		opt.Report = func(error) {}
	}
	stats, err := local.Stats(context.Background(), Lane)
	if err != nil {
		return nil, err
	}
	ctx, stop := context.WithCancel(context.Background())
	s := &Store{
		Queue: shared, Archive: shared, shared: shared, local: local,
		down: opt.Down, report: opt.Report,
		stop: stop, done: make(chan struct{}), wake: make(chan struct{}, 1),
	}
	s.waiting.Store(int64(stats.Pending))
	go s.drain(ctx)
	return s, nil
}

// Waiting tells how many writes the shared store has not been told of yet.
func (s *Store) Waiting() int64 { return s.waiting.Load() }

// Hold stores an intent, in the local store when it must be.
func (s *Store) Hold(ctx context.Context, h delivery.Hold) error {
	away, err := s.ask(ctx, func(ctx context.Context) error { return s.shared.Hold(ctx, h) })
	if !away {
		return err
	}
	if err := s.local.Hold(ctx, h); err != nil {
		return err
	}
	s.holds.Store(h.ID, true)
	return nil
}

// ask has the shared store do something. away tells that the local one has to do
// it instead; what the shared one was asked may then be done as well.
func (s *Store) ask(ctx context.Context, do func(context.Context) error) (away bool, err error) {
	if time.Now().UnixNano() < s.silent.Load() {
		return true, nil
	}
	patient, cancel := context.WithTimeout(ctx, sharedPatience)
	defer cancel()
	err = do(patient)
	switch {
	case err == nil:
		return false, nil
	case ctx.Err() == nil && patient.Err() != nil:
		s.silent.Store(time.Now().Add(silence).UnixNano())
		return true, nil
	}
	return s.down(err), err
}

// Release settles a hold where it is.
func (s *Store) Release(ctx context.Context, hold string, messages ...delivery.Message) error {
	if _, here := s.holds.Load(hold); here {
		return s.releaseHere(ctx, hold, messages)
	}
	if s.waiting.Load() == 0 || len(messages) == 0 {
		away, err := s.ask(ctx, func(ctx context.Context) error { return s.shared.Release(ctx, hold, messages...) })
		if !away {
			return err
		}
	}
	return s.keep(ctx, record{Hold: hold, Messages: messages})
}

// releaseHere settles a hold of the local store: in one step it goes and its
// messages are kept. The shared store is told of the hold, too: it may have
// stored it and not been able to say so.
func (s *Store) releaseHere(ctx context.Context, hold string, messages []delivery.Message) error {
	kept, err := wrap(record{Hold: hold, Messages: messages})
	if err != nil {
		return err
	}
	if err := s.local.Release(ctx, hold, kept); err != nil {
		return err
	}
	s.holds.Delete(hold)
	s.kept()
	return nil
}

// Append stores messages, in the local store when it must be.
func (s *Store) Append(ctx context.Context, messages ...delivery.Message) error {
	if s.waiting.Load() == 0 {
		away, err := s.ask(ctx, func(ctx context.Context) error { return s.shared.Append(ctx, messages...) })
		if !away {
			return err
		}
	}
	return s.keep(ctx, record{Messages: messages})
}

func (s *Store) keep(ctx context.Context, r record) error {
	m, err := wrap(r)
	if err != nil {
		return err
	}
	if err := s.local.Append(ctx, m); err != nil {
		return err
	}
	s.kept()
	return nil
}

// kept counts a record and wakes the goroutine that takes over.
func (s *Store) kept() {
	s.waiting.Add(1)
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

// wrap makes a record a message of the local store.
func wrap(r record) (delivery.Message, error) {
	data, err := r.encode()
	if err != nil {
		return delivery.Message{}, err
	}
	return delivery.Message{
		ID: rand.Text(), Source: Lane, Type: "record", Time: time.Now(), Event: data,
		Targets: []delivery.Target{{Lane: Lane}},
	}, nil
}

// Orphans claims orphans of both stores.
func (s *Store) Orphans(ctx context.Context, limit int) ([]delivery.Hold, error) {
	orphans, err := s.local.Orphans(ctx, limit)
	if err != nil {
		return nil, err
	}
	for _, h := range orphans {
		s.holds.Store(h.ID, true)
	}
	if len(orphans) == limit {
		return orphans, nil
	}
	more, err := s.shared.Orphans(ctx, limit-len(orphans))
	if len(orphans) > 0 {
		err = nil // they are given out once; the shared store can be asked again
	}
	return append(orphans, more...), err
}

// Holds lists the holds of both stores.
func (s *Store) Holds(ctx context.Context, limit int) ([]delivery.Hold, error) {
	here, err := s.local.Holds(ctx, limit)
	if err != nil || len(here) == limit {
		return here, err
	}
	more, err := s.shared.Holds(ctx, limit-len(here))
	return append(here, more...), err
}

// Purge purges both stores: of the local one everything that was taken over. The
// count is that of the shared one.
func (s *Store) Purge(ctx context.Context, before time.Time, maxBytes int64) (int, error) {
	_, here := s.local.Purge(ctx, time.Now(), 0)
	n, there := s.shared.Purge(ctx, before, maxBytes)
	return n, errors.Join(here, there)
}

// Close ends the taking over and closes both stores. What is in the local one
// stays there.
func (s *Store) Close() error {
	s.stop()
	<-s.done
	return errors.Join(s.shared.Close(), s.local.Close())
}

// Interface guard.
var _ delivery.Store = (*Store)(nil)
