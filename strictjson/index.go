package strictjson

import (
	"bytes"
	"encoding/binary"
	"math/bits"
	"sync"
)

// Index finds the members of an object by name: useful when many names are looked up in one object, which would take
// quadratic time with Get. It refers to the document's bytes. Indexes are pooled: Release gives one back.
// An Index may be used by one goroutine at a time.
//
// Enter goes into an object inside, and Leave comes back: all other methods are about the innermost object. That is
// for those who go through two documents at once, and it spares them an index for each object.
type Index struct {
	doc     []byte
	names   nameSet
	members []indexed
	filter  uint64 // see filterBit
	first   int    // where the innermost object's members begin
	outer   []indexFrame
	scratch []byte
}

// indexed is the place of a member.
type indexed struct{ name, nameEnd, value, end int }

// indexFrame is what Leave comes back to.
type indexFrame struct {
	first  int
	filter uint64
}

var indexes = sync.Pool{New: func() any { return new(Index) }}

// NewIndex indexes an object; any other value gives an empty index.
func NewIndex(obj []byte) *Index {
	return indexFrom(Enter(obj, skipSpace(obj, 0)))
}

// indexFrom indexes the members from the cursor on.
func indexFrom(c Cursor) *Index {
	x := indexes.Get().(*Index)
	x.doc = c.doc
	x.fill(c)
	return x
}

// fill indexes the members from the cursor on.
func (x *Index) fill(c Cursor) {
	for ; c.Valid(); c.Next() {
		if !x.names.add(x.doc, x.first, c.name+1, c.nameEnd-c.name-2, c.escaped) {
			continue
		}
		x.members = append(x.members, indexed{c.name, c.nameEnd, c.value, c.ValueEnd()})
		x.filter |= filterBit(nameHead(x.names.name(x.doc, len(x.members)-1)))
	}
}

// Enter indexes the object that starts at i of the same document; another value has no members.
func (x *Index) Enter(i int) {
	x.outer = append(x.outer, indexFrame{x.first, x.filter})
	x.first, x.filter = len(x.members), 0
	x.fill(Enter(x.doc, i))
}

// Leave forgets the innermost object, which must have been entered.
func (x *Index) Leave() {
	x.names.truncate(x.first)
	x.members = x.members[:x.first]
	last := len(x.outer) - 1
	x.first, x.filter = x.outer[last].first, x.outer[last].filter
	x.outer = x.outer[:last]
}

// Len is the number of members.
func (x *Index) Len() int { return len(x.members) - x.first }

// Find gives the position of the member whose name the string token stands for, however it is escaped, or -1.
// Positions follow the order of the document.
func (x *Index) Find(token []byte) int {
	if len(token) < 2 {
		return -1
	}
	name := token[1 : len(token)-1]
	if hasEscape(token) {
		x.scratch = appendUnescaped(x.scratch[:0], name)
		name = x.scratch
	}
	return x.find(name)
}

// FindAt is Find for the name at a cursor, which may go over another document.
func (x *Index) FindAt(c *Cursor) int {
	if c.escaped {
		return x.Find(c.Name())
	}
	return x.find(c.doc[c.name+1 : c.nameEnd-1])
}

// find gives the position of the member with an unescaped name, or -1.
func (x *Index) find(name []byte) int {
	return max(x.names.find(x.doc, x.first, name)-x.first, -1)
}

// Name gives the i-th member's name as it is written, with its quotes.
func (x *Index) Name(i int) []byte {
	m := &x.members[x.first+i]
	return x.doc[m.name:m.nameEnd]
}

// Value gives the i-th member's value.
func (x *Index) Value(i int) []byte {
	m := &x.members[x.first+i]
	return x.doc[m.value:m.end]
}

// ValueStart gives the position of the i-th member's value.
func (x *Index) ValueStart(i int) int { return x.members[x.first+i].value }

// Release gives the index back; it must not be used afterwards.
func (x *Index) Release() {
	for len(x.outer) > 0 {
		x.Leave()
	}
	x.names.truncate(0)
	x.names.reset()
	x.doc, x.members, x.filter = nil, x.members[:0], 0
	if cap(x.members) > keptNames {
		x.members = nil
	}
	if cap(x.scratch) > keptBytes {
		x.scratch = nil
	}
	indexes.Put(x)
}

// hasEscape tells whether a string token holds a backslash.
func hasEscape(token []byte) bool {
	return bytes.IndexByte(token, '\\') >= 0
}

// nameHead gives the first eight bytes of an unescaped name as a word, filled up with zeros.
func nameHead(name []byte) uint64 {
	if len(name) >= 8 {
		return load(name, 0)
	}
	var head [8]byte
	copy(head[:], name)
	return binary.LittleEndian.Uint64(head[:])
}

// filterBit gives one of 64 bits to a name: a name whose bit no member has is not among them, and most names are told
// apart by that.
func filterBit(head uint64) uint64 { return 1 << (head * mixA >> 58) }

// Seek moves the cursor, which may go over another document, behind the member where it stands and to the next one
// whose name the index has. It gives the position of that one in the index, or -1 when there is none, and then the
// cursor is not Valid. last is the end of the last member that was passed, and 0 when none was.
func (x *Index) Seek(c *Cursor) (k, last int) {
	doc, i := c.doc, c.ValueEnd()
	for {
		if i < len(doc) && doc[i] == ',' {
			i++
		}
		if i < len(doc) && doc[i] != '"' {
			if i = skipSpace(doc, i); i < len(doc) && doc[i] == ',' {
				i = skipSpace(doc, i+1)
			}
		}
		if i >= len(doc) || doc[i] != '"' {
			c.value = 0
			return -1, last
		}
		name := i
		head, end, escaped := readName(doc, i)
		if i = end; i < len(doc) && doc[i] != ':' {
			i = skipSpace(doc, i)
		}
		if i++; i < len(doc) && doc[i] <= ' ' {
			i = skipSpace(doc, i)
		}
		if i >= len(doc) {
			c.value = 0
			return -1, last
		}
		if escaped || x.filter&filterBit(head) != 0 {
			c.name, c.nameEnd, c.escaped, c.value, c.end = name, end, escaped, i, 0
			if k = x.FindAt(c); k >= 0 {
				return k, last
			}
		}
		i = Skip(doc, i)
		last = i
	}
}

// readName reads the name at i: its head as nameHead gives it, which means nothing when there is an escape, and its end.
func readName(doc []byte, i int) (head uint64, end int, escaped bool) {
	if i+9 > len(doc) {
		end, escaped = nameEnd(doc, i)
		return nameHead(doc[i+1 : max(end-1, i+1)]), end, escaped
	}
	word := load(doc, i+1)
	quote, slant := word^quotes, word^backslants
	odd := (((quote - ones) &^ quote) | ((slant - ones) &^ slant)) & highs
	if odd == 0 {
		end, escaped = nameEnd(doc, i+8)
		return word, end, escaped
	}
	if n := bits.TrailingZeros64(odd) >> 3; doc[i+1+n] == '"' {
		return word & (1<<(8*n) - 1), i + n + 2, false
	}
	end, escaped = nameEnd(doc, i)
	return 0, end, escaped
}
