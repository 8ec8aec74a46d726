package strictjson

import (
	"bytes"
	"math/bits"
	"unicode/utf16"
	"unicode/utf8"
)

// Unquote gives the text of a string token, which is a value with its quotes. It reports false when token is not one
// valid string: other values, unclosed strings, invalid UTF-8, half surrogate pairs.
func Unquote(token []byte) (string, bool) {
	if len(token) < 2 || token[0] != '"' {
		return "", false
	}
	end, escaped, reason := scanString(token, 1)
	if reason != "" || end != len(token) {
		return "", false
	}
	if !escaped {
		return string(token[1 : end-1]), true
	}
	return string(appendUnescaped(make([]byte, 0, len(token)-2), token[1:end-1])), true
}

// NameIs tells whether a string token stands for name, however it is escaped. It does not allocate.
func NameIs(token []byte, name string) bool {
	if len(token) < 2 {
		return false
	}
	inner := token[1 : len(token)-1]
	if string(inner) == name {
		// A name that holds a backslash itself is written with an escape, so equal bytes would be another name.
		return bytes.IndexByte(inner, '\\') < 0
	}
	if len(inner) <= len(name) || bytes.IndexByte(inner, '\\') < 0 {
		return false
	}
	return unescapedIs(inner, name)
}

// unescapedIs compares the unescaped form of the inside of a string with text.
func unescapedIs(inner []byte, text string) bool {
	var buf [utf8.UTFMax]byte
	for i := 0; i < len(inner); {
		if inner[i] != '\\' {
			if text == "" || text[0] != inner[i] {
				return false
			}
			i, text = i+1, text[1:]
			continue
		}
		char, next := decodeEscape(inner, i)
		encoded := utf8.AppendRune(buf[:0], char)
		if len(text) < len(encoded) || text[:len(encoded)] != string(encoded) {
			return false
		}
		i, text = next, text[len(encoded):]
	}
	return text == ""
}

// appendUnescaped appends what the inside of a string stands for.
func appendUnescaped(dst, inner []byte) []byte {
	for {
		i := bytes.IndexByte(inner, '\\')
		if i < 0 {
			return append(dst, inner...)
		}
		dst = append(dst, inner[:i]...)
		char, next := decodeEscape(inner, i)
		dst = utf8.AppendRune(dst, char)
		inner = inner[next:]
	}
}

// decodeEscape gives the character that the escape at i stands for, and the position after it. What is not a valid
// escape becomes U+FFFD.
func decodeEscape(inner []byte, i int) (rune, int) {
	next, reason := scanEscape(inner, i)
	if reason != "" {
		return utf8.RuneError, min(i+2, len(inner))
	}
	switch c := inner[i+1]; c {
	case 'b':
		return '\b', next
	case 'f':
		return '\f', next
	case 'n':
		return '\n', next
	case 'r':
		return '\r', next
	case 't':
		return '\t', next
	case 'u':
		char, _ := scanUnit(inner, i)
		if next == i+12 {
			low, _ := scanUnit(inner, i+6)
			char = utf16.DecodeRune(char, low)
		}
		return char, next
	default:
		return rune(c), next
	}
}

// AppendQuote appends s as a JSON string. The result is valid JSON whatever s is: control characters, quotes and
// backslashes are escaped, and each byte that is not UTF-8 becomes U+FFFD. Characters that matter to HTML only are
// left alone.
func AppendQuote(dst []byte, s string) []byte {
	const hex = "0123456789abcdef"
	dst = append(dst, '"')
	for len(s) > 0 {
		n := plainLen(s)
		dst, s = append(dst, s[:n]...), s[n:]
		if s == "" {
			break
		}
		c := s[0]
		if c >= utf8.RuneSelf {
			char, size := utf8.DecodeRuneInString(s)
			dst, s = utf8.AppendRune(dst, char), s[size:]
			continue
		}
		s = s[1:]
		switch c {
		case '"', '\\':
			dst = append(dst, '\\', c)
		case '\n':
			dst = append(dst, '\\', 'n')
		case '\r':
			dst = append(dst, '\\', 'r')
		case '\t':
			dst = append(dst, '\\', 't')
		default:
			dst = append(dst, '\\', 'u', '0', '0', hex[c>>4], hex[c&15])
		}
	}
	return append(dst, '"')
}

// plainLen gives the length of the run of ASCII at the beginning of s that needs no escape.
func plainLen(s string) int {
	i := 0
	for ; i+8 <= len(s); i += 8 {
		word := uint64(s[i]) | uint64(s[i+1])<<8 | uint64(s[i+2])<<16 | uint64(s[i+3])<<24 |
			uint64(s[i+4])<<32 | uint64(s[i+5])<<40 | uint64(s[i+6])<<48 | uint64(s[i+7])<<56
		if odd := oddBytes(word); odd != 0 {
			return i + bits.TrailingZeros64(odd)>>3
		}
	}
	for i < len(s) && s[i] >= ' ' && s[i] < utf8.RuneSelf && s[i] != '"' && s[i] != '\\' {
		i++
	}
	return i
}
