package local

import (
	"cmp"
	"container/heap"
	"encoding/binary"
	"slices"
	"sync"
)

// slot is a delivery's place in the schedule of its lane.
type slot struct {
	due int64
	seq uint64
}

func (s slot) compare(t slot) int {
	return cmp.Or(cmp.Compare(s.due, t.due), cmp.Compare(s.seq, t.seq))
}

// lane is what memory knows of a lane: the next of its schedule, and its leases.
// An empty lane costs a few dozen bytes.
type lane struct {
	s    *Store
	id   uint32
	name string

	mu       sync.Mutex
	window   []slot // what is due, in order, up to bound
	bound    slot   // up to here the window and taken have all that the index has
	complete bool   // behind bound too
	taken    map[uint64]*taken
	ends     ends // of the leases, earliest first
}

// taken is a delivery that is not in the window though the index has it.
type taken struct {
	seq     uint64
	state   takenState
	token   uint64
	until   int64
	attempt int
	place   int // in ends
}

type takenState byte

const (
	leased    takenState = iota + 1
	finishing            // its outcome is on its way to the index
	withdrawn            // a change of its schedule is
)

func newLane(s *Store, id uint32, name string) *lane {
	return &lane{s: s, id: id, name: name, taken: map[uint64]*taken{}}
}

// withdraw takes a delivery out of the window while its schedule is changed. It
// is false if the delivery is leased.
func (l *lane) withdraw(seq uint64) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if t := l.taken[seq]; t != nil {
		return t.state == withdrawn
	}
	l.leave(seq)
	l.taken[seq] = &taken{seq: seq, state: withdrawn}
	return true
}

// leave takes a delivery out of the window.
func (l *lane) leave(seq uint64) {
	if i := slices.IndexFunc(l.window, func(s slot) bool { return s.seq == seq }); i >= 0 {
		l.window = slices.Delete(l.window, i, i+1)
	}
}

// release ends what keeps a delivery out of the window.
func (l *lane) release(seq uint64) {
	if t := l.taken[seq]; t != nil {
		if t.state == leased {
			heap.Remove(&l.ends, t.place)
		}
		delete(l.taken, seq)
	}
}

// commit follows a change of the schedule that the index has now. sooner is
// whether the lane's earliest time may have moved forward.
func (l *lane) commit(c change) (sooner bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	t := l.taken[c.slot.seq]
	if !c.due {
		if t == nil {
			l.leave(c.slot.seq)
		}
		l.release(c.slot.seq)
		return false
	}
	if t != nil && t.state != withdrawn && !c.ended {
		return false
	}
	l.release(c.slot.seq)
	earliest, known := l.peek()
	l.insert(c.slot)
	return !known || c.slot.due < earliest
}

// peek gives the earliest time that memory knows of.
func (l *lane) peek() (earliest int64, known bool) {
	if len(l.window) > 0 {
		earliest, known = l.window[0].due, true
	} else if !l.complete {
		return 0, false
	}
	if len(l.ends) > 0 && (!known || l.ends[0].until < earliest) {
		earliest, known = l.ends[0].until, true
	}
	return earliest, known
}

// insert puts a slot in the window if it is the window's.
func (l *lane) insert(s slot) {
	if !l.complete && s.compare(l.bound) > 0 {
		return
	}
	i, found := slices.BinarySearchFunc(l.window, s, slot.compare)
	if found {
		return
	}
	l.window = slices.Insert(l.window, i, s)
	if len(l.window) > 2*windowSize {
		l.window = slices.Clone(l.window[:windowSize])
		l.bound, l.complete = l.window[windowSize-1], false
	}
}

// fill reads the next of the schedule into an empty window.
func (l *lane) fill(r *reader) {
	if len(l.window) > 0 || l.complete {
		return
	}
	from := l.bound
	next, complete := l.filed(r, windowSize)
	if l.complete = complete; !complete {
		l.bound = next[len(next)-1]
	}
	for _, e := range r.moved(l.id) {
		if s := e.slot(); e.scheduled() && s.compare(from) > 0 && (complete || s.compare(l.bound) <= 0) {
			next = append(next, s)
		}
	}
	slices.SortFunc(next, slot.compare)
	l.window = slices.DeleteFunc(next, func(s slot) bool { return l.taken[s.seq] != nil })
	if len(l.window) == 0 {
		l.fill(r) // all of them are taken: the bound has moved on
	}
}

// filed gives at most limit of what the file has behind the bound, without what
// the layers tell about; complete is whether that is all.
func (l *lane) filed(r *reader, limit int) (next []slot, complete bool) {
	b := r.bucket(bucketDue)
	if b == nil {
		return nil, true
	}
	c := b.Cursor()
	k, _ := c.Seek(dueKey(l.id, l.bound))
	for ; k != nil && binary.BigEndian.Uint32(k) == l.id; k, _ = c.Next() {
		s := slotOf(k)
		if s == l.bound || r.entry(0, place{l.id, s.seq}) != nil {
			continue
		}
		if len(next) == limit {
			return next, false
		}
		next = append(next, s)
	}
	return next, true
}

// earliest is when the next is due or a lease ends; false if there is nothing.
func (l *lane) earliest(r *reader) (int64, bool) {
	l.fill(r)
	return l.peek()
}

// leaseEnd is when the lease of a delivery ends; false if it is not leased.
func (l *lane) leaseEnd(seq uint64) (int64, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if t := l.taken[seq]; t != nil && t.state == leased {
		return t.until, true
	}
	return 0, false
}

// ends is a heap of leases.
type ends []*taken

func (e ends) Len() int { return len(e) }

func (e ends) Less(i, j int) bool {
	return slot{e[i].until, e[i].seq}.compare(slot{e[j].until, e[j].seq}) < 0
}

func (e ends) Swap(i, j int) {
	e[i], e[j] = e[j], e[i]
	e[i].place, e[j].place = i, j
}

// Push implements heap.Interface.
func (e *ends) Push(x any) {
	t := x.(*taken) //nolint:forcetypeassert // the heap has nothing else
	t.place = len(*e)
	*e = append(*e, t)
}

// Pop implements heap.Interface.
func (e *ends) Pop() any {
	old := *e
	t := old[len(old)-1]
	old[len(old)-1] = nil
	*e = old[:len(old)-1]
	return t
}
