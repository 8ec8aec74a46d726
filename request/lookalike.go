package request

import (
	"strings"
	"unicode/utf8"
)

// lookAlikes are characters beside the full-width forms that compatibility
// normalisation (Unicode NFKC) or a best-fit code page turns into a character
// with a meaning in paths.
var lookAlikes = map[rune]string{
	'\u2024': ".",  // one dot leader
	'\u2025': "..", // two dot leader
	'\u2044': "/",  // fraction slash
	'\u2215': "/",  // division slash
	'\u2216': "\\", // set minus
	'\u29F5': "\\", // reverse solidus operator
	'\u29F8': "/",  // big solidus
	'\u29F9': "\\", // big reverse solidus
	'\uFE52': ".",  // small full stop
	'\uFE54': ";",  // small semicolon
	'\uFE56': "?",  // small question mark
	'\uFE5F': "#",  // small number sign
	'\uFE68': "\\", // small reverse solidus
	'\uFE6A': "%",  // small percent sign
}

// foldLookAlikes reads look-alikes and overlong UTF-8 as the ASCII that a
// careless decoder makes of them: %EF%BC%8F and %C0%AF are both a slash.
func foldLookAlikes(path string) string {
	if !strings.Contains(path, "%C") && !strings.Contains(path, "%E") && !strings.Contains(path, "%F") {
		return path
	}
	var b strings.Builder
	changed := false
	for i := 0; i < len(path); {
		ascii, length := foldAt(path[i:])
		if length == 0 {
			b.WriteByte(path[i])
			i++
			continue
		}
		b.WriteString(ascii)
		i += length
		changed = true
	}
	if !changed {
		return path
	}
	return canonical(b.String())
}

// foldAt gives the ASCII, percent-encoded, for the character at the beginning
// of a canonical path, and the length of its escapes; 0 if it is no look-alike.
func foldAt(path string) (ascii string, length int) {
	if path[0] != '%' {
		return "", 0
	}
	raw, ends, n := characterAt(path)
	if c, size := overlong(raw[:n]); size > 0 {
		return escape(string(rune(c))), ends[size-1] //nolint:gosec // size is at most that of what characterAt found ends for
	}
	r, size := utf8.DecodeRune(raw[:n])
	if 0xFF01 <= r && r <= 0xFF5E {
		return escape(string(r - 0xFEE0)), ends[size-1]
	}
	if text, ok := lookAlikes[r]; ok {
		return escape(text), ends[size-1]
	}
	return "", 0
}

// characterAt gives the up to four bytes at the beginning of a canonical path
// that could be one character, and where each one ends. A dot is the only plain
// byte that takes part: %C0%2E is a dot to some, and canonical has made the
// second half of it plain.
func characterAt(path string) (raw [utf8.UTFMax]byte, ends [utf8.UTFMax]int, n int) {
	for at := 0; n < len(raw) && at < len(path); n++ {
		switch {
		case path[at] == '%':
			raw[n] = unhex(path[at+1])<<4 | unhex(path[at+2])
			at += 3
		case path[at] == '.' && n > 0:
			raw[n] = '.'
			at++
		default:
			return raw, ends, n
		}
		ends[n] = at
	}
	return raw, ends, n
}

// overlong decodes an ASCII character written in more bytes than one, which
// UTF-8 forbids (RFC 3629 section 3). It gives the number of its bytes, or 0.
// Decoders that let it pass often do not look at the top bits of the bytes that
// follow either, so neither does this one.
func overlong(raw []byte) (c byte, size int) {
	switch {
	case len(raw) >= 2 && raw[0]&0xFE == 0xC0:
		return raw[0]&1<<6 | raw[1]&0x3F, 2
	case len(raw) >= 3 && raw[0] == 0xE0 && raw[1]&0x7E == 0:
		return raw[1]&1<<6 | raw[2]&0x3F, 3
	case len(raw) >= 4 && raw[0] == 0xF0 && raw[1]&0x7F == 0 && raw[2]&0x7E == 0:
		return raw[2]&1<<6 | raw[3]&0x3F, 4
	}
	return 0, 0
}

func escape(ascii string) string {
	var b strings.Builder
	for i := range len(ascii) {
		b.WriteByte('%')
		b.WriteByte(upperHex[ascii[i]>>4])
		b.WriteByte(upperHex[ascii[i]&15])
	}
	return b.String()
}
