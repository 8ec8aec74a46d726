package local

import (
	"bytes"

	"go.etcd.io/bbolt"

	"github.com/voorpoort/voorpoort/delivery"
)

// Places in the line of a key. At most one delivery of a key is in front: it is
// scheduled, and leased in its turn. It is the first of the line, except while
// one with a lower Seq was replayed during its call.
const (
	waits byte = iota
	inFront
	parks // a dead letter that those behind it wait for
)

// line puts a delivery in the line of its key. Only a new first can be put in
// front; all others have somebody before them.
func (b *batch) line(l *lane, key string, seq uint64) {
	first, _ := b.first(l, key)
	b.spot(l, key, seq, waits)
	if first == 0 || seq <= first {
		b.advanceLine(l, key)
	}
}

// spot gives a delivery a place in the line of its key.
func (b *batch) spot(l *lane, key string, seq uint64, at byte) {
	k := lineKey{l.id, key}
	changed := b.young.lines[k]
	if changed == nil {
		changed = &line{alone: b.alone(k)}
		b.young.lines[k] = changed
	}
	changed.put(spot{seq, at})
}

// alone is whether nobody of a line is below the young layer.
func (b *batch) alone(k lineKey) bool {
	if old := b.layers[1]; old != nil && old.lines[k] != nil {
		return false
	}
	prefix := orderPrefix(k.lane, k.key)
	c := b.spots()
	if c == nil {
		return false
	}
	found, _ := c.Seek(prefix)
	return !inLine(found, prefix)
}

// spots gives a cursor of the lines in the file; nil after a failure.
func (b *batch) spots() *bbolt.Cursor {
	bucket := b.bucket(bucketOrder)
	if bucket == nil {
		return nil
	}
	return bucket.Cursor()
}

func inLine(k, prefix []byte) bool {
	return len(k) == len(prefix)+8 && bytes.HasPrefix(k, prefix)
}

// unline takes a delivery out of the line of its key.
func (b *batch) unline(l *lane, seq uint64, key string) {
	if key != "" {
		b.spot(l, key, seq, leaves)
		b.advanceLine(l, key)
	}
}

// advanceLine puts the first of a line in front, unless it is parked or the one
// in front is being attempted. Behind one that is parked nothing is in front.
func (b *batch) advanceLine(l *lane, key string) {
	first, at := b.first(l, key)
	if first == 0 || at != waits {
		return
	}
	if front := b.front(l, key); front != 0 {
		if !l.withdraw(front) {
			return
		}
		b.step(l, key, front, waits)
	}
	b.step(l, key, first, inFront)
}

// first gives the beginning of a line; Seq is 0 if nobody is in it.
func (b *batch) first(l *lane, key string) (seq uint64, at byte) {
	b.walk(lineKey{l.id, key}, func(s spot) bool {
		seq, at = s.seq, s.place
		return false
	})
	return seq, at
}

// front gives the Seq of the one in front, or 0.
func (b *batch) front(l *lane, key string) (seq uint64) {
	b.walk(lineKey{l.id, key}, func(s spot) bool {
		if s.place == inFront {
			seq = s.seq
		}
		return seq == 0
	})
	return seq
}

// step moves a pending delivery to the front of its line, or back.
func (b *batch) step(l *lane, key string, seq uint64, at byte) {
	e := b.entry(place{l.id, seq})
	if e.state != delivery.Pending {
		b.note(errDecode)
		return
	}
	b.spot(l, key, seq, at)
	if at == inFront {
		e.flags &^= flagWaiting
		b.schedule(l, e.slot())
		return
	}
	e.flags |= flagWaiting
	b.unschedule(l, e.slot())
}

// walk gives those in a line by Seq, until each is false.
func (b *batch) walk(k lineKey, each func(s spot) bool) {
	var parts [2][]spot
	alone := false
	for i, l := range b.layers {
		if l == nil || l.lines[k] == nil {
			continue
		}
		parts[i] = l.lines[k].spots
		alone = l.lines[k].alone
		if alone {
			break
		}
	}
	f := fileLine{prefix: orderPrefix(k.lane, k.key)}
	if !alone {
		f.seek(b.spots())
	}
	for {
		s, ok := next(&parts, &f)
		if !ok || s.place != leaves && !each(s) {
			return
		}
	}
}

// next gives the lowest of a line's parts. The first part that has it tells its
// place.
func next(parts *[2][]spot, f *fileLine) (s spot, ok bool) {
	for _, p := range parts {
		if len(p) > 0 && (!ok || p[0].seq < s.seq) {
			s, ok = p[0], true
		}
	}
	if f.ok && (!ok || f.at.seq < s.seq) {
		s, ok = f.at, true
	}
	for i, p := range parts {
		if len(p) > 0 && p[0].seq == s.seq {
			parts[i] = p[1:]
		}
	}
	if f.ok && f.at.seq == s.seq {
		f.next()
	}
	return s, ok
}

// fileLine is the part of a line that is in the file.
type fileLine struct {
	prefix []byte
	c      *bbolt.Cursor
	at     spot
	ok     bool
}

func (f *fileLine) seek(c *bbolt.Cursor) {
	if f.c = c; c != nil {
		f.set(c.Seek(f.prefix))
	}
}

func (f *fileLine) next() { f.set(f.c.Next()) }

func (f *fileLine) set(k, v []byte) {
	if f.ok = inLine(k, f.prefix) && len(v) == 1; f.ok {
		f.at = spot{seqOf(k), v[0]}
	}
}
