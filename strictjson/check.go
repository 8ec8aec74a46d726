package strictjson

import (
	"bytes"
	"sync"
	"unicode/utf8"
)

// Check tells whether doc is exactly one JSON value with exactly one meaning. It wants RFC 8259 to the letter, valid
// UTF-8 without a byte order mark, no escape of half a surrogate pair, no two members of one object with the same
// name (compared after unescaping, at any depth) and at most maxDepth nested containers (zero or less means
// DefaultMaxDepth). The error is an [*Error].
//
// A valid document costs no allocation, and the time is linear in its size whatever its names are.
func Check(doc []byte, maxDepth int) error {
	if maxDepth <= 0 {
		maxDepth = DefaultMaxDepth
	}
	c := checkers.Get().(*checker)
	offset, reason := c.document(doc, maxDepth)
	if reason == "" {
		c.release()
		return nil
	}
	failure := &Error{Offset: offset, Reason: reason}
	if reason == ReasonDuplicateName {
		failure.Name = capName(nameAt(doc, offset))
	}
	c.release()
	return failure
}

var checkers = sync.Pool{New: func() any { return new(checker) }}

// inArray is the frame of an array; an object's frame is the position of its first name.
const inArray = -1

// checker is the state of one check: the open containers and the names of the open objects.
type checker struct {
	names  nameSet
	frames []int
}

func (c *checker) release() {
	c.names.reset()
	c.frames = c.frames[:0]
	if cap(c.frames) > keptNames {
		c.frames = nil
	}
	checkers.Put(c)
}

// document checks all of doc. A value is read at the top of the outer loop; the inner loop closes the containers that
// end behind it and goes to the next value.
func (c *checker) document(doc []byte, maxDepth int) (int, Reason) {
	var reason Reason
	if bytes.HasPrefix(doc, []byte("\uFEFF")) {
		return 0, ReasonByteOrderMark
	}
	for i := 0; ; {
		if i = skipSpace(doc, i); i >= len(doc) {
			return len(doc), ReasonUnexpectedEnd
		}
		switch b := doc[i]; {
		case b == '"':
			i, _, reason = scanString(doc, i+1)
		case b == '{' || b == '[':
			if len(c.frames) >= maxDepth {
				return i, ReasonTooDeep
			}
			if i = c.open(doc, i); i >= len(doc) {
				return len(doc), ReasonUnexpectedEnd
			}
			if doc[i] == b+2 { // '{' and '}', '[' and ']' are two apart.
				break
			}
			if b == '[' {
				continue
			}
			if i, reason = c.member(doc, i); reason == "" {
				continue
			}
		case b == '-' || b-'0' <= 9:
			i, reason = scanNumber(doc, i)
		default:
			i, reason = scanLiteral(doc, i)
		}
		if reason != "" {
			return i, reason
		}
		var more bool
		if i, more, reason = c.after(doc, i); !more {
			return i, reason
		}
	}
}

// open enters the container that begins at i and gives the position of what follows its bracket.
func (c *checker) open(doc []byte, i int) int {
	frame := inArray
	if doc[i] == '{' {
		frame = len(c.names.refs)
	}
	c.frames = append(c.frames, frame)
	return skipSpace(doc, i+1)
}

// after reads what stands between a value and the next one: closing brackets, a comma and, in an object, a name. It
// reports whether there is a next value; without one and without a reason the document is complete.
func (c *checker) after(doc []byte, i int) (int, bool, Reason) {
	for {
		i = skipSpace(doc, i)
		if len(c.frames) == 0 {
			if i < len(doc) {
				return i, false, ReasonTrailingBytes
			}
			return i, false, ""
		}
		if i >= len(doc) {
			return len(doc), false, ReasonUnexpectedEnd
		}
		frame := c.frames[len(c.frames)-1]
		switch b := doc[i]; {
		case b == ',' && frame == inArray:
			return i + 1, true, ""
		case b == ',':
			next, reason := c.member(doc, skipSpace(doc, i+1))
			return next, reason == "", reason
		case b == ']' && frame == inArray:
		case b == '}' && frame != inArray:
			c.names.truncate(frame)
		default:
			return i, false, ReasonUnexpectedCharacter
		}
		c.frames = c.frames[:len(c.frames)-1]
		i++
	}
}

// member reads the name at i and the colon behind it.
func (c *checker) member(doc []byte, i int) (int, Reason) {
	if i >= len(doc) {
		return len(doc), ReasonUnexpectedEnd
	}
	if doc[i] != '"' {
		return i, ReasonUnexpectedCharacter
	}
	end, escaped, reason := scanString(doc, i+1)
	if reason != "" {
		return end, reason
	}
	if !c.names.add(doc, c.frames[len(c.frames)-1], i+1, end-i-2, escaped) {
		return i, ReasonDuplicateName
	}
	if end = skipSpace(doc, end); end >= len(doc) {
		return len(doc), ReasonUnexpectedEnd
	}
	if doc[end] != ':' {
		return end, ReasonUnexpectedCharacter
	}
	return end + 1, ""
}

// nameAt gives the unescaped name whose opening quote is at i.
func nameAt(doc []byte, i int) []byte {
	end, _, _ := scanString(doc, i+1)
	// An escape is at most six times as long as what it stands for, so the head of a huge name is enough.
	raw := doc[i+1 : end-1]
	return appendUnescaped(make([]byte, 0, min(len(raw), utf8.UTFMax*MaxErrorName)), raw)
}
