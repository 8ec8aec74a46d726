package local

import (
	"context"
	"sync"
)

// call is one record on its way to the journal. It is used again when its caller
// has had the answer.
type call struct {
	frame []byte
	task  task // for the index

	refused error
	reply   chan error // gets one answer

	mu    sync.Mutex
	taken bool
	gone  bool // the caller does not wait any more, and the record was not taken
}

// recorder is who has records written.
type recorder interface {
	// admit looks at a record in the order of the journal, before it is taken.
	admit(c *call) error
	// undo takes back what admit did: the record could not be written.
	undo(c *call)
	// dropped tells that a record is not stored.
	dropped(c *call)
	// stored takes what was made durable, in the order of the journal.
	stored(calls []*call)
}

var calls = sync.Pool{New: func() any { return &call{reply: make(chan error, 1)} }}

func newCall(frame []byte, op operation) *call {
	c := calls.Get().(*call) //nolint:forcetypeassert // the pool has nothing else
	c.frame, c.task = frame, task{op: op, size: int64(len(frame)), urgent: true}
	return c
}

// free gives a call back. Nobody else knows it any more.
func (c *call) free() {
	c.frame, c.task, c.refused, c.taken, c.gone = nil, task{}, nil, false, false
	calls.Put(c)
}

// submit has a record written and waits until it is durable.
func (j *journal) submit(ctx context.Context, c *call) error {
	j.mu.Lock()
	if j.closed {
		j.mu.Unlock()
		j.owner.dropped(c)
		return ErrClosed
	}
	j.calls = append(j.calls, c)
	j.mu.Unlock()
	signal(j.wake)
	select {
	case err := <-c.reply:
		c.free()
		return err
	case <-ctx.Done():
		return c.leave(ctx)
	}
}

// leave withdraws a record that was not taken yet. One that was taken may be
// stored: nobody can tell but the answer, which the caller does not want.
func (c *call) leave(ctx context.Context) error {
	c.mu.Lock()
	c.gone = !c.taken
	c.mu.Unlock()
	return ctx.Err()
}

func (c *call) take() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.taken = !c.gone
	return c.taken
}
