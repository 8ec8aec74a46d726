package local

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"go.etcd.io/bbolt"

	"github.com/voorpoort/voorpoort/delivery"
)

// ErrClosed says that the store was closed.
var ErrClosed = errors.New("delivery/local: the store is closed")

// Store is a [delivery.Store] in a folder. Make one with [Open].
type Store struct {
	dir     string
	now     func() time.Time
	db      *bbolt.DB
	journal *journal
	applier *applier
	flusher flusher
	layers  layers
	clock   clock
	backlog *backlog
	cache   *cache
	tokens  atomic.Uint64
	holds   holds

	watchers  watchers
	documents documentWatchers
	lanes     struct {
		sync.RWMutex
		all map[string]*lane
	}

	// life is held for reading by each call, so that Close ends after them.
	life    sync.RWMutex
	closed  bool
	closing chan struct{}

	closeOnce sync.Once

	trimmed    uint64 // of the flushing goroutine: files of the journal before this one are gone
	failCommit func() error
}

var _ delivery.Store = (*Store)(nil)

// Open opens the store in a folder, which it makes if it is not there, for its
// owner alone. It applies what the journal has and the index has not.
//
// It fails with [ErrLocked] when another process has the store open, and with a
// [DamageError] when files were damaged; see [Salvage].
func Open(dir string, opt Options) (*Store, error) {
	return open(dir, opt, (*Store).catchUp)
}

// open opens a store; read applies its journal behind a position and gives its
// end.
func open(dir string, opt Options, read func(s *Store, from position) (position, error)) (*Store, error) {
	opt = opt.withDefaults()
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("delivery/local: making the folder of the store: %w", err)
	}
	db, err := openIndex(indexPath(dir), opt.LockWait)
	if err != nil {
		return nil, err
	}
	if db, err = compactIfWorthIt(db, dir, opt.LockWait); err != nil {
		return nil, err
	}
	s := &Store{
		dir: dir, now: opt.Now, db: db,
		applier: &applier{wake: make(chan struct{}, 1), ended: make(chan struct{})},
		backlog: &backlog{limit: opt.BacklogBytes},
		cache:   newCache(opt.CacheBytes),
		closing: make(chan struct{}),
	}
	s.journal = &journal{dir: dir, disk: opt.disk, limit: opt.SegmentBytes, owner: s}
	s.flusher.limit = opt.layer
	s.flusher.wake, s.flusher.ended = make(chan struct{}, 1), make(chan struct{})
	s.watchers.all = map[*watcher]bool{}
	s.lanes.all = map[string]*lane{}
	// Tokens of a former life are lower.
	s.tokens.Store(uint64(time.Now().UnixNano()))
	if err := s.restore(read); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	go s.apply()
	go s.flushAlways()
	return s, nil
}

// restore brings index and memory to where the journal ended.
func (s *Store) restore(read func(s *Store, from position) (position, error)) error {
	var from position
	err := s.view(func(tx *bbolt.Tx) error {
		from, s.clock.latest = loadPosition(tx), loadClock(tx)
		s.loadLanes(tx)
		s.layers.young = newLayer(numbersOf(tx))
		if k, _ := tx.Bucket(bucketNames).Cursor().Last(); k != nil {
			s.layers.names = string(k)
		}
		return s.holds.load(tx)
	})
	if err != nil {
		return err
	}
	end, err := read(s, from)
	if err != nil {
		return err
	}
	if err := s.restoreClock(); err != nil {
		return err
	}
	if err := s.removeUnused(end.segment); err != nil {
		return err
	}
	if err := s.journal.start(end.segment, end.offset); err != nil {
		return fmt.Errorf("delivery/local: beginning the journal: %w", err)
	}
	// From here the files before the new one are not needed.
	at := position{s.journal.head.number, headerSize}
	err = s.transact(func(t *tables) error {
		t.put(bucketMeta, keyPosition, at.encode())
		return t.err
	})
	if err != nil {
		s.journal.close()
		return err
	}
	s.trim(at.segment)
	s.holds.orphan()
	return nil
}

// removeUnused removes a file of the journal that a crash left before it was
// begun.
func (s *Store) removeUnused(last uint64) error {
	numbers, err := segmentNumbers(s.dir)
	if err != nil {
		return err
	}
	for _, n := range numbers {
		if n > last {
			if err := os.Remove(segmentPath(s.dir, n)); err != nil {
				return err
			}
		}
	}
	return nil
}

// trim removes files of the journal that the index has taken in. A file that
// cannot be removed now is removed when the store is opened again.
func (s *Store) trim(first uint64) {
	if s.trimmed >= first {
		return
	}
	s.trimmed = first
	numbers, err := segmentNumbers(s.dir)
	if err != nil {
		return
	}
	for _, n := range numbers {
		if n < first {
			_ = s.journal.disk.Remove(segmentPath(s.dir, n))
		}
	}
}

// enter begins a call, and leave ends it.
func (s *Store) enter(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	s.life.RLock()
	if s.closed {
		s.life.RUnlock()
		return ErrClosed
	}
	return nil
}

func (s *Store) leave() { s.life.RUnlock() }

// Close implements [delivery.Store]: the index has everything afterwards, unless
// it cannot be written, in which case the journal keeps it.
func (s *Store) Close() (err error) {
	s.closeOnce.Do(func() {
		close(s.closing)
		s.life.Lock()
		s.closed = true
		s.life.Unlock()
		s.journal.close()
		s.applier.stop()
		s.flusher.stop()
		err = s.db.Close()
	})
	return err
}

// Size gives how many bytes the store takes on disk, without what is free in
// its files.
func (s *Store) Size() int64 {
	stats := s.db.Stats()
	size := -int64(stats.FreePageN+stats.PendingPageN) * int64(s.db.Info().PageSize)
	entries, err := os.ReadDir(s.dir)
	if err != nil {
		return 0
	}
	for _, e := range entries {
		if info, err := e.Info(); err == nil {
			size += info.Size()
		}
	}
	return max(size, 0)
}

// Dir gives the folder of the store.
func (s *Store) Dir() string { return s.dir }
