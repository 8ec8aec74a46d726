package apply

import (
	"bytes"
	"strings"

	"github.com/voorpoort/voorpoort/strictjson"
)

const (
	// MaxPointers is the number of changes that a result lists.
	MaxPointers = 64
	// MaxPointerBytes is what all listed pointers may take together: names can be as long as a body.
	MaxPointerBytes = 16 << 10
)

// trail notes where changes are made. All pointers are written one behind the other, so that a whole list costs two
// allocations.
type trail struct {
	path    []byte // pointer of the object in which the merger is
	text    []byte
	ends    []int
	skipped bool
}

// enter goes to the member with a name token and gives what leave needs to come back.
func (t *trail) enter(token []byte) int {
	before := len(t.path)
	t.path = appendToken(append(t.path, '/'), token)
	return before
}

// leave goes back.
func (t *trail) leave(before int) { t.path = t.path[:before] }

// note records a change of the member with this name token; without one, of the place where the trail is.
func (t *trail) note(token []byte) {
	if len(t.ends) >= MaxPointers {
		t.skipped = true
		return
	}
	start := len(t.text)
	t.text = append(t.text, t.path...)
	if token != nil {
		t.text = appendToken(append(t.text, '/'), token)
	}
	t.close(start)
}

// notePointer records a change at a pointer.
func (t *trail) notePointer(pointer string) {
	if len(t.ends) >= MaxPointers {
		t.skipped = true
		return
	}
	start := len(t.text)
	t.text = append(t.text, pointer...)
	t.close(start)
}

// close ends the pointer that begins at start, or takes it back when it is too long.
func (t *trail) close(start int) {
	if len(t.text) > MaxPointerBytes {
		t.text, t.skipped = t.text[:start], true
		return
	}
	t.ends = append(t.ends, len(t.text))
}

// list gives all that was noted.
func (t *trail) list() (pointers []string, more bool) {
	pointers = make([]string, len(t.ends))
	text, start := string(t.text), 0
	for i, end := range t.ends {
		pointers[i], start = text[start:end], end
	}
	return pointers, t.skipped
}

// reset forgets all.
func (t *trail) reset() {
	t.path, t.text, t.ends, t.skipped = t.path[:0], t.text[:0], t.ends[:0], false
	if cap(t.path) > keptBytes || cap(t.text) > keptBytes {
		t.path, t.text = nil, nil
	}
}

// appendToken appends a name token as a reference token of a pointer (RFC 6901 section 3).
func appendToken(dst, token []byte) []byte {
	inner := token[1 : len(token)-1]
	if bytes.IndexByte(inner, '\\') < 0 {
		return appendEscaped(dst, inner)
	}
	name, _ := strictjson.Unquote(token)
	return appendEscaped(dst, name)
}

// appendEscaped writes ~ as ~0 and / as ~1.
func appendEscaped[T []byte | string](dst []byte, name T) []byte {
	for i := range len(name) {
		switch name[i] {
		case '~':
			dst = append(dst, '~', '0')
		case '/':
			dst = append(dst, '~', '1')
		default:
			dst = append(dst, name[i])
		}
	}
	return dst
}

// pointerTo writes keys as a pointer.
func pointerTo(keys []string) string { return string(appendPointer(nil, keys)) }

// appendPointer appends keys as a pointer.
func appendPointer(dst []byte, keys []string) []byte {
	for _, key := range keys {
		dst = appendEscaped(append(dst, '/'), key)
	}
	return dst
}

// tokensOf reads a pointer; it reports false for what is none: ~ must be followed by 0 or 1.
func tokensOf(pointer string) ([]string, bool) {
	if pointer == "" {
		return nil, true
	}
	if pointer[0] != '/' || strings.Contains(strings.NewReplacer("~0", "", "~1", "").Replace(pointer), "~") {
		return nil, false
	}
	tokens := strings.Split(pointer[1:], "/")
	for i, token := range tokens {
		tokens[i] = strings.NewReplacer("~1", "/", "~0", "~").Replace(token)
	}
	return tokens, true
}
