package spool

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/voorpoort/voorpoort/delivery"
)

// keepTold is how long the local store keeps what the shared one was told of. A
// gateway that was killed has holds in the shared store that become orphans half
// a minute later; by these records the next one knows those it has settled.
const keepTold = time.Hour

// The ids of records in the local store. What settles a hold has the id of the
// hold, so that it can be found.
func (r record) id(otherwise string) string {
	switch {
	case r.Hold == "":
		return otherwise
	case len(r.Messages) == 0:
		return r.Hold + "/drop"
	}
	return r.Hold
}

// Orphans claims orphans of both stores. Those of the shared store that a record
// settles are settled by it, and not given out: nobody has to ask what became of
// their writes.
func (s *Store) Orphans(ctx context.Context, limit int) ([]delivery.Hold, error) {
	s.settleClaimed(ctx)
	orphans, err := s.local.Orphans(ctx, limit)
	if err != nil {
		return nil, err
	}
	for _, h := range orphans {
		s.holds.Store(h.ID, true)
	}
	if len(orphans) == limit {
		return orphans, nil
	}
	more, err := s.shared.Orphans(ctx, limit-len(orphans))
	for _, h := range more {
		if strings.HasPrefix(h.ID, probePrefix) || s.recorded(ctx, h.ID) != nil {
			s.claimed.Store(h.ID, true)
			continue
		}
		orphans = append(orphans, h)
	}
	s.settleClaimed(ctx)
	if len(orphans) > 0 {
		err = nil // they are given out once; the shared store can be asked again
	}
	return orphans, err
}

// Disclaim implements [delivery.Disclaimer]. What is in the local store is this
// gateway's alone.
func (s *Store) Disclaim(ctx context.Context, hold string) error {
	shared, ok := s.shared.(delivery.Disclaimer)
	if _, here := s.holds.Load(hold); here || !ok {
		return errors.ErrUnsupported
	}
	return shared.Disclaim(ctx, hold)
}

// settleClaimed ends the claimed holds whose records have been told. Those whose
// records wait are ended with them.
func (s *Store) settleClaimed(ctx context.Context) {
	s.claimed.Range(func(key, _ any) bool {
		hold, _ := key.(string)
		for _, d := range s.recorded(ctx, hold) {
			if d.State == delivery.Pending {
				return true
			}
		}
		err := s.shared.Release(ctx, hold)
		if err == nil || errors.Is(err, delivery.ErrNoHold) {
			s.claimed.Delete(hold)
		}
		return ctx.Err() == nil
	})
}

// recorded gives where the records that settle a hold stand; nil if there is
// none. If the local store cannot tell, the register is asked about the write,
// which is always right.
func (s *Store) recorded(ctx context.Context, hold string) []delivery.Delivery {
	var all []delivery.Delivery
	for _, r := range []record{{Hold: hold}, {Hold: hold, Messages: make([]delivery.Message, 1)}} {
		_, at, err := s.local.Message(ctx, Lane, r.id(""))
		if err == nil {
			all = append(all, at...)
		}
	}
	return all
}
