package strictjson

import (
	"bytes"
	"unicode/utf8"
)

// Equal tells whether two values are the same JSON value: numbers by exact value, strings by the text they stand for,
// objects regardless of the order of their members. The time is linear in the size of both where members stand in
// the same order, and at worst the size times the depth.
func Equal(a, b []byte) bool {
	a, b = trim(a), trim(b)
	if bytes.Equal(a, b) {
		return true
	}
	_, _, same := equalAt(a, 0, b, 0)
	return same
}

// equalAt compares the values at i in a and at j in b; for equal ones it gives their ends.
func equalAt(a []byte, i int, b []byte, j int) (endA, endB int, same bool) {
	kind := KindOf(a[i:])
	if kind != KindOf(b[j:]) {
		return 0, 0, false
	}
	switch kind {
	case Array:
		return equalArray(a, i, b, j)
	case Object:
		return equalObject(a, i, b, j)
	case Invalid, Null, Bool, Number, String:
	}
	endA, endB = Skip(a, i), Skip(b, j)
	x, y := a[i:endA], b[j:endB]
	same = bytes.Equal(x, y) || (kind == Number && EqualNumber(x, y)) || (kind == String && equalString(x, y))
	return endA, endB, same
}

// trim cuts whitespace from both ends.
func trim(value []byte) []byte {
	value = value[skipSpace(value, 0):]
	for len(value) > 0 && value[len(value)-1] <= ' ' {
		value = value[:len(value)-1]
	}
	return value
}

// equalString compares string tokens.
func equalString(a, b []byte) bool {
	if len(a) < 2 || len(b) < 2 {
		return false
	}
	a, b = a[1:len(a)-1], b[1:len(b)-1]
	if bytes.IndexByte(a, '\\') < 0 && bytes.IndexByte(b, '\\') < 0 {
		return false // Their bytes differ.
	}
	for len(a) > 0 && len(b) > 0 {
		var x, y rune
		x, a = nextChar(a)
		y, b = nextChar(b)
		if x != y {
			return false
		}
	}
	return len(a) == len(b)
}

// nextChar takes one character from the inside of a string.
func nextChar(inner []byte) (rune, []byte) {
	if inner[0] == '\\' {
		char, next := decodeEscape(inner, 0)
		return char, inner[next:]
	}
	char, size := utf8.DecodeRune(inner)
	return char, inner[size:]
}

// equalArray compares arrays element by element.
func equalArray(a []byte, i int, b []byte, j int) (endA, endB int, same bool) {
	x, okX := FirstElement(a, i)
	y, okY := FirstElement(b, j)
	endA, endB = x, y
	for okX && okY {
		if endA, endB, same = equalAt(a, x, b, y); !same {
			return 0, 0, false
		}
		x, okX = NextElement(a, endA)
		y, okY = NextElement(b, endB)
	}
	return closing(a, endA), closing(b, endB), okX == okY
}

// equalObject compares objects. As long as both have the same names in the same order it needs no index.
func equalObject(a []byte, i int, b []byte, j int) (endA, endB int, same bool) {
	x, y := Enter(a, i), Enter(b, j)
	endA, endB = i+1, j+1
	for x.Valid() && y.Valid() && equalToken(x.Name(), y.Name()) {
		if endA, endB, same = equalAt(a, x.value, b, y.value); !same {
			return 0, 0, false
		}
		x.end, y.end = endA, endB
		x.Next()
		y.Next()
	}
	if !x.Valid() || !y.Valid() {
		return closing(a, endA), closing(b, endB), x.Valid() == y.Valid()
	}
	if !equalUnordered(x, y) {
		return 0, 0, false
	}
	return Skip(a, i), Skip(b, j), true
}

// closing gives the position after the bracket that follows the last value of a container, which ends at i.
func closing(doc []byte, i int) int {
	return min(skipSpace(doc, i)+1, len(doc))
}

// equalToken compares string tokens that may be equal byte by byte.
func equalToken(a, b []byte) bool {
	return bytes.Equal(a, b) || equalString(a, b)
}

// equalUnordered compares the members from x on with those from y on.
func equalUnordered(x, y Cursor) bool {
	index := indexFrom(y)
	defer index.Release()
	count := 0
	for ; x.Valid(); x.Next() {
		i := index.FindAt(&x)
		if i < 0 || !Equal(x.Value(), index.Value(i)) {
			return false
		}
		count++
	}
	return count == index.Len()
}
