package local

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"go.etcd.io/bbolt"

	"github.com/voorpoort/voorpoort/delivery"
)

// holds is what memory knows of the holds that are not settled: all ids.
type holds struct {
	mu      sync.Mutex
	live    map[string]int64 // id -> created
	orphans []string         // not claimed yet, oldest first
}

var errHeld = errors.New("delivery/local: there is a hold with this id")

func (h *holds) load(tx *bbolt.Tx) error {
	h.live = map[string]int64{}
	return tx.Bucket(bucketHolds).ForEach(func(k, _ []byte) error {
		if len(k) < 8 {
			return errDecode
		}
		h.live[string(k[8:])] = unsortable(binary.BigEndian.Uint64(k))
		return nil
	})
}

// replay follows an operation of the journal at opening.
func (h *holds) replay(op operation) {
	switch op := op.(type) {
	case *holdOp:
		h.live[op.ID] = nanos(op.Created)
	case *appendOp:
		op.created = h.live[op.hold]
		delete(h.live, op.hold)
	}
}

// orphan makes all holds orphans: whoever made them is gone.
func (h *holds) orphan() {
	for id := range h.live {
		h.orphans = append(h.orphans, id)
	}
	slices.SortFunc(h.orphans, func(a, b string) int {
		if h.live[a] != h.live[b] {
			return slot{h.live[a], 0}.compare(slot{h.live[b], 0})
		}
		return strings.Compare(a, b)
	})
}

func (h *holds) add(id string, created int64) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if _, ok := h.live[id]; ok {
		return errHeld
	}
	h.live[id] = created
	return nil
}

func (h *holds) remove(id string) (created int64, err error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	created, ok := h.live[id]
	if !ok {
		return 0, delivery.ErrNoHold
	}
	delete(h.live, id)
	return created, nil
}

// restore takes back what remove or add did.
func (h *holds) restore(id string, created int64) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.live[id] = created
}

// claim takes orphans that are not settled.
func (h *holds) claim(limit int) []holdRef {
	h.mu.Lock()
	defer h.mu.Unlock()
	var all []holdRef
	for len(all) < limit && len(h.orphans) > 0 {
		id := h.orphans[0]
		h.orphans = h.orphans[1:]
		if created, ok := h.live[id]; ok {
			all = append(all, holdRef{id, created})
		}
	}
	return all
}

type holdRef struct {
	id      string
	created int64
}

// Hold implements [delivery.Journal].
func (s *Store) Hold(ctx context.Context, h delivery.Hold) error {
	if err := s.enter(ctx); err != nil {
		return err
	}
	defer s.leave()
	if h.ID == "" || len(h.ID) > maxHold {
		return fmt.Errorf("delivery/local: the id of a hold has 1 to %d bytes", maxHold)
	}
	if len(h.Intent) > maxRecord/2 {
		return fmt.Errorf("delivery/local: an intent of %d bytes: %w", len(h.Intent), errTooLarge)
	}
	created := nanos(h.Created)
	return s.write(ctx, &call{
		frame: encodeHold(h),
		check: func() error { return s.holds.add(h.ID, created) },
		undo:  func() { _, _ = s.holds.remove(h.ID) },
	})
}

// Release implements [delivery.Journal].
func (s *Store) Release(ctx context.Context, hold string, messages ...delivery.Message) error {
	if err := s.enter(ctx); err != nil {
		return err
	}
	defer s.leave()
	if hold == "" {
		return delivery.ErrNoHold
	}
	return s.store(ctx, hold, messages)
}

// Append implements [delivery.Journal].
func (s *Store) Append(ctx context.Context, messages ...delivery.Message) error {
	if err := s.enter(ctx); err != nil {
		return err
	}
	defer s.leave()
	if len(messages) == 0 {
		return nil
	}
	return s.store(ctx, "", messages)
}

