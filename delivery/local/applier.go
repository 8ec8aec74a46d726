package local

import (
	"context"
	"sync"
)

// applyMost is how many operations are applied before those who lease have a
// turn.
const applyMost = 256

// applier is the queue in front of the layers, and the goroutine that empties it.
type applier struct {
	mu     sync.Mutex
	queue  []task
	spare  []task // for the next ones
	urgent int    // of the queue, those that somebody can ask for
	busy   bool   // some are being applied
	closed bool
	wake   chan struct{}
	ended  chan struct{}
}

// task is an operation in the queue.
type task struct {
	op     operation // nil for one that only waits for those before it
	file   fileOperation
	at     position // in the journal; zero for what is not in it
	size   int64    // in the backlog
	urgent bool     // not a hold, which nobody looks for before it is an orphan
	done   chan error
}

// fileOperation is a change of the index that is made in its file, with nothing
// in the layers.
type fileOperation interface {
	// write makes one transaction; it may be asked for again.
	write(t *tables) error
	// written has memory follow a transaction, and tells whether to go on.
	written(s *Store) (again bool)
}

func (a *applier) add(tasks ...task) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.closed {
		return ErrClosed
	}
	for i := range tasks {
		a.put(&tasks[i])
	}
	return nil
}

// addCalls adds the tasks of calls.
func (a *applier) addCalls(calls []*call) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.closed {
		return ErrClosed
	}
	for _, c := range calls {
		a.put(&c.task)
	}
	return nil
}

func (a *applier) put(t *task) {
	a.queue = append(a.queue, *t)
	if t.urgent {
		a.urgent++
		if !a.busy {
			signal(a.wake)
		}
	}
}

// hurry has the holds applied too.
func (a *applier) hurry() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.urgent++
	signal(a.wake)
}

// idle is whether everything that somebody can ask for is applied.
func (a *applier) idle() bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return !a.busy && a.urgent == 0
}

// take waits for the whole queue; nil is the end.
func (a *applier) take() []task {
	for {
		a.mu.Lock()
		a.busy = false
		if a.urgent > 0 || a.closed {
			tasks := a.queue
			a.queue, a.spare, a.urgent, a.busy = a.spare[:0], tasks, 0, len(tasks) > 0
			ended := a.closed && len(tasks) == 0
			a.mu.Unlock()
			if ended {
				return nil
			}
			if len(tasks) > 0 {
				return tasks
			}
			continue
		}
		a.mu.Unlock()
		<-a.wake
	}
}

// stop ends the goroutine after what is in the queue.
func (a *applier) stop() {
	a.mu.Lock()
	a.closed = true
	signal(a.wake)
	a.mu.Unlock()
	<-a.ended
}

// apply is the applying goroutine.
func (s *Store) apply() {
	defer close(s.applier.ended)
	for all := s.applier.take(); all != nil; all = s.applier.take() {
		for tasks := all; len(tasks) > 0; {
			n := 0
			for n < len(tasks) && n < applyMost && tasks[n].file == nil {
				n++
			}
			if n == 0 {
				err := s.applyToFile(tasks[0].file)
				if tasks[0].done != nil {
					tasks[0].done <- err
				}
				n = 1
			} else {
				s.applySome(tasks[:n])
			}
			tasks = tasks[n:]
		}
		clear(all)
	}
}

// applySome applies operations and answers those who wait for them.
func (s *Store) applySome(tasks []task) {
	answers, err := s.applyOnce(tasks)
	for i := range tasks {
		t := &tasks[i]
		if t.done == nil {
			continue
		}
		if err != nil {
			t.done <- err
			continue
		}
		t.done <- answers[i]
	}
}

// applyOnce applies operations to the young layer, and has memory follow. After
// a failure nothing is applied any more: the index must not pass over a part of
// the journal, which keeps everything.
func (s *Store) applyOnce(tasks []task) (answers []error, err error) {
	s.layers.Lock()
	defer s.layers.Unlock()
	if s.layers.err != nil {
		return nil, s.layers.err
	}
	young := s.layers.young
	defer func() { s.layers.err = err }()
	defer s.rescue(&err)
	b := newBatch(s, young, s.layers.old)
	defer b.end()
	answers = make([]error, len(tasks))
	for i := range tasks {
		t := &tasks[i]
		if t.op == nil {
			continue
		}
		answers[i] = t.op.apply(b)
		young.size += t.size
		if t.at.segment > 0 {
			young.at = t.at
		}
	}
	if b.err != nil {
		return nil, failedIndex(b.err)
	}
	s.tell(b.changes)
	s.flusher.notice(young)
	return answers, nil
}

// applied waits until everything that was acknowledged before is applied.
func (s *Store) applied(ctx context.Context) error {
	return s.await(ctx, task{urgent: true})
}

// await has an operation applied and waits for its answer.
func (s *Store) await(ctx context.Context, t task) error {
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
