package local

import (
	"container/heap"
	"sync"
	"time"

	"go.etcd.io/bbolt"

	"github.com/voorpoort/voorpoort/delivery"
)

const (
	// clockSlack is how far the clock may go back before it counts: less is what
	// keeps a clock right, and delays nothing by more.
	clockSlack = 2 * time.Second

	// clockLook is how often the store looks at the clock when nobody asks it
	// for anything.
	clockLook = 5 * time.Second

	// clockStep is how many deliveries one transaction looks at.
	clockStep = 5000
)

// clock tells the time, and notices when it was set back. What is due at a time
// that was reckoned from a later now would wait for as long as the clock went
// back; it is reckoned again from the present.
type clock struct {
	mu     sync.Mutex
	latest int64 // that was told; 0 for none
	behind bool  // the index has times that were reckoned before the clock went back
}

// back is by how much the clock was set back; 0 for not.
func (c *clock) back(now int64) (step int64) {
	if step = c.latest - now; step <= int64(clockSlack) {
		c.latest = max(c.latest, now)
		return 0
	}
	c.latest, c.behind = now, true
	return step
}

// told is the latest time, for the index; 0 while it must not forget an earlier
// one.
func (c *clock) told() int64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.behind {
		return 0
	}
	return c.latest
}

// time tells the time. If the clock was set back leases follow at once, and the
// index as soon as it can.
func (s *Store) time() time.Time {
	now := s.now()
	s.clock.mu.Lock()
	defer s.clock.mu.Unlock()
	if step := s.clock.back(nanos(now)); step > 0 {
		for _, l := range s.allLanes() {
			l.shift(step)
		}
		_ = s.applier.add(task{file: &clockOp{now: nanos(now)}, urgent: true})
	}
	return now
}

// shift has the leases of a lane end earlier.
func (l *lane) shift(step int64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, t := range l.ends {
		t.until -= step
	}
	heap.Init(&l.ends)
}

// forget has memory read a lane's schedule from the index again.
func (l *lane) forget() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.window, l.bound, l.complete = nil, slot{}, false
}

// clockOp reckons the times of pending deliveries again.
type clockOp struct {
	now   int64
	from  []byte
	ended bool
}

func (op *clockOp) write(t *tables) error {
	var changed, due []mutation
	c := t.bucket(bucketDeliveries).Cursor()
	k, v := c.Seek(op.from)
	for n := 0; k != nil && n < clockStep; n++ {
		if delivery.State(k[4]) == delivery.Pending {
			r, err := decodeRecord(v)
			t.note(err)
			before := dueKey(laneOf(k), slot{r.due, seqOf(k)})
			if r.reckon(op.now) {
				key := append([]byte(nil), k...)
				changed = append(changed, mutation{key: key, value: r.encode()})
				if !r.flags.has(flagWaiting) {
					due = append(due, mutation{key: before, delete: true})
					due = append(due, mutation{key: dueKey(laneOf(k), slot{r.due, seqOf(k)})})
				}
			}
		}
		k, v = c.Next()
	}
	op.from = append([]byte(nil), k...)
	t.write(bucketDeliveries, changed)
	t.write(bucketDue, due)
	if op.ended = len(op.from) == 0; op.ended {
		t.put(bucketMeta, keyClock, appendInt(nil, op.now))
	}
	return t.err
}

// reckon moves what was reckoned from a later time; false if it was not.
func (r *record) reckon(now int64) bool {
	if r.asked <= now {
		return false
	}
	r.due = now + max(0, r.due-r.asked)
	r.first = min(r.first, r.due)
	r.asked = now
	return true
}

// written has memory follow when all is written.
func (op *clockOp) written(s *Store) (again bool) {
	if !op.ended {
		return true
	}
	s.clock.mu.Lock()
	s.clock.behind = s.clock.latest < op.now // it was set back again
	s.clock.mu.Unlock()
	for _, l := range s.allLanes() {
		l.forget()
	}
	for _, w := range s.allWatchers() {
		_ = s.survey(w)
	}
	return false
}

// restoreClock reckons times again if the clock was set back while the store was
// not open.
func (s *Store) restoreClock() error {
	now := nanos(s.now())
	if s.clock.back(now) == 0 {
		return nil
	}
	for op := (&clockOp{now: now}); ; {
		if err := s.transact(op.write); err != nil {
			return err
		}
		if !op.written(s) {
			return nil
		}
	}
}

func loadClock(tx *bbolt.Tx) int64 {
	d := &decoder{b: tx.Bucket(bucketMeta).Get(keyClock)}
	return d.int()
}
