package strictjson

import (
	"bytes"
	"sync"
)

// Index finds the members of one object by name: useful when many names are looked up in one object, which would take
// quadratic time with Get. It refers to the object's bytes. Indexes are pooled: Release gives one back.
// An Index may be used by one goroutine at a time.
type Index struct {
	doc     []byte
	names   nameSet
	values  [][]byte
	tokens  [][]byte
	scratch []byte
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
	for ; c.Valid(); c.Next() {
		if x.names.add(x.doc, 0, c.name+1, c.nameEnd-c.name-2, c.escaped) {
			x.tokens, x.values = append(x.tokens, c.Name()), append(x.values, c.Value())
		}
	}
	return x
}

// Len is the number of members.
func (x *Index) Len() int { return len(x.values) }

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
	return x.names.find(x.doc, 0, name)
}

// FindAt is Find for the name at a cursor, which may go over another document.
func (x *Index) FindAt(c *Cursor) int {
	if c.escaped {
		return x.Find(c.Name())
	}
	return x.names.find(x.doc, 0, c.doc[c.name+1:c.nameEnd-1])
}

// Name gives the i-th member's name as it is written, with its quotes.
func (x *Index) Name(i int) []byte { return x.tokens[i] }

// Value gives the i-th member's value.
func (x *Index) Value(i int) []byte { return x.values[i] }

// Release gives the index back; it must not be used afterwards.
func (x *Index) Release() {
	x.names.truncate(0)
	x.names.reset()
	clear(x.tokens) // Pooled memory must not keep a document alive.
	clear(x.values)
	x.doc, x.tokens, x.values = nil, x.tokens[:0], x.values[:0]
	if cap(x.values) > keptNames {
		x.tokens, x.values = nil, nil
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
