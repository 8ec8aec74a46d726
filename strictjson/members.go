package strictjson

import "iter"

// Members goes over an object's members in the order of the document: the name as it is written, with its quotes and
// escapes (see [NameIs] and [Unquote]), and the value without surrounding whitespace. A value that is not an
// object has no members.
func Members(obj []byte) iter.Seq2[[]byte, []byte] {
	return func(yield func(name, value []byte) bool) {
		for m := firstMember(obj, skipSpace(obj, 0)); m.ok; m = m.next(obj) {
			if m.end = Skip(obj, m.value); !yield(obj[m.name:m.nameEnd], obj[m.value:m.end]) {
				return
			}
		}
	}
}

// Elements goes over an array's elements. A value that is not an array has none.
func Elements(arr []byte) iter.Seq[[]byte] {
	return func(yield func(value []byte) bool) {
		value, ok := firstElement(arr, skipSpace(arr, 0))
		for ok {
			end := Skip(arr, value)
			if !yield(arr[value:end]) {
				return
			}
			value, ok = nextElement(arr, end)
		}
	}
}

// Cursor goes over an object's members like [Members], but tells where in the document they are. It is for
// those who copy a document around its changes.
type Cursor struct {
	doc []byte
	m   member
}

// Enter gives the cursor of the object that starts at i; it is not Valid for an empty object and other values.
func Enter(doc []byte, i int) Cursor {
	return Cursor{doc: doc, m: firstMember(doc, i)}
}

// Valid tells whether the cursor stands at a member.
func (c *Cursor) Valid() bool { return c.m.ok }

// NameStart is the position of the name's opening quote.
func (c *Cursor) NameStart() int { return c.m.name }

// Name is the name as it is written, with its quotes.
func (c *Cursor) Name() []byte { return c.doc[c.m.name:c.m.nameEnd] }

// ValueStart is the position of the value's first byte.
func (c *Cursor) ValueStart() int { return c.m.value }

// ValueEnd is the position after the value. It is looked for once.
func (c *Cursor) ValueEnd() int {
	if c.m.end == 0 {
		c.m.end = Skip(c.doc, c.m.value)
	}
	return c.m.end
}

// SetValueEnd tells the cursor what the caller has found out: where the value ends.
func (c *Cursor) SetValueEnd(end int) { c.m.end = end }

// Next goes to the next member.
func (c *Cursor) Next() { c.m = c.m.next(c.doc) }

// member is the place of one member in a document.
type member struct {
	name, nameEnd int  // the name with its quotes
	value         int  // the beginning of the value
	end           int  // the end of the value, or 0 when nobody has looked
	ok            bool // there is such a member
}

// firstMember gives the first member of the object at i.
func firstMember(doc []byte, i int) member {
	if i >= len(doc) || doc[i] != '{' {
		return member{}
	}
	return memberAt(doc, skipSpace(doc, i+1))
}

// next gives the member after m.
func (m member) next(doc []byte) member {
	if m.end == 0 {
		m.end = Skip(doc, m.value)
	}
	i := skipSpace(doc, m.end)
	if i >= len(doc) || doc[i] != ',' {
		return member{}
	}
	return memberAt(doc, skipSpace(doc, i+1))
}

// memberAt gives the member whose name is at i.
func memberAt(doc []byte, i int) member {
	if i >= len(doc) || doc[i] != '"' {
		return member{}
	}
	nameEnd := skipString(doc, i)
	colon := skipSpace(doc, nameEnd)
	if colon >= len(doc) || doc[colon] != ':' {
		return member{}
	}
	value := skipSpace(doc, colon+1)
	return member{name: i, nameEnd: nameEnd, value: value, ok: value < len(doc)}
}

// firstElement gives the position of the first element of the array at i.
func firstElement(doc []byte, i int) (int, bool) {
	if i >= len(doc) || doc[i] != '[' {
		return 0, false
	}
	i = skipSpace(doc, i+1)
	return i, i < len(doc) && doc[i] != ']'
}

// nextElement gives the position of the element after the one that ends at end.
func nextElement(doc []byte, end int) (int, bool) {
	i := skipSpace(doc, end)
	if i >= len(doc) || doc[i] != ',' {
		return 0, false
	}
	i = skipSpace(doc, i+1)
	return i, i < len(doc)
}
