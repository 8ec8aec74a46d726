package local

import (
	"slices"
	"sync"
	"time"

	"github.com/voorpoort/voorpoort/delivery"
)

// layers are what the index does not have in its file yet. Operations change the
// young one at once. A second goroutine takes it as a whole and writes what came
// of it: a delivery that was appended, attempted and finished meanwhile is one
// row then, and was never due.
//
// The lock comes before those of lanes. Only the applying goroutine changes what
// it guards.
type layers struct {
	sync.RWMutex
	young *layer
	old   *layer // is being written; nil for none
	names string // the highest key of a name in the file; there may be none any more
	err   error  // why what was applied cannot be trusted
}

// layer is what some operations changed.
type layer struct {
	next     numbers
	at       position // in the journal
	clock    int64    // the latest time that was told; 0 to leave what is there
	size     int64    // in the backlog
	since    time.Time
	lastName string        // of the names, when they are written
	written  chan struct{} // closed when it is in the file, or cannot be
	failure  error         // then: why it is not in the file

	messages   map[uint64]*storedMessage
	fresh      []fresh // of messages, as they came
	names      map[name]struct{}
	deliveries map[place]*entry
	ofLane     map[uint32][]*entry
	lines      map[lineKey]*line
	holds      map[string]*holdOp // not released yet
	settled    [][]byte           // keys of holds that the file may have
	rows       []row
	counted    map[uint32]*counters
	lanes      []*lane // new ones
}

// numbers are the last ones that were given.
type numbers struct{ message, row, lane uint64 }

// name is what a message is known by.
type name struct{ source, id string }

// fresh is a message that was stored.
type fresh struct {
	name
	seq uint64
}

// place is a message in a lane.
type place struct {
	lane uint32
	seq  uint64
}

// entry is where a delivery stands.
type entry struct {
	place
	state delivery.State // 0 for nowhere
	record

	// before is what the file has when the layer is written.
	before struct {
		state delivery.State
		due   int64
		slot  bool // it is scheduled
	}
}

// scheduled is whether a delivery has a place in the schedule of its lane.
func (e *entry) scheduled() bool {
	return e.state == delivery.Pending && !e.flags.has(flagWaiting)
}

func (e *entry) slot() slot { return slot{e.due, e.seq} }

// row is an attempt on its way to the log.
type row struct {
	id  uint64
	raw []byte // of encodeRow
	logged
	lane uint32
}

func newLayer(next numbers) *layer {
	return &layer{
		next: next, written: make(chan struct{}),
		messages: map[uint64]*storedMessage{}, names: map[name]struct{}{},
		deliveries: map[place]*entry{}, ofLane: map[uint32][]*entry{},
		lines: map[lineKey]*line{}, holds: map[string]*holdOp{}, counted: map[uint32]*counters{},
	}
}

// empty is whether the layer changes nothing but the position.
func (l *layer) empty() bool {
	return len(l.messages) == 0 && len(l.deliveries) == 0 && len(l.holds) == 0 &&
		len(l.settled) == 0 && len(l.rows) == 0 && len(l.counted) == 0 && len(l.lanes) == 0
}

// idle is whether there is nothing to write.
func (l *layer) idle() bool { return l.at == position{} && l.empty() }

func (l *layer) put(e *entry) {
	l.deliveries[e.place] = e
	l.ofLane[e.lane] = append(l.ofLane[e.lane], e)
}

// lineKey is the line of a key in a lane.
type lineKey struct {
	lane uint32
	key  string
}

// line is what changed in the line of a key, by Seq.
type line struct {
	spots []spot
	alone bool // nothing below this layer has a part of the line
}

// spot is a place in a line.
type spot struct {
	seq   uint64
	place byte
}

// leaves is the place of what has left a line.
const leaves byte = 0xff

func (l *line) find(seq uint64) (i int, found bool) {
	if n := len(l.spots); n == 0 || l.spots[n-1].seq < seq {
		return n, false
	}
	return slices.BinarySearchFunc(l.spots, seq, func(s spot, seq uint64) int {
		return slot{0, s.seq}.compare(slot{0, seq})
	})
}

func (l *line) put(s spot) {
	i, found := l.find(s.seq)
	switch {
	case found && s.place == leaves && l.alone:
		l.spots = slices.Delete(l.spots, i, i+1)
	case found:
		l.spots[i] = s
	default:
		l.spots = slices.Insert(l.spots, i, s)
	}
}
