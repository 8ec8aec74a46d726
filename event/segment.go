package event

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxLiteral is the longest fixed segment of a pattern, in bytes after decoding. Request segments that are longer
// cannot equal one, so that the buffer for folding fits on the stack.
const maxLiteral = 255

// folded writes segment, percent-decoded and case-folded, to buf and returns the part written. It is false if the result
// does not fit. Two segments that a case-insensitive register might take for the same one fold to the same bytes.
func folded(buf *[maxLiteral]byte, segment string) ([]byte, bool) {
	n := 0
	for i := 0; i < len(segment); {
		c, width := decodeByte(segment[i:])
		if n == maxLiteral {
			return nil, false
		}
		buf[n] = lower(c)
		n++
		i += width
	}
	for _, c := range buf[:n] {
		if c >= utf8.RuneSelf {
			return foldRunes(buf, n)
		}
	}
	return buf[:n], true
}

// foldRunes folds the first n bytes of buf in place, letters beyond ASCII included: the Kelvin sign is a k.
func foldRunes(buf *[maxLiteral]byte, n int) ([]byte, bool) {
	source := string(buf[:n])
	out := buf[:0]
	for i := 0; i < len(source); {
		r, width := utf8.DecodeRuneInString(source[i:])
		if r == utf8.RuneError && width == 1 {
			out = append(out, source[i])
			i++
			continue
		}
		i += width
		if len(out)+utf8.UTFMax > maxLiteral {
			return nil, false
		}
		out = utf8.AppendRune(out, foldRune(r))
	}
	return out, true
}

// foldRune gives one representative for all letters that differ in case only.
func foldRune(r rune) rune {
	least := r
	for other := unicode.SimpleFold(r); other != r; other = unicode.SimpleFold(other) {
		least = min(least, other)
	}
	if least < utf8.RuneSelf {
		return rune(lower(byte(least)))
	}
	return least
}

// lower is the lower-case form of an ASCII letter; other bytes stay as they are.
func lower(c byte) byte {
	if 'A' <= c && c <= 'Z' {
		return c + ('a' - 'A')
	}
	return c
}

// decodeByte reads one byte of percent-encoded text and says how many characters it took. A percent sign that starts no
// escape stands for itself.
func decodeByte(s string) (c byte, width int) {
	if s[0] == '%' && len(s) >= 3 {
		high, low := hexDigit(s[1]), hexDigit(s[2])
		if high >= 0 && low >= 0 {
			return byte(high<<4 | low), 3
		}
	}
	return s[0], 1
}

// hexDigit is the value of a hexadecimal digit, -1 for any other byte.
func hexDigit(c byte) int {
	switch {
	case '0' <= c && c <= '9':
		return int(c - '0')
	case 'a' <= c && c <= 'f':
		return int(c-'a') + 10
	case 'A' <= c && c <= 'F':
		return int(c-'A') + 10
	default:
		return -1
	}
}

// decodeSegment percent-decodes once. It allocates only if there is something to decode.
func decodeSegment(segment string) string {
	if strings.IndexByte(segment, '%') < 0 {
		return segment
	}
	out := make([]byte, 0, len(segment))
	for i := 0; i < len(segment); {
		c, width := decodeByte(segment[i:])
		out = append(out, c)
		i += width
	}
	return string(out)
}
