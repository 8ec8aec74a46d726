package local

import (
	"bytes"
	"context"
	"slices"
	"strings"

	"go.etcd.io/bbolt"

	"github.com/voorpoort/voorpoort/delivery"
)

// Deliveries implements [delivery.Archive].
func (s *Store) Deliveries(ctx context.Context, q delivery.DeliveryQuery) (all []delivery.Delivery, err error) {
	limit := pageSize(q.Limit)
	err = s.read(ctx, func(tx *bbolt.Tx) (err error) {
		switch {
		case q.Seq != 0:
			all, err = s.messageDeliveries(tx, q, limit)
			return err
		case q.Newest:
			all, err = s.newestDeliveries(tx, q, limit)
			return err
		}
		for _, l := range s.lanesFor(q.Lane) {
			after, ok := startIn(q, l.name)
			if !ok {
				continue
			}
			page, err := s.laneDeliveries(tx, l, q.State, after, limit-len(all))
			if err != nil {
				return err
			}
			if all = append(all, page...); len(all) == limit {
				return nil
			}
		}
		return nil
	})
	return s.withLeases(all), err
}

// startIn gives the Seq behind which a lane's part of a list begins; false if it
// has none.
func startIn(q delivery.DeliveryQuery, lane string) (after uint64, ok bool) {
	if q.Lane != "" && q.Lane != lane {
		return 0, false
	}
	if q.After == nil {
		return 0, true
	}
	switch strings.Compare(lane, q.After.Lane) {
	case -1:
		return 0, false
	case 0:
		return q.After.Seq, true
	}
	return 0, true
}

// laneDeliveries gives a page of a lane's deliveries behind a Seq.
func (s *Store) laneDeliveries(tx *bbolt.Tx, l *lane, state delivery.State, after uint64, limit int) ([]delivery.Delivery, error) {
	merged := states
	if state != 0 {
		merged = []delivery.State{state}
	}
	// At most limit of each state, of which the lowest are the page.
	type place struct {
		seq   uint64
		state delivery.State
		raw   []byte
	}
	var places []place
	for _, state := range merged {
		prefix := deliveryKey(l.id, state, 0)[:5]
		c := tx.Bucket(bucketDeliveries).Cursor()
		k, v := c.Seek(deliveryKey(l.id, state, after+1))
		for n := 0; n < limit && k != nil && bytes.HasPrefix(k, prefix); n++ {
			places = append(places, place{seqOf(k), state, v})
			k, v = c.Next()
		}
	}
	slices.SortFunc(places, func(a, b place) int { return slot{0, a.seq}.compare(slot{0, b.seq}) })
	all := make([]delivery.Delivery, 0, min(limit, len(places)))
	for _, p := range places[:min(limit, len(places))] {
		r, err := decodeRecord(p.raw)
		if err != nil {
			return nil, err
		}
		m, err := s.message(tx, p.seq)
		if err != nil {
			return nil, err
		}
		if m != nil {
			all = append(all, show(l.name, m, p.state, r))
		}
	}
	return all, nil
}

// messageDeliveries gives those of one message, by lane.
func (s *Store) messageDeliveries(tx *bbolt.Tx, q delivery.DeliveryQuery, limit int) ([]delivery.Delivery, error) {
	m, err := s.message(tx, q.Seq)
	if err != nil || m == nil {
		return nil, err
	}
	all, err := s.deliveriesOf(tx, m)
	if err != nil {
		return nil, err
	}
	all = slices.DeleteFunc(all, func(d delivery.Delivery) bool {
		return q.Lane != "" && d.Lane != q.Lane || q.State != 0 && d.State != q.State || q.After != nil && !behind(q, d.Lane, d.Seq)
	})
	return all[:min(len(all), limit)], nil
}

// behind is whether a place comes behind that where the query's page begins.
func behind(q delivery.DeliveryQuery, lane string, seq uint64) bool {
	switch {
	case !q.Newest && lane != q.After.Lane:
		return lane > q.After.Lane
	case !q.Newest:
		return seq > q.After.Seq
	case seq != q.After.Seq:
		return seq < q.After.Seq
	}
	return lane > q.After.Lane
}
