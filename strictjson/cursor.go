package strictjson

import "math/bits"

// Cursor goes over an object's members like [Members], but tells where in the document they are. It is for those
// who copy a document around its changes.
type Cursor struct {
	doc           []byte
	name, nameEnd int  // the name with its quotes
	value         int  // the beginning of the value; 0 = there is no member
	end           int  // the end of the value; 0 = nobody has looked
	escaped       bool // there is a backslash in the name
}

// Enter gives the cursor of the object that starts at i; it is not Valid for an empty object and other values.
func Enter(doc []byte, i int) Cursor {
	c := Cursor{doc: doc}
	if i < len(doc) && doc[i] == '{' {
		c.read(skipSpace(doc, i+1))
	}
	return c
}

// Before gives a cursor that stands before the first member of the object that starts at i; it is for [Index.Seek].
func Before(doc []byte, i int) Cursor { return Cursor{doc: doc, end: i + 1} }

// Valid tells whether the cursor stands at a member.
func (c *Cursor) Valid() bool { return c.value > 0 }

// NameStart is the position of the name's opening quote.
func (c *Cursor) NameStart() int { return c.name }

// Name is the name as it is written, with its quotes.
func (c *Cursor) Name() []byte { return c.doc[c.name:c.nameEnd] }

// ValueStart is the position of the value's first byte.
func (c *Cursor) ValueStart() int { return c.value }

// ValueEnd is the position after the value. It is looked for once.
func (c *Cursor) ValueEnd() int {
	if c.end == 0 {
		c.end = Skip(c.doc, c.value)
	}
	return c.end
}

// Value is the value without surrounding whitespace.
func (c *Cursor) Value() []byte { return c.doc[c.value:c.ValueEnd()] }

// SetValueEnd tells the cursor what the caller has found out: where the value ends.
func (c *Cursor) SetValueEnd(end int) { c.end = end }

// Next goes to the next member.
func (c *Cursor) Next() {
	doc, i := c.doc, c.ValueEnd()
	if i >= len(doc) || doc[i] != ',' {
		if i = skipSpace(doc, i); i >= len(doc) || doc[i] != ',' {
			c.value = 0
			return
		}
	}
	if i++; i < len(doc) && doc[i] != '"' {
		i = skipSpace(doc, i)
	}
	c.read(i)
}

// read takes the member whose name is at i.
func (c *Cursor) read(i int) {
	c.value, c.end = 0, 0
	doc := c.doc
	if i >= len(doc) || doc[i] != '"' {
		return
	}
	c.name = i
	c.nameEnd, c.escaped = nameEnd(doc, i)
	if i = c.nameEnd; i >= len(doc) || doc[i] != ':' {
		if i = skipSpace(doc, i); i >= len(doc) || doc[i] != ':' {
			return
		}
	}
	if i++; i < len(doc) && doc[i] <= ' ' {
		i = skipSpace(doc, i)
	}
	if i < len(doc) {
		c.value = i
	}
}

// NameIs is [NameIs] for the name at the cursor.
func (c *Cursor) NameIs(name string) bool {
	if !c.escaped {
		return c.nameEnd-c.name-2 == len(name) && string(c.doc[c.name+1:c.nameEnd-1]) == name
	}
	return NameIs(c.Name(), name)
}

// nameEnd gives the end of the string whose opening quote is at i, and whether there is a backslash in it.
func nameEnd(doc []byte, i int) (end int, escaped bool) {
	for i++; i+8 <= len(doc); {
		word := load(doc, i)
		quote, slant := word^quotes, word^backslants
		odd := (((quote - ones) &^ quote) | ((slant - ones) &^ slant)) & highs
		if odd == 0 {
			i += 8
			continue
		}
		i += bits.TrailingZeros64(odd) >> 3
		if doc[i] == '"' {
			return i + 1, escaped
		}
		i, escaped = i+2, true
	}
	for i < len(doc) && doc[i] != '"' {
		if doc[i] == '\\' {
			i, escaped = i+1, true
		}
		i++
	}
	return min(i+1, len(doc)), escaped
}
