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

// line is the ordering key of all records: the local store gives out the oldest
// and no other, whatever its clock does, until that one is finished.
const line = "line"

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
	opt    Options

	waiting  atomic.Int64 // records in the local store
	counting sync.RWMutex // held for reading while one comes in
	silent   atomic.Int64 // until when the shared store is not asked, in ns since 1970
	holds    sync.Map     // ids of the holds that are in the local store
	claimed  sync.Map     // ids of holds of the shared store that records settle, or that were probes
	refused  refusals     // of the goroutine that takes over

	unfinished []delivery.Outcome // its own: of records, which the local store has not taken

	stop   context.CancelFunc
	done   chan struct{}
	wake   chan struct{}
	closed sync.Once
}

// Options of a [Store].
type Options struct {
	// Down tells whether an error of the shared store means that it cannot be
	// reached, or cannot take anything, for now. Required.
	Down func(error) bool

	// Aside is a folder for the records that the shared store will never have:
	// it refuses them again and again while it does other work, or they cannot
	// be read. Required; it is made when the first of them comes.
	Aside string

	// WentAside hears of each of them, by its file. Default: nobody.
	WentAside func(file string, why error)

	// Report hears of the errors of taking over, nil when it works again.
	// Default: nobody.
	Report func(error)

	// Count hears by how much the number of waiting records changes, from zero
	// when the store is opened and back to zero when it is closed. Default:
	// nobody.
	Count func(change int64)
}

var errIncomplete = errors.New("spool: Down and Aside are required")

func (o Options) withDefaults() Options {
	if o.WentAside == nil {
		o.WentAside = func(string, error) {}
	}
	if o.Report == nil {
		o.Report = func(error) {}
	}
	if o.Count == nil {
		o.Count = func(int64) {}
	}
	return o
}

// New puts a local store beside a shared one and starts to take over what the
// local one has of an earlier time. Close closes both.
func New(shared, local delivery.Store, opt Options) (*Store, error) {
	if opt.Down == nil || opt.Aside == "" {
		return nil, errIncomplete
	}
	stats, err := local.Stats(context.Background(), Lane)
	if err != nil {
		return nil, err
	}
	ctx, stop := context.WithCancel(context.Background())
	s := &Store{
		Queue: shared, Archive: shared, shared: shared, local: local,
		opt: opt.withDefaults(), stop: stop, done: make(chan struct{}), wake: make(chan struct{}, 1),
	}
	s.count(int64(stats.Pending))
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
	return s.opt.Down(err), err
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
	err := s.hand(record{Hold: hold, Messages: messages}, func(m delivery.Message) error {
		return s.local.Release(ctx, hold, m)
	})
	if err == nil {
		s.holds.Delete(hold)
	}
	return err
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
	return s.hand(r, func(m delivery.Message) error { return s.local.Append(ctx, m) })
}

// hand gives a record to the local store and wakes the goroutine that takes over.
// It counts before it is stored, so that nothing overtakes it. When the caller did
// not wait for the end it may be stored: the goroutine looks and counts anew.
func (s *Store) hand(r record, store func(delivery.Message) error) error {
	m, err := wrap(r)
	if err != nil {
		return err
	}
	s.counting.RLock()
	defer s.counting.RUnlock()
	s.count(1)
	err = store(m)
	if err != nil && !errors.Is(err, context.Canceled) && !errors.Is(err, context.DeadlineExceeded) {
		s.count(-1)
		return err
	}
	select {
	case s.wake <- struct{}{}:
	default:
	}
	return err
}

func (s *Store) count(change int64) {
	s.waiting.Add(change)
	s.opt.Count(change)
}

// wrap makes a record a message of the local store.
func wrap(r record) (delivery.Message, error) {
	data, err := r.encode()
	if err != nil {
		return delivery.Message{}, err
	}
	return delivery.Message{
		ID: r.id(rand.Text()), Source: Lane, Type: "record", Time: time.Now(), Event: data,
		Targets: []delivery.Target{{Lane: Lane, Key: line}},
	}, nil
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

// Purge purges both stores: of the local one everything that was taken over an
// hour ago. The count is that of the shared one.
func (s *Store) Purge(ctx context.Context, before time.Time, maxBytes int64) (int, error) {
	_, here := s.local.Purge(ctx, time.Now().Add(-keepTold), 0)
	n, there := s.shared.Purge(ctx, before, maxBytes)
	return n, errors.Join(here, there)
}

// Close ends the taking over and closes both stores. What is in the local one
// stays there.
func (s *Store) Close() error {
	s.stop()
	<-s.done
	err := errors.Join(s.shared.Close(), s.local.Close())
	s.closed.Do(func() { s.opt.Count(-s.waiting.Load()) })
	return err
}

// Interface guard.
var _ delivery.Store = (*Store)(nil)
