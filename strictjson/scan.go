package strictjson

import (
	"encoding/binary"
	"math/bits"
	"unicode/utf8"
)

// Words of eight equal bytes, for looking at eight bytes of a document at once.
const (
	ones       = 0x0101010101010101
	highs      = 0x8080808080808080
	spaces     = ones * ' '
	quotes     = ones * '"'
	backslants = ones * '\\'
)

// load gives eight bytes of doc; the caller guarantees that they exist.
func load(doc []byte, i int) uint64 {
	return binary.LittleEndian.Uint64(doc[i:])
}

// oddBytes marks (in the high bit of each byte) the bytes of a word that end a plain run of string characters: quote,
// backslash, control characters and everything that is not ASCII. Marks above the lowest may be false, because the
// subtractions borrow; the lowest is exact.
func oddBytes(word uint64) uint64 {
	return (((word ^ quotes) - ones) | ((word ^ backslants) - ones) | (word - spaces) | word) & highs
}

// skipSpace gives the position of the first byte at or after i that is not JSON whitespace (RFC 8259 section 2).
func skipSpace(doc []byte, i int) int {
	for i < len(doc) {
		switch doc[i] {
		case ' ', '\t', '\r':
			i++
		case '\n':
			// What follows a line feed is indentation, usually long.
			for i++; i+8 <= len(doc) && load(doc, i) == spaces; {
				i += 8
			}
		default:
			return i
		}
	}
	return i
}

// scanString reads the string whose opening quote is at i-1. It gives the position after the closing quote and
// whether there was an escape, or a reason and the position of the offending byte.
func scanString(doc []byte, i int) (end int, escaped bool, reason Reason) {
	for {
		for i+8 <= len(doc) {
			if odd := oddBytes(load(doc, i)); odd != 0 {
				i += bits.TrailingZeros64(odd) >> 3
				break
			}
			i += 8
		}
		if i >= len(doc) {
			return len(doc), escaped, ReasonUnexpectedEnd
		}
		switch c := doc[i]; {
		case c == '"':
			return i + 1, escaped, ""
		case c == '\\':
			escaped = true
			if i, reason = scanEscape(doc, i); reason != "" {
				return i, escaped, reason
			}
		case c < ' ':
			return i, escaped, ReasonControlCharacter
		case c < utf8.RuneSelf:
			i++
		default:
			n := runeLen(doc, i)
			if n == 0 {
				return i, escaped, ReasonInvalidUTF8
			}
			i += n
		}
	}
}

// runeLen gives the length of the UTF-8 sequence at i, whose first byte is not ASCII, and 0 when it is not valid.
func runeLen(doc []byte, i int) int {
	if i+1 < len(doc) && doc[i] >= 0xC2 && doc[i] <= 0xDF && doc[i+1]&0xC0 == 0x80 {
		return 2 // Two bytes: the letters with accents and most other alphabets.
	}
	if _, n := utf8.DecodeRune(doc[i:]); n > 1 {
		return n
	}
	return 0
}

// scanEscape reads the escape whose backslash is at i, a surrogate pair counting as one. It gives the position after
// it, or a reason and the position of the offending byte.
func scanEscape(doc []byte, i int) (int, Reason) {
	if i+1 >= len(doc) {
		return len(doc), ReasonUnexpectedEnd
	}
	switch doc[i+1] {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		return i + 2, ""
	case 'u':
	default:
		return i, ReasonInvalidEscape
	}
	unit, reason := scanUnit(doc, i)
	if reason != "" {
		return endOr(doc, i, reason), reason
	}
	if unit < 0xD800 || unit > 0xDFFF {
		return i + 6, ""
	}
	if unit > 0xDBFF || i+7 >= len(doc) || doc[i+6] != '\\' || doc[i+7] != 'u' {
		return i, ReasonUnpairedSurrogate
	}
	low, reason := scanUnit(doc, i+6)
	if reason != "" {
		return endOr(doc, i+6, reason), reason
	}
	if low < 0xDC00 || low > 0xDFFF {
		return i, ReasonUnpairedSurrogate
	}
	return i + 12, ""
}

// endOr gives the offset that belongs to a reason found at i.
func endOr(doc []byte, i int, reason Reason) int {
	if reason == ReasonUnexpectedEnd {
		return len(doc)
	}
	return i
}

// scanUnit reads the UTF-16 code unit written as \uXXXX at i, of which the first two bytes have been seen.
func scanUnit(doc []byte, i int) (rune, Reason) {
	var unit rune
	for k := i + 2; k < i+6; k++ {
		if k >= len(doc) {
			return 0, ReasonUnexpectedEnd
		}
		digit := hexValue(doc[k])
		if digit < 0 {
			return 0, ReasonInvalidEscape
		}
		unit = unit<<4 | digit
	}
	return unit, ""
}

// hexValue gives the value of a hexadecimal digit, or -1.
func hexValue(c byte) rune {
	switch {
	case c >= '0' && c <= '9':
		return rune(c - '0')
	case c >= 'a' && c <= 'f':
		return rune(c-'a') + 10
	case c >= 'A' && c <= 'F':
		return rune(c-'A') + 10
	}
	return -1
}

// scanNumber reads the number at i (RFC 8259 section 6): its end, or a reason and the offending position.
func scanNumber(doc []byte, i int) (int, Reason) {
	if i < len(doc) && doc[i] == '-' {
		i++
	}
	start := i
	if i = skipDigits(doc, i); i == start {
		return numberFault(doc, i)
	}
	if doc[start] == '0' && i > start+1 {
		return start, ReasonInvalidNumber // A leading zero.
	}
	if i < len(doc) && doc[i] == '.' {
		start = i + 1
		if i = skipDigits(doc, start); i == start {
			return numberFault(doc, i)
		}
	}
	if i < len(doc) && doc[i]|0x20 == 'e' {
		i++
		if i < len(doc) && (doc[i] == '+' || doc[i] == '-') {
			i++
		}
		start = i
		if i = skipDigits(doc, start); i == start {
			return numberFault(doc, i)
		}
	}
	return i, ""
}

// numberFault tells a number that is cut off from one that is wrong.
func numberFault(doc []byte, i int) (int, Reason) {
	if i >= len(doc) {
		return len(doc), ReasonUnexpectedEnd
	}
	return i, ReasonInvalidNumber
}

// skipDigits gives the position of the first byte at or after i that is not a decimal digit.
func skipDigits(doc []byte, i int) int {
	for i < len(doc) && doc[i]-'0' <= 9 {
		i++
	}
	return i
}

// scanLiteral reads null, true or false at i.
func scanLiteral(doc []byte, i int) (int, Reason) {
	literal := "null"
	switch doc[i] {
	case 'n':
	case 't':
		literal = "true"
	case 'f':
		literal = "false"
	default:
		return i, ReasonUnexpectedCharacter
	}
	for k := range len(literal) {
		if i+k >= len(doc) {
			return len(doc), ReasonUnexpectedEnd
		}
		if doc[i+k] != literal[k] {
			return i, ReasonInvalidLiteral
		}
	}
	return i + len(literal), ""
}
