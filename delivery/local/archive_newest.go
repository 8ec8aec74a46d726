package local

import (
	"bytes"
	"container/heap"
	"strings"

	"go.etcd.io/bbolt"

	"github.com/voorpoort/voorpoort/delivery"
)

// tail is the deliveries of a lane in one state that are not in the answer yet.
type tail struct {
	lane   *lane
	state  delivery.State
	prefix []byte
	c      *bbolt.Cursor
	seq    uint64 // of the newest of them
	raw    []byte
}

// set takes a key of the bucket; false is the end.
func (t *tail) set(k, v []byte) bool {
	if len(k) != len(t.prefix)+8 || !bytes.HasPrefix(k, t.prefix) {
		return false
	}
	t.seq, t.raw = seqOf(k), v
	return true
}

// tails are a heap, with the newest delivery first.
type tails []*tail

func (h tails) Len() int { return len(h) }
func (h tails) Less(i, j int) bool {
	if h[i].seq != h[j].seq {
		return h[i].seq > h[j].seq
	}
	return strings.Compare(h[i].lane.name, h[j].lane.name) < 0
}
func (h tails) Swap(i, j int) { h[i], h[j] = h[j], h[i] }
func (h *tails) Push(x any)   { *h = append(*h, x.(*tail)) } //nolint:forcetypeassert // the heap has nothing else
func (h *tails) Pop() any {
	last := (*h)[len(*h)-1]
	*h = (*h)[:len(*h)-1]
	return last
}

// newestDeliveries merges the lanes, each from its newest delivery on. A lane
// that has none in the state is not looked at, if that is counted.
func (s *Store) newestDeliveries(tx *bbolt.Tx, q delivery.DeliveryQuery, limit int) (all []delivery.Delivery, err error) {
	h, err := s.tails(tx, q)
	if err != nil {
		return nil, err
	}
	heap.Init(&h)
	for len(h) > 0 && len(all) < limit {
		t := h[0]
		r, err := decodeRecord(t.raw)
		if err != nil {
			return nil, err
		}
		m, err := s.message(tx, t.seq)
		if err != nil {
			return nil, err
		}
		if m != nil {
			all = append(all, show(t.lane.name, m, t.state, r))
		}
		if t.set(t.c.Prev()) {
			heap.Fix(&h, 0)
		} else {
			heap.Pop(&h)
		}
	}
	return all, nil
}

func (s *Store) tails(tx *bbolt.Tx, q delivery.DeliveryQuery) (h tails, err error) {
	asked := states
	if q.State != 0 {
		asked = []delivery.State{q.State}
	}
	has, err := lanesWith(tx, q)
	if err != nil {
		return nil, err
	}
	for _, l := range s.allLanes() {
		if q.Lane != "" && q.Lane != l.name || !has(l.id) {
			continue
		}
		before := ^uint64(0)
		if q.After != nil {
			if before = q.After.Seq; l.name > q.After.Lane && before > 0 {
				before++ // the one at the same place counts
			}
		}
		for _, state := range asked {
			t := &tail{lane: l, state: state, prefix: deliveryKey(l.id, state, 0)[:5], c: tx.Bucket(bucketDeliveries).Cursor()}
			if t.set(lastBefore(t.c, deliveryKey(l.id, state, before))) {
				h = append(h, t)
			}
		}
	}
	return h, nil
}

// lanesWith tells of each lane whether it may have deliveries in the query's
// state.
func lanesWith(tx *bbolt.Tx, q delivery.DeliveryQuery) (has func(lane uint32) bool, err error) {
	if q.Lane != "" || q.State != delivery.Pending && q.State != delivery.Dead && q.State != delivery.Skipped {
		return func(uint32) bool { return true }, nil
	}
	some := map[uint32]bool{}
	err = tx.Bucket(bucketStats).ForEach(func(k, v []byte) error {
		c, err := decodeCounters(v)
		n := map[delivery.State]uint64{delivery.Pending: c.Pending, delivery.Dead: c.Dead, delivery.Skipped: c.Skipped}
		if n[q.State] > 0 {
			some[laneOf(k)] = true
		}
		return err
	})
	return func(lane uint32) bool { return some[lane] }, err
}
