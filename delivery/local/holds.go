package local

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"slices"
	"strings"
	"sync"

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

// giveBack makes orphans again of what was claimed and could not be read.
func (h *holds) giveBack(refs []holdRef) {
	h.mu.Lock()
	defer h.mu.Unlock()
	ids := make([]string, len(refs), len(refs)+len(h.orphans))
	for i, r := range refs {
		ids[i] = r.id
	}
	h.orphans = append(ids, h.orphans...)
}

type holdRef struct {
	id      string
	created int64
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
	if err != nil {
		s.holds.giveBack(refs)
		return nil, err
	}
	return all, nil
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
