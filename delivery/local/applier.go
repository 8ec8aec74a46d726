package local

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"go.etcd.io/bbolt"
)

// Limits of one transaction of the index.
const (
	batchOperations = 8192
	batchBytes      = 16 << 20
)

// After a batch of at least busyBatch operations the next waits for gather, or
// for gatherFull operations, unless somebody waits for an answer: the flushes of
// the index hold up those of the journal, and large transactions write less.
const (
	busyBatch  = 16
	gatherFull = 2048
	gather     = 8 * time.Millisecond
)

// applier is the queue in front of the index, and the goroutine that empties it.
type applier struct {
	mu      sync.Mutex
	queue   []*task
	urgent  int  // of the queue, those that somebody can ask for
	rush    bool // somebody waits for an answer
	busy    bool // a batch is on its way
	closed  bool
	failure error // of the last transaction, nil after a good one
	wake    chan struct{}
	ended   chan struct{}
}

// task is an operation in the queue.
type task struct {
	op     operation // nil for one that only waits for those before it
	at     position  // in the journal; zero for what is not in it
	size   int64     // in the backlog
	urgent bool      // not a hold, which nobody looks for before it is an orphan
	done   chan error
}

func (a *applier) add(tasks ...*task) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.closed {
		return ErrClosed
	}
	a.queue = append(a.queue, tasks...)
	for _, t := range tasks {
		if t.urgent {
			a.urgent++
		}
		a.rush = a.rush || t.done != nil
	}
	if a.urgent > 0 {
		signal(a.wake)
	}
	return nil
}

// hurry has the holds applied too.
func (a *applier) hurry() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.urgent++
	signal(a.wake)
}

// idle is whether the index has everything that somebody can ask for.
func (a *applier) idle() bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return !a.busy && a.urgent == 0
}

// gather waits for more after a large batch.
func (a *applier) gather() {
	timer := time.NewTimer(gather)
	defer timer.Stop()
	for {
		a.mu.Lock()
		enough := a.rush || a.closed || len(a.queue) >= gatherFull
		a.mu.Unlock()
		if enough {
			return
		}
		select {
		case <-timer.C:
			return
		case <-a.wake:
		}
	}
}

// take waits for the next batch; nil is the end.
func (a *applier) take() []*task {
	for {
		a.mu.Lock()
		if a.urgent > 0 || a.closed {
			tasks := a.cut()
			a.mu.Unlock()
			if tasks != nil {
				return tasks
			}
			if a.isClosed() {
				return nil
			}
			continue
		}
		a.mu.Unlock()
		<-a.wake
	}
}

func (a *applier) isClosed() bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.closed
}

// cut takes the beginning of the queue.
func (a *applier) cut() []*task {
	var size int64
	n := 0
	for n < len(a.queue) && n < batchOperations && size < batchBytes {
		size += a.queue[n].size
		n++
	}
	tasks := a.queue[:n:n]
	if a.queue = a.queue[n:]; len(a.queue) == 0 {
		a.queue, a.urgent, a.rush = nil, 0, false
	} else {
		for _, t := range tasks {
			if t.urgent {
				a.urgent--
			}
		}
	}
	a.busy = n > 0
	if n == 0 {
		return nil
	}
	return tasks
}

func (s *Store) apply() {
	defer close(s.applier.ended)
	for {
		tasks := s.applier.take()
		if tasks == nil {
			return
		}
		answers, err := s.applyUntilDone(tasks)
		var size int64
		for i, t := range tasks {
			size += t.size
			if t.done == nil {
				continue
			}
			if err != nil {
				t.done <- err
				continue
			}
			t.done <- answers[i]
		}
		s.backlog.give(size)
		s.applier.mu.Lock()
		s.applier.busy = false
		s.applier.mu.Unlock()
		if len(tasks) >= busyBatch {
			s.applier.gather()
		}
	}
}

// The pauses between attempts to write the index, when it fails: a full disk is
// the likely cause, and nothing is lost while the journal has it.
const (
	firstPause = 20 * time.Millisecond
	lastPause  = 2 * time.Second
)

// applyUntilDone commits a batch however long it takes; only the end of the
// store ends the attempts. When it does, nothing behind the batch is applied
// either: the index must not pass over a part of the journal.
func (s *Store) applyUntilDone(tasks []*task) (answers []error, err error) {
	if s.gaveUp != nil {
		return nil, s.gaveUp
	}
	for pause := firstPause; ; pause = min(2*pause, lastPause) {
		answers, err = s.applyOnce(tasks)
		s.applier.mu.Lock()
		s.applier.failure = err
		s.applier.mu.Unlock()
		if err == nil {
			return answers, nil
		}
		select {
		case <-time.After(pause):
		case <-s.closing:
			s.gaveUp = err
			return nil, err
		}
	}
}

// applyOnce applies a batch in one transaction and brings memory up to date.
func (s *Store) applyOnce(tasks []*task) (answers []error, err error) {
	var b *batch
	b, answers, err = s.transact(tasks)
	if err != nil {
		return nil, fmt.Errorf("delivery/local: writing the index: %w", err)
	}
	if b != nil {
		s.committed(b)
	}
	return answers, nil
}

func (s *Store) transact(tasks []*task) (b *batch, answers []error, err error) {
	answers = make([]error, len(tasks))
	var work bool
	for _, t := range tasks {
		work = work || t.op != nil
	}
	if !work {
		return nil, answers, nil
	}
	defer s.rescue(&err)
	tx, err := s.db.Begin(true)
	if err != nil {
		return nil, nil, err
	}
	// After the commit this does nothing.
	defer func() { _ = tx.Rollback() }()
	b = newBatch(s, tx)
	for i, t := range tasks {
		if t.op == nil {
			continue
		}
		answers[i] = t.op.apply(b)
		if t.at.segment > 0 {
			b.position = t.at
		}
	}
	if err := b.finish(); err != nil {
		return nil, nil, err
	}
	if !b.changed {
		return b, answers, nil
	}
	return b, answers, s.commit(tx)
}

func (s *Store) commit(tx *bbolt.Tx) error {
	if s.failCommit != nil {
		if err := s.failCommit(); err != nil {
			return err
		}
	}
	return tx.Commit()
}

// committed brings memory up to date with what was committed.
func (s *Store) committed(b *batch) {
	s.addLanes(b.newLanes)
	for _, m := range b.fresh {
		s.cache.put(m)
	}
	for _, seq := range b.purged {
		s.cache.drop(seq)
	}
	s.tell(b.changes)
	if b.position.segment > 0 {
		s.trim(b.position.segment)
	}
}

// flushed waits until the index has everything that was acknowledged before.
func (s *Store) flushed(ctx context.Context) error {
	return s.await(ctx, &task{urgent: true})
}

// await has an operation applied and waits for its answer.
func (s *Store) await(ctx context.Context, t *task) error {
	t.done = make(chan error, 1)
	if err := s.applier.add(t); err != nil {
		return err
	}
	select {
	case err := <-t.done:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// stop ends the goroutine after what is in the queue, or after its first failure.
func (a *applier) stop() {
	a.mu.Lock()
	a.closed = true
	signal(a.wake)
	a.mu.Unlock()
	<-a.ended
}

// Health tells what keeps the store from working: the last failure of the
// journal, in which case callers get errors, or of the index, in which case they
// come to wait. It is nil when both work.
func (s *Store) Health() error {
	s.journal.mu.Lock()
	err := s.journal.failure
	s.journal.mu.Unlock()
	s.applier.mu.Lock()
	defer s.applier.mu.Unlock()
	return errors.Join(err, s.applier.failure)
}
