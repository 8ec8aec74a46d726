package local

// catchUp applies the journal behind a position, and gives its end.
func (s *Store) catchUp(from position) (position, error) {
	c := &catcher{s: s}
	end, err := replay(s.dir, from, func(k kind, payload []byte, at position) error {
		op, err := decodeOperation(k, payload)
		if err != nil {
			return err
		}
		return c.add(op, at, len(payload))
	})
	if err != nil {
		return end, err
	}
	return end, c.flush()
}

// Limits of one transaction of a catcher.
const (
	catchOperations = 8192
	catchBytes      = 16 << 20
)

// catcher applies operations of the journal in large batches, while nothing else
// uses the store.
type catcher struct {
	s     *Store
	tasks []task
	size  int
}

func (c *catcher) add(op operation, at position, size int) error {
	c.s.holds.replay(op)
	c.s.clock.latest = max(c.s.clock.latest, told(op))
	c.tasks = append(c.tasks, task{op: op, at: at})
	if c.size += size; c.size < catchBytes && len(c.tasks) < catchOperations {
		return nil
	}
	return c.flush()
}

// told is the time at which an operation was asked for; 0 if it does not tell.
func told(op operation) int64 {
	switch op := op.(type) {
	case *appendOp:
		return op.stored
	case *replayOp:
		return op.now
	case *discardOp:
		return op.now
	case *settleOp:
		return op.now
	}
	return 0
}

func (c *catcher) flush() error {
	if len(c.tasks) == 0 {
		return nil
	}
	_, err := c.s.applyOnce(c.tasks)
	c.tasks, c.size = nil, 0
	if err != nil {
		return err
	}
	return c.s.flushOnce()
}
