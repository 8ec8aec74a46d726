package local

import (
	"bytes"
	"container/heap"

	"go.etcd.io/bbolt"

	"github.com/voorpoort/voorpoort/delivery"
)

// tail is the deliveries of a lane in one state that are not in the answer yet.
type tail struct {
	lane  *lane
	state delivery.State
	seq   uint64 // of the newest of them
	raw   []byte
}

// back goes to the newest delivery before a Seq; false is the end. All tails
// share one cursor: there may be very many, of which a page needs few.
func (t *tail) back(c *bbolt.Cursor, before uint64) bool {
	key := deliveryKey(t.lane.id, t.state, before)
	k, v := lastBefore(c, key)
	if len(k) != len(key) || !bytes.HasPrefix(k, key[:len(key)-8]) {
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
	return h[i].lane.name < h[j].lane.name
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
	c := tx.Bucket(bucketDeliveries).Cursor()
	h, err := s.tails(tx, c, q)
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
		if t.back(c, t.seq) {
			heap.Fix(&h, 0)
		} else {
			heap.Pop(&h)
		}
	}
	return all, nil
}

func (s *Store) tails(tx *bbolt.Tx, c *bbolt.Cursor, q delivery.DeliveryQuery) (h tails, err error) {
	asked := states
	if q.State != 0 {
		asked = []delivery.State{q.State}
	}
	has, err := lanesWith(tx, q)
	if err != nil {
		return nil, err
	}
	for _, l := range s.lanesFor(q.Lane) {
		if !has(l.id) {
			continue
		}
		before := ^uint64(0)
		if q.After != nil {
			if before = q.After.Seq; l.name > q.After.Lane && before > 0 {
				before++ // the one at the same place counts
			}
		}
		for _, state := range asked {
			if t := (&tail{lane: l, state: state}); t.back(c, before) {
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
		n := c.Pending
		switch q.State {
		case delivery.Dead:
			n = c.Dead
		case delivery.Skipped:
			n = c.Skipped
		default:
		}
		if n > 0 {
			some[laneOf(k)] = true
		}
		return err
	})
	return func(lane uint32) bool { return some[lane] }, err
}
