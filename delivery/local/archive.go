package local

import (
	"context"
	"encoding/binary"
	"slices"
	"strings"

	"go.etcd.io/bbolt"

	"github.com/voorpoort/voorpoort/delivery"
)

// A page has pageDefault rows unless the query says another number, and at most
// pageMost.
const (
	pageDefault = 50
	pageMost    = 1000
)

func pageSize(limit int) int {
	if limit <= 0 {
		return pageDefault
	}
	return min(limit, pageMost)
}

// read makes a call that reads the index, after all that was acknowledged.
func (s *Store) read(ctx context.Context, do func(tx *bbolt.Tx) error) error {
	if err := s.enter(ctx); err != nil {
		return err
	}
	defer s.leave()
	if err := s.flushed(ctx); err != nil {
		return err
	}
	return s.view(do)
}

// Message implements [delivery.Archive].
func (s *Store) Message(ctx context.Context, source, id string) (m *delivery.Message, all []delivery.Delivery, err error) {
	err = s.read(ctx, func(tx *bbolt.Tx) error {
		raw := tx.Bucket(bucketNames).Get(nameKey(source, id))
		if raw == nil {
			return delivery.ErrNotFound
		}
		seq := seqOf(raw)
		if m, err = s.message(tx, seq); err != nil {
			return err
		}
		if m == nil {
			return delivery.ErrNotFound
		}
		all, err = s.deliveriesOf(tx, m)
		return err
	})
	if err != nil {
		return nil, nil, err
	}
	return m, s.withLeases(all), nil
}

// deliveriesOf gives the deliveries of a message by lane.
func (s *Store) deliveriesOf(tx *bbolt.Tx, m *delivery.Message) ([]delivery.Delivery, error) {
	stored, err := decodeStored(tx.Bucket(bucketMessages).Get(seqKey(m.Seq)))
	if err != nil {
		return nil, err
	}
	names := s.laneNames()
	all := make([]delivery.Delivery, 0, len(stored.lanes))
	for _, lane := range stored.lanes {
		r, state, err := find(tx.Bucket(bucketDeliveries), lane, m.Seq)
		if err != nil {
			return nil, err
		}
		if state != 0 {
			all = append(all, show(names[lane], m, state, r))
		}
	}
	slices.SortFunc(all, func(a, b delivery.Delivery) int { return strings.Compare(a.Lane, b.Lane) })
	return all, nil
}

func (s *Store) laneNames() map[uint32]string {
	s.lanes.RLock()
	defer s.lanes.RUnlock()
	names := make(map[uint32]string, len(s.lanes.all))
	for name, l := range s.lanes.all {
		names[l.id] = name
	}
	return names
}

func show(lane string, m *delivery.Message, state delivery.State, r record) delivery.Delivery {
	d := delivery.Delivery{
		Lane: lane, Seq: m.Seq, Message: m, State: state, Attempts: r.attempts,
		Key: r.key, Changed: fromNanos(r.changed), Stamp: r.changed, Reason: r.reason,
	}
	if state == delivery.Pending {
		d.Due, d.Waiting = fromNanos(r.due), r.flags.has(flagWaiting)
	}
	return d
}

// withLeases has leased deliveries due at the end of their leases, which only
// memory knows. It takes locks of lanes, which comes before reading the index.
func (s *Store) withLeases(all []delivery.Delivery) []delivery.Delivery {
	for i := range all {
		d := &all[i]
		if d.State != delivery.Pending || d.Waiting {
			continue
		}
		if l := s.lane(d.Lane); l != nil {
			if until, ok := l.leaseEnd(d.Seq); ok {
				d.Due = fromNanos(until)
			}
		}
	}
	return all
}

// Stats implements [delivery.Archive].
func (s *Store) Stats(ctx context.Context, lane string) (st delivery.Stats, err error) {
	if err := s.enter(ctx); err != nil {
		return st, err
	}
	defer s.leave()
	if err := s.applied(ctx); err != nil {
		return st, err
	}
	if l := s.lane(lane); l != nil {
		err = s.reading(func(r *reader) { st = r.counters(l.id).Stats })
	}
	return st, err
}

func loadCounters(tx *bbolt.Tx, lane uint32) (counters, error) {
	raw := tx.Bucket(bucketStats).Get(binary.BigEndian.AppendUint32(nil, lane))
	if raw == nil {
		return counters{}, nil
	}
	return decodeCounters(raw)
}
