package strictjson

import (
	"bytes"
	"unicode/utf8"
)

// Equal tells whether two values are the same JSON value: numbers by exact value, strings by the text they stand for,
// objects regardless of the order of their members. It is linear in the size of both.
func Equal(a, b []byte) bool {
	a, b = trim(a), trim(b)
	if bytes.Equal(a, b) {
		return true
	}
	kind := KindOf(a)
	if kind != KindOf(b) {
		return false
	}
	switch kind {
	case Number:
		return EqualNumber(a, b)
	case String:
		return equalString(a, b)
	case Array:
		return equalArray(a, b)
	case Object:
		return equalObject(a, b)
	case Null, Bool, Invalid:
	}
	return false // Equal bytes were seen above.
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
func equalArray(a, b []byte) bool {
	x, okX := firstElement(a, 0)
	y, okY := firstElement(b, 0)
	for okX && okY {
		endX, endY := Skip(a, x), Skip(b, y)
		if !Equal(a[x:endX], b[y:endY]) {
			return false
		}
		x, okX = nextElement(a, endX)
		y, okY = nextElement(b, endY)
	}
	return okX == okY
}

// equalObject compares objects. As long as both have the same names in the same order it needs no index.
func equalObject(a, b []byte) bool {
	x, y := firstMember(a, 0), firstMember(b, 0)
	for x.ok && y.ok && equalToken(a[x.name:x.nameEnd], b[y.name:y.nameEnd]) {
		x.end, y.end = Skip(a, x.value), Skip(b, y.value)
		if !Equal(a[x.value:x.end], b[y.value:y.end]) {
			return false
		}
		x, y = x.next(a), y.next(b)
	}
	if !x.ok || !y.ok {
		return x.ok == y.ok
	}
	return equalUnordered(a, b, x, y)
}

// equalToken compares string tokens that may be equal byte by byte.
func equalToken(a, b []byte) bool {
	return bytes.Equal(a, b) || equalString(a, b)
}

// equalUnordered compares the members of a from x on with those of b from y on.
func equalUnordered(a, b []byte, x, y member) bool {
	index := indexFrom(b, y)
	defer index.Release()
	count := 0
	for ; x.ok; x = x.next(a) {
		x.end = Skip(a, x.value)
		i := index.Find(a[x.name:x.nameEnd])
		if i < 0 || !Equal(a[x.value:x.end], index.Value(i)) {
			return false
		}
		count++
	}
	return count == index.Len()
}
