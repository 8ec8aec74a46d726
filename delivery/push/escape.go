package push

import (
	"bytes"
	"slices"
	"strconv"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"
)

// unescaped is what a text says in which escapes of JSON are undone, and where
// each byte of it comes from.
type unescaped struct {
	text     []byte
	from, to []int // of the bytes or the escape in the text as it came
}

// unescape undoes the escapes of a text so many times; nil if there are none left
// before that. The text need not be JSON: what is no escape stands for itself.
func unescape(text []byte, times int) *unescaped {
	u := &unescaped{text: text, from: make([]int, len(text)), to: make([]int, len(text))}
	for i := range text {
		u.from[i], u.to[i] = i, i+1
	}
	for range times {
		if bytes.IndexByte(u.text, '\\') < 0 {
			return nil
		}
		u.once()
	}
	return u
}

func (u *unescaped) once() {
	out := unescaped{text: make([]byte, 0, len(u.text)), from: u.from[:0], to: u.to[:0]} // it only gets shorter
	for i := 0; i < len(u.text); {
		plain, size := readEscape(u.text[i:])
		from, to := u.from[i], u.to[i+size-1]
		for range plain {
			out.from, out.to = append(out.from, from), append(out.to, to)
		}
		out.text = append(out.text, plain...)
		i += size
	}
	*u = out
}

// line is the text as [delivery.Line] shows it, with a space for what can't be
// printed; the text itself if nothing of that is in it.
func (u *unescaped) line() *unescaped {
	if !bytes.ContainsFunc(u.text, unprintable) {
		return u
	}
	out := unescaped{text: make([]byte, 0, len(u.text))}
	for i := 0; i < len(u.text); {
		r, size := utf8.DecodeRune(u.text[i:])
		from, to, shown := u.from[i:i+size], u.to[i:i+size], u.text[i:i+size]
		if unprintable(r) {
			from, to, shown = from[:1], to[size-1:], []byte{' '}
		}
		out.text = append(out.text, shown...)
		out.from, out.to = append(out.from, from...), append(out.to, to...)
		i += size
	}
	return &out
}

func unprintable(r rune) bool { return !unicode.IsPrint(r) }

// readEscape gives what the first character of a text stands for, and how many
// bytes it takes: at least as many as it stands for.
func readEscape(text []byte) (plain []byte, size int) {
	if text[0] != '\\' || len(text) < 2 {
		return text[:1], 1
	}
	if i := bytes.IndexByte([]byte(`"\/bfnrt`), text[1]); i >= 0 {
		return []byte{"\"\\/\b\f\n\r\t"[i]}, 2
	}
	unit, ok := readUnit(text)
	if !ok {
		return text[:1], 1
	}
	if second, ok := readUnit(text[6:]); ok && utf16.IsSurrogate(unit) {
		if r := utf16.DecodeRune(unit, second); r != utf8.RuneError {
			return utf8.AppendRune(nil, r), 12
		}
	}
	return utf8.AppendRune(nil, unit), 6 // half of a pair becomes U+FFFD
}

// readUnit reads \uXXXX.
func readUnit(text []byte) (rune, bool) {
	if len(text) < 6 || text[0] != '\\' || text[1] != 'u' {
		return 0, false
	}
	unit, err := strconv.ParseUint(string(text[2:6]), 16, 16)
	return rune(unit), err == nil
}

// hide gives the text as it came without the secrets that it means.
func (u *unescaped) hide(text []byte, secrets []string) []byte {
	places := u.places(secrets)
	if line := u.line(); line != u {
		places = append(places, line.places(secrets)...)
	}
	if len(places) == 0 {
		return text
	}
	slices.SortFunc(places, func(a, b [2]int) int {
		if a[0] != b[0] {
			return a[0] - b[0]
		}
		return b[1] - a[1]
	})
	out := make([]byte, 0, len(text))
	at := 0
	for _, p := range places {
		if p[1] <= at {
			continue // inside the one before
		}
		if p[0] >= at {
			out = append(append(out, text[at:p[0]]...), hidden...)
		}
		at = p[1]
	}
	return append(out, text[at:]...)
}

// places are where secrets begin and end in the text as it came.
func (u *unescaped) places(secrets []string) (places [][2]int) {
	for _, secret := range secrets {
		for at := 0; ; {
			i := bytes.Index(u.text[at:], []byte(secret))
			if i < 0 {
				break
			}
			places = append(places, [2]int{u.from[at+i], u.to[at+i+len(secret)-1]})
			at += i + len(secret)
		}
	}
	return places
}
