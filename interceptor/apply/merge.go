package apply

import (
	"github.com/voorpoort/voorpoort/strictjson"
)

// keptBytes bounds what a pooled merger keeps.
const keptBytes = 1 << 16

// merger copies a body and changes it on the way: whatever lies between two changes is copied in one piece, and nothing
// is copied before the first change. A merger is pooled; out, the result, is not.
type merger struct {
	body     []byte
	patch    []byte
	copied   int  // the body up to here is in out or dropped
	changed  bool // out is in use
	deleting bool // null removes a member (RFC 7396)
	out      []byte
	index    *strictjson.Index // of the patch
	used     []bool            // members of the open patch objects that the body has, too
	trail    trail
	spare    [2][]byte // buffers of applyFields
}

// release gives a merger back.
func (m *merger) release() {
	m.body, m.patch, m.out, m.index = nil, nil, nil, nil
	m.copied, m.changed, m.deleting = 0, false, false
	m.used = m.used[:0]
	m.trail.reset()
	for i, buf := range m.spare {
		clear(buf[:cap(buf)]) // no body of a client stays in the pool
		if cap(buf) > keptBytes {
			m.spare[i] = nil
		}
	}
	mergers.Put(m)
}

// run merges patch into body and leaves the result in out. It reports false when body has what patch says already.
func (m *merger) run(body, patch []byte) bool {
	if strictjson.KindOf(patch) != strictjson.Object || strictjson.KindOf(body) != strictjson.Object {
		return m.replaceAll(body, patch)
	}
	return m.into(body, strictjson.Start(body), nil, patch)
}

// into merges patch, an object, into the object at i of the body, to which keys lead.
func (m *merger) into(body []byte, i int, keys []string, patch []byte) bool {
	m.body, m.patch, m.copied, m.changed = body, patch, 0, false
	m.trail.path = appendPointer(m.trail.path[:0], keys)
	m.index = strictjson.NewIndex(patch)
	m.object(i)
	m.index.Release()
	m.trail.path = m.trail.path[:0]
	if m.changed {
		m.out = append(m.out, body[m.copied:]...)
	}
	return m.changed
}

// replaceAll makes patch the body.
func (m *merger) replaceAll(body, patch []byte) bool {
	m.body, m.patch = nil, patch
	if m.deleting {
		m.begin()
		m.out = m.appendValue(m.out, patch)
		patch = m.out
	}
	if !absent(body) && strictjson.Equal(body, patch) {
		return false
	}
	if !m.deleting {
		m.begin()
		m.out = append(m.out, patch...)
	}
	m.trail.note(nil)
	return true
}

// begin makes room for the result when the first change comes.
func (m *merger) begin() {
	if m.changed {
		return
	}
	m.changed = true
	if size := len(m.body) + len(m.patch) + 1; cap(m.out) < size {
		m.out = make([]byte, 0, size)
	}
}

// upTo copies what of the body is not copied yet, up to i, and goes on at next.
func (m *merger) upTo(i, next int) {
	m.begin()
	m.out = append(m.out, m.body[m.copied:i]...)
	m.copied = next
}

// object merges the innermost object of the index into the body's object at i. It gives how far the body has been read and
// how many containers are open there: as soon as all of the patch has been found there is no need to look for the
// object's end.
func (m *merger) object(i int) (end, open int) {
	base, missing := len(m.used), m.index.Len()
	if missing == 0 {
		return i + 1, 1
	}
	for range missing {
		m.used = append(m.used, false)
	}
	members := editor{m: m, last: i + 1}
	for c := strictjson.Before(m.body, i); ; members.pass(&c) {
		k, last := m.index.Seek(&c)
		if last > 0 {
			members.last, members.kept = last, true
		}
		if k < 0 {
			break
		}
		m.used[base+k] = true
		end, open = m.member(&members, &c, k)
		if missing--; missing == 0 {
			m.used = m.used[:base]
			return end, open + 1
		}
		if open > 0 {
			c.SetValueEnd(strictjson.SkipOut(m.body, end, open))
		}
	}
	for k, used := range m.used[base:] {
		if !used {
			members.add(m.index.Name(k), m.index.Value(k))
		}
	}
	m.used = m.used[:base]
	return members.last, 1
}

// member merges the index's k-th value into the member at the cursor, and gives how far it has read.
func (m *merger) member(members *editor, c *strictjson.Cursor, k int) (end, open int) {
	start, value := c.ValueStart(), m.index.Value(k)
	if value[0] == '{' && m.body[start] == '{' {
		before := m.trail.enter(c.Name())
		m.index.Enter(m.index.ValueStart(k))
		end, open = m.object(start)
		m.index.Leave()
		m.trail.leave(before)
		return end, open
	}
	if m.deleting && value[0] == 'n' {
		members.remove(c)
		m.trail.note(c.Name())
		return c.ValueEnd(), 0
	}
	if end = c.ValueEnd(); !strictjson.Equal(m.body[start:end], value) {
		m.upTo(start, end)
		m.out = m.appendValue(m.out, value)
		m.trail.note(c.Name())
	}
	return end, 0
}

// appendValue appends a value of the patch. RFC 7396 takes members that are null out of what is added.
func (m *merger) appendValue(dst, value []byte) []byte {
	if !m.deleting || strictjson.KindOf(value) != strictjson.Object {
		return append(dst, value...)
	}
	dst = append(dst, '{')
	first := len(dst)
	for name, inner := range strictjson.Members(value) {
		if inner[0] == 'n' {
			continue
		}
		if len(dst) > first {
			dst = append(dst, ',')
		}
		dst = append(append(dst, name...), ':')
		dst = m.appendValue(dst, inner)
	}
	return append(dst, '}')
}

// editor keeps the commas of one object right while members are removed and added.
type editor struct {
	m    *merger
	last int  // end of the last member seen, or the position after the brace
	kept bool // a member that stays has been seen
	gone bool // the member at the cursor has been removed
}

// pass goes past the member at the cursor.
func (e *editor) pass(c *strictjson.Cursor) {
	e.last = c.ValueEnd()
	e.kept = e.kept || !e.gone
	e.gone = false
}

// remove takes the member at the cursor out, with the comma before it or, when none is left before it, after it.
func (e *editor) remove(c *strictjson.Cursor) {
	e.gone = true
	end := c.ValueEnd()
	if e.kept {
		e.m.upTo(e.last, end)
		return
	}
	next := *c
	if next.Next(); next.Valid() {
		end = next.NameStart()
	}
	e.m.upTo(c.NameStart(), end)
}

// add puts a member after the last one.
func (e *editor) add(name, value []byte) {
	if e.m.deleting && value[0] == 'n' {
		return
	}
	e.m.upTo(e.last, e.last)
	if e.kept {
		e.m.out = append(e.m.out, ',')
	}
	e.m.out = append(append(e.m.out, name...), ':')
	e.m.out = e.m.appendValue(e.m.out, value)
	e.m.trail.note(name)
	e.kept = true
}
