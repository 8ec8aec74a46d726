package spool

import (
	"context"
	"crypto/rand"
	"time"

	"github.com/voorpoort/voorpoort/delivery"
)

// maxRefusals is how often in a row the shared store may refuse a record while
// it does other work, before the record is put aside and the next one has its
// turn.
const maxRefusals = 5

// refusals counts those of the record that is the first in the line.
type refusals struct {
	seq uint64
	n   int
}

// another counts one more and tells whether the record is refused for good.
func (r *refusals) another(seq uint64) bool {
	if r.seq != seq {
		*r = refusals{seq: seq}
	}
	r.n++
	return r.n >= maxRefusals
}

// take moves a record: to the shared store or, if that will never have it, aside.
// An error leaves it in its place.
func (s *Store) take(ctx context.Context, m *delivery.Message) error {
	r, err := decode(m.Event)
	if err != nil {
		return s.setAside(m, m.Event, err)
	}
	if err = s.tell(ctx, r); err == nil || ctx.Err() != nil {
		return err
	}
	switch {
	case s.probe(ctx) != nil: // it is not the record's fault
		s.refused = refusals{}
		return err
	case !s.refused.another(m.Seq):
		return err
	}
	return s.split(ctx, m, r)
}

// split tells the messages of a record that was refused one by one, and puts
// those aside that are refused again.
func (s *Store) split(ctx context.Context, m *delivery.Message, r record) error {
	bad := record{Hold: r.Hold}
	var why error
	refused := func(part record) (bool, error) {
		err := s.tell(ctx, part)
		if err == nil {
			return false, nil
		}
		if ctx.Err() != nil || s.probe(ctx) != nil {
			return false, err
		}
		why, bad.Why = err, err.Error()
		return true, nil
	}
	for _, one := range r.Messages {
		no, err := refused(record{Messages: []delivery.Message{one}})
		if err != nil {
			return err
		}
		if no {
			bad.Messages = append(bad.Messages, one)
		}
	}
	if r.Hold != "" { // its write is told, or aside: nobody is to ask the register about it
		if _, err := refused(record{Hold: r.Hold}); err != nil {
			return err
		}
	}
	if why == nil {
		return nil
	}
	data, err := bad.encode()
	if err != nil {
		return err
	}
	return s.setAside(m, data, why)
}

// probePrefix begins the ids of holds that only try whether the shared store
// works.
const probePrefix = "spool-probe-"

// probe lets the shared store do some work that takes next to nothing: it writes
// a hold and takes it back.
func (s *Store) probe(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, sharedPatience)
	defer cancel()
	h := delivery.Hold{ID: probePrefix + rand.Text(), Created: time.Now()}
	if err := s.shared.Hold(ctx, h); err != nil {
		return err
	}
	err := s.shared.Release(ctx, h.ID)
	if err != nil {
		s.claimed.Store(h.ID, true) // it is ended later
	}
	return err
}
