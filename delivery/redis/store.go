package redis

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/hex"
	"sync"
	"sync/atomic"
	"time"

	goredis "github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/logging"

	"github.com/voorpoort/voorpoort/delivery"
)

// Store is a [delivery.Store] in Redis. It is safe for concurrent use.
type Store struct {
	config   Config
	options  Options
	client   goredis.UniversalClient
	anchor   string
	keys     []string // KEYS of all scripts
	owner    string   // this gateway, for the time it is open: 16 characters
	warnings []string

	clock   clock
	journal *group[*entry, byte]
	leases  *group[leaseRequest, leaseAnswer]
	ends    *group[[]delivery.Outcome, struct{}]
	batches []uint64 // of each writer of ends: the number of its last operation

	documents documents

	unsure unsure
	claims claims
	wakes  wakes
	down   atomic.Bool // the last write was given up: do not make callers wait

	ctx    context.Context //nolint:containedctx // the frame of the goroutines: ends in Close
	cancel context.CancelFunc
	beats  sync.WaitGroup

	calls  sync.RWMutex // held for reading by calls that are not in a group
	closed bool
}

var _ delivery.Store = (*Store)(nil)

// quiet takes the client's own lines from standard error: what fails is in the
// errors that callers get.
var quiet = sync.OnceFunc(logging.Disable)

// Open connects to the server, checks that it can be used, and loads the
// scripts. ctx ends the attempt. An [*UnavailableError] means that trying again
// later may help.
func Open(ctx context.Context, config Config, options Options) (*Store, error) {
	quiet()
	o, err := config.options()
	if err != nil {
		return nil, err
	}
	options = options.filled()
	// A connection for each writer, and some for people and the heartbeat.
	o.PoolSize = 3*options.Writers + 8
	id := make([]byte, 8)
	_, _ = rand.Read(id)
	s := &Store{
		config: config, options: options, client: config.client(o),
		anchor: config.anchor(), keys: []string{config.anchor()}, owner: hex.EncodeToString(id),
		batches: make([]uint64, options.Writers), documents: documents{turn: make(chan struct{}, 1)},
	}
	if err := s.begin(ctx); err != nil {
		_ = s.client.Close()
		return nil, err
	}
	return s, nil
}

func (s *Store) begin(ctx context.Context) error {
	if err := s.inspect(ctx); err != nil {
		return err
	}
	if err := s.load(ctx); err != nil {
		return err
	}
	if err := s.beat(ctx, s.options.Heartbeat); err != nil {
		return err
	}
	s.compareClocks(ctx)
	s.ctx, s.cancel = context.WithCancel(context.WithoutCancel(ctx))
	s.journal = newGroup(s.writeJournal)
	s.journal.left = s.abandoned
	s.leases = newGroup(s.takeLeases)
	s.ends = newGroup(s.writeEnds)
	s.journal.start(s.options.Writers)
	s.leases.start(s.options.Writers)
	s.ends.start(s.options.Writers)
	s.beats.Go(s.keepBeating)
	return nil
}

// compareClocks asks the server for its time until the difference is known well
// enough to stay. A failure leaves what the heartbeat has told.
func (s *Store) compareClocks(ctx context.Context) {
	s.clock.settle(true)
	defer s.clock.settle(false)
	for range 8 {
		_, _ = s.once(ctx, lanesScript, s.arguments(0))
	}
}

// Warnings says what of the server's settings endangers events, and what to do.
// It is empty if all is well, or if the user may not read the settings.
func (s *Store) Warnings() []string { return s.warnings }

// Ping tells whether the server answers.
func (s *Store) Ping(ctx context.Context) error {
	return s.ask(ctx, "ping", func(ctx context.Context) error { return s.client.Ping(ctx).Err() })
}

// Close implements [delivery.Store]. Holds of this gateway become orphans.
func (s *Store) Close() error {
	s.calls.Lock()
	if s.closed {
		s.calls.Unlock()
		return nil
	}
	s.closed = true
	s.calls.Unlock()
	s.journal.stop()
	s.leases.stop()
	s.ends.stop()
	s.cancel()
	s.beats.Wait()
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	_ = s.beat(ctx, 0) // without an answer the heartbeat ends by itself
	return s.client.Close()
}

// enter begins a call that is not in a group; leave ends it.
func (s *Store) enter(ctx context.Context) (leave func(), err error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	s.calls.RLock()
	if s.closed {
		s.calls.RUnlock()
		return nil, ErrClosed
	}
	return s.calls.RUnlock, nil
}

// run does a script for a caller, again after a broken connection: all scripts
// may be repeated.
func (s *Store) run(ctx context.Context, sc *script, args ...any) (answer []any, err error) {
	leave, err := s.enter(ctx)
	if err != nil {
		return nil, err
	}
	defer leave()
	args = append([]any{nil}, args...)
	err = s.ask(ctx, sc.name, func(ctx context.Context) error {
		answer, err = s.once(ctx, sc, args)
		return err
	})
	return answer, err
}

func (c Config) waitTimeout() time.Duration { return cmp.Or(c.WaitTimeout, time.Second) }
