package apply

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
