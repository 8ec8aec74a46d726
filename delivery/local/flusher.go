package local

import (
	"context"
	"sync"
	"time"
)

// A layer is written when it is so old, or so large, or when somebody waits for
// it. Most deliveries have come and gone by then, and large transactions write
// less for each; the journal keeps what a crash would lose.
const (
	flushAge   = 250 * time.Millisecond
	flushBytes = 4 << 20
)

// flusher is the goroutine that writes layers to the index.
type flusher struct {
	limit int64 // of a layer, in bytes of the backlog
	wake  chan struct{}
	ended chan struct{}

	mu      sync.Mutex
	hurry   bool  // somebody waits
	closed  bool  // the layer that is there is the last
	crashed bool  // nothing more is written; of tests
	failure error // of the last transaction, nil after a good one
}

// notice follows a change of the young layer.
func (f *flusher) notice(young *layer) {
	first := young.since.IsZero() && !young.empty()
	if first {
		young.since = time.Now()
	}
	if first || young.size >= f.limit {
		signal(f.wake)
	}
}

func (f *flusher) set(flag *bool) {
	f.mu.Lock()
	*flag = true
	f.mu.Unlock()
	signal(f.wake)
}

// due is how long the young layer may wait; it is false when there is none to
// write.
func (f *flusher) due(young *layer) (wait time.Duration, ok, ended bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	switch {
	case f.crashed, f.closed && young.idle():
		return 0, false, true
	case young.idle():
		f.hurry = false
		return 0, false, false
	case f.hurry, f.closed, young.size >= f.limit:
		f.hurry = false
		return 0, true, false
	case young.since.IsZero():
		return 0, false, false
	}
	return max(0, flushAge-time.Since(young.since)), true, false
}

func (s *Store) flushAlways() {
	defer close(s.flusher.ended)
	timer := time.NewTimer(time.Hour)
	defer timer.Stop()
	for {
		s.layers.RLock()
		wait, ok, ended := s.flusher.due(s.layers.young)
		s.layers.RUnlock()
		switch {
		case ended:
			return
		case ok && wait == 0:
			s.flush()
			continue
		case ok:
			timer.Reset(min(wait, clockLook))
		default:
			timer.Reset(clockLook)
		}
		select {
		case <-s.flusher.wake:
		case <-timer.C:
			s.time()
		}
	}
}

// flush writes the young layer while another takes its place. It does not
// return before it is written, or the store is being closed.
func (s *Store) flush() { _ = s.flushBy(s.persist) }

// flushOnce is flush with one attempt.
func (s *Store) flushOnce() error { return s.flushBy(s.transact) }

func (s *Store) flushBy(write func(func(t *tables) error) error) error {
	old, err := s.takeYoung()
	if err == nil {
		err = write(old.write)
	}
	s.layers.Lock()
	if err == nil {
		s.layers.names = max(s.layers.names, old.lastName)
		s.layers.old = nil
		s.keep(old)
	} else if s.layers.err == nil {
		s.layers.err = err
	}
	s.layers.Unlock()
	if err == nil {
		s.trim(old.at.segment)
		s.backlog.give(old.size)
	}
	old.failure = err
	close(old.written)
	return err
}

// takeYoung puts a new layer above the young one.
func (s *Store) takeYoung() (old *layer, err error) {
	s.layers.Lock()
	defer s.layers.Unlock()
	old = s.layers.young
	old.clock = s.clock.told()
	s.layers.old, s.layers.young = old, newLayer(old.next)
	return old, s.layers.err
}

// keep has messages in the cache that somebody will ask for.
func (s *Store) keep(l *layer) {
	for _, e := range l.deliveries {
		if m := l.messages[e.seq]; m != nil && m.message != nil && e.scheduled() {
			s.cache.put(m.message)
		}
	}
}

// write writes a layer to the file.
func (l *layer) write(t *tables) error { return t.layer(l) }

// flushed waits until the file has everything that was acknowledged before.
func (s *Store) flushed(ctx context.Context) error {
	if err := s.applied(ctx); err != nil {
		return err
	}
	return s.drained(ctx)
}

// drained waits until the file has everything that was applied before.
func (s *Store) drained(ctx context.Context) error {
	l := s.hurry()
	if l == nil {
		return nil
	}
	select {
	case <-l.written:
		return l.failure
	case <-ctx.Done():
		return ctx.Err()
	}
}

// hurry has the layers written at once. It gives the last of them, nil when
// there is nothing in them.
func (s *Store) hurry() *layer {
	s.layers.RLock()
	l := s.layers.young
	if l.idle() {
		l = s.layers.old
	}
	s.layers.RUnlock()
	if l != nil {
		s.flusher.set(&s.flusher.hurry)
	}
	return l
}

// applyToFile makes a change of the file in the applying goroutine, so that
// there is nothing in the layers meanwhile.
func (s *Store) applyToFile(op fileOperation) error {
	if l := s.hurry(); l != nil {
		if <-l.written; l.failure != nil {
			return l.failure
		}
	}
	for {
		if err := s.persist(op.write); err != nil {
			return err
		}
		if !op.written(s) {
			return nil
		}
	}
}

// stop ends the goroutine after what is in the layers, or after its first
// failure.
func (f *flusher) stop() {
	f.set(&f.closed)
	<-f.ended
}