func (s *Store) store(ctx context.Context, hold string, messages []delivery.Message) error {
	b, err := encodeAppend(hold, s.now(), messages)
	if err != nil {
		return err
	}
	c := &call{frame: b}
	if hold == "" {
		return s.write(ctx, c)
	}
	c.check = func() error {
		created, err := s.holds.remove(hold)
		c.undo = func() { s.holds.restore(hold, created) }
		if op, ok := c.op.(*appendOp); ok {
			op.created = created
		}
		return err
	}
	return s.write(ctx, c)
}

// write has a record written to the journal and put in the queue of the index.
func (s *Store) write(ctx context.Context, c *call) error {
	k, payload, _, ok := parseFrame(c.frame)
	if !ok {
		return errTooLarge
	}
	var err error
	if c.op, err = decodeOperation(k, payload); err != nil {
		return err
	}
	if err := s.backlog.take(ctx, int64(len(c.frame)), s.closing); err != nil {
		return err
	}
	c.dropped = func() { s.backlog.give(int64(len(c.frame))) }
	return s.journal.submit(ctx, c)
}

// sink takes what the journal made durable, in its order.
func (s *Store) sink(c *call, at position) {
	_, hold := c.op.(*holdOp)
	if op, ok := c.op.(*appendOp); ok && len(op.messages) == 0 {
		hold = true // nobody looks for a hold that was dropped
	}
	_ = s.applier.add(&task{op: c.op, at: at, size: int64(len(c.frame)), urgent: !hold, done: c.applied})
	if hold && s.backlog.half() {
		s.applier.hurry()
	}
}

// Orphans implements [delivery.Journal]: the folder has one owner, so that the
// holds that were there when it was opened have none.
func (s *Store) Orphans(ctx context.Context, limit int) ([]delivery.Hold, error) {
	if err := s.enter(ctx); err != nil {
		return nil, err
	}
	defer s.leave()
	var all []delivery.Hold
	refs := s.holds.claim(limit)
	err := s.view(func(tx *bbolt.Tx) error {
		for _, r := range refs {
			if intent := tx.Bucket(bucketHolds).Get(holdKey(r.created, r.id)); intent != nil {
				all = append(all, delivery.Hold{ID: r.id, Created: fromNanos(r.created), Intent: bytes.Clone(intent)})
			}
		}
		return nil
	})
	return all, err
}

// Holds implements [delivery.Archive].
func (s *Store) Holds(ctx context.Context, limit int) ([]delivery.Hold, error) {
	if err := s.enter(ctx); err != nil {
		return nil, err
	}
	defer s.leave()
	if err := s.flushed(ctx); err != nil {
		return nil, err
	}
	var all []delivery.Hold
	err := s.view(func(tx *bbolt.Tx) error {
		c := tx.Bucket(bucketHolds).Cursor()
		for k, v := c.First(); k != nil && len(all) < limit; k, v = c.Next() {
			created := fromNanos(unsortable(binary.BigEndian.Uint64(k)))
			all = append(all, delivery.Hold{ID: string(k[8:]), Created: created, Intent: bytes.Clone(v)})
		}
		return nil
	})
	return all, err
}

// Replay implements [delivery.Archive]. A delivery that is leased is being
// attempted, and stays as it is.
func (s *Store) Replay(ctx context.Context, lane string, seq uint64, due time.Time) error {
	if err := checkLane(lane); err != nil {
		return err
	}
	op := &replayOp{lane, seq, nanos(due), nanos(s.now())}
	return s.writeAndApply(ctx, encodeReplay(op))
}

// Discard implements [delivery.Archive].
func (s *Store) Discard(ctx context.Context, lane string, seq uint64, reason string) error {
	op := &discardOp{lane, seq, nanos(s.now()), reason[:min(len(reason), maxReason)]}
	return s.writeAndApply(ctx, encodeDiscard(op))
}

// writeAndApply has a record written and applied, and gives the answer.
func (s *Store) writeAndApply(ctx context.Context, frame []byte) error {
	if err := s.enter(ctx); err != nil {
		return err
	}
	defer s.leave()
	c := &call{frame: frame, applied: make(chan error, 1)}
	if err := s.write(ctx, c); err != nil {
		return err
	}
	select {
	case err := <-c.applied:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}
