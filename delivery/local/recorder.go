package local

import "context"

// write has a record written to the journal and put in the queue of the index.
func (s *Store) write(ctx context.Context, c *call) error {
	if len(c.frame) > maxRecord+frameSize {
		return errTooLarge
	}
	if err := s.backlog.take(ctx, c.task.size, s.closing); err != nil {
		return err
	}
	return s.journal.submit(ctx, c)
}

var _ recorder = (*Store)(nil)

// admit settles holds in the order of the journal: one call settles a hold.
func (s *Store) admit(c *call) (err error) {
	switch op := c.task.op.(type) {
	case *holdOp:
		return s.holds.add(op.ID, nanos(op.Created))
	case *appendOp:
		if op.hold != "" {
			op.created, err = s.holds.remove(op.hold)
		}
	}
	return err
}

func (s *Store) undo(c *call) {
	switch op := c.task.op.(type) {
	case *holdOp:
		_, _ = s.holds.remove(op.ID)
	case *appendOp:
		if op.hold != "" {
			s.holds.restore(op.hold, op.created)
		}
	}
}

func (s *Store) dropped(c *call) { s.backlog.give(c.task.size) }

func (s *Store) stored(calls []*call) {
	quiet := true
	for _, c := range calls {
		c.task.urgent = !c.task.quiet()
		quiet = quiet && !c.task.urgent
	}
	_ = s.applier.addCalls(calls)
	if quiet && s.backlog.half() {
		s.applier.hurry()
	}
}

// quiet is whether nobody looks for what a task did: for a hold before it is an
// orphan, or for one that was dropped.
func (t *task) quiet() bool {
	switch op := t.op.(type) {
	case *holdOp:
		return true
	case *appendOp:
		return len(op.messages) == 0
	}
	return false
}
