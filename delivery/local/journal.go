package local

import (
	"context"
	"errors"
	"runtime"
	"sync"
)

// groupBytes is how much one flush takes at most: a caller with little does not
// wait for megabytes of others.
const groupBytes = 4 << 20

// position is a place in the journal: where a record ends.
type position struct {
	segment uint64
	offset  int64
}

// journal is the files and the goroutine that writes them.
type journal struct {
	dir   string
	disk  disk
	limit int64 // of a segment
	owner recorder

	// Of the writing goroutine.
	file   diskFile // nil when the next write begins another
	head   segment
	good   int64 // how much of the file is flushed
	ahead  int64 // how much of it is filled
	buffer []byte
	kept   []*call

	mu      sync.Mutex
	calls   []*call
	spare   []*call // for the next ones
	closed  bool
	failure error // of the last write, nil after a good one
	wake    chan struct{}
	ended   chan struct{}
}

// start begins a new file after the recovered end of the one before it, and the
// goroutine.
func (j *journal) start(last uint64, end int64) error {
	j.head, j.good = segment{number: last}, end
	j.wake, j.ended = make(chan struct{}, 1), make(chan struct{})
	if err := j.roll(); err != nil {
		return err
	}
	go j.run()
	return nil
}

// signal wakes a goroutine that waits on a channel with room for one.
func signal(wake chan struct{}) {
	select {
	case wake <- struct{}{}:
	default:
	}
}

func (j *journal) run() {
	defer close(j.ended)
	for {
		group, more := j.next()
		if len(group) > 0 {
			j.write(group)
			// Who was answered may have more to write: it comes first.
			runtime.Gosched()
			continue
		}
		if !more {
			return
		}
		<-j.wake
	}
}

// next takes the calls of one flush; more is false when no more will come.
func (j *journal) next() (group []*call, more bool) {
	j.mu.Lock()
	defer j.mu.Unlock()
	size, n := 0, 0
	for n < len(j.calls) && size < groupBytes {
		size += len(j.calls[n].frame)
		n++
	}
	group = j.calls[:n:n]
	if n == len(j.calls) {
		j.calls, j.spare = j.spare[:0], j.calls
	} else {
		j.calls = j.calls[n:]
	}
	return group, !j.closed
}

// write makes one flush of a group and answers its callers.
func (j *journal) write(group []*call) {
	kept := j.kept[:0]
	for _, c := range group {
		if c.refused = j.admit(c); c.refused == nil {
			kept = append(kept, c)
		}
	}
	err := j.flush(kept)
	if len(kept) > 0 {
		j.mu.Lock()
		j.failure = err
		j.mu.Unlock()
	}
	for i, c := range group {
		j.answer(c, err)
		group[i] = nil
	}
	clear(kept)
	j.kept = kept
}

func (j *journal) admit(c *call) error {
	if !c.take() {
		return context.Canceled
	}
	return j.owner.admit(c)
}

// answer tells a caller what became of its record. The call is the caller's
// again then.
func (j *journal) answer(c *call, err error) {
	switch {
	case c.refused != nil:
		j.owner.dropped(c)
		// What refused it may be the work of another of this group.
		err = errors.Join(c.refused, err)
	case err != nil:
		j.owner.undo(c)
		j.owner.dropped(c)
	}
	c.reply <- err
}

// close ends the goroutine after the calls that wait.
func (j *journal) close() {
	j.mu.Lock()
	already := j.closed
	j.closed = true
	j.mu.Unlock()
	if already {
		return
	}
	signal(j.wake)
	<-j.ended
	if j.file != nil {
		_ = j.file.Close()
	}
}
