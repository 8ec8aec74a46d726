package apply

import (
	"fmt"
	"slices"
	"strings"

	"github.com/voorpoort/voorpoort/strictjson"
)

// Field copies one value of an answer to one place in the body.
//
// Both paths are names separated by dots; nothing else in them has a meaning, except that in From a decimal index
// selects an element of an array. From is looked up in the whole answer; when there is nothing, the body is left
// alone.
//
// To begins at the body's root. The paths "data" and "body" are the root itself, and a first step "data." or "body."
// may be written or left out: "x", "data.x" and "body.x" are the same, and a member that is really named data is
// "body.data". An object that comes where an object stands is merged into it as [Merge] does, so that enriched fields
// for "@self" leave the title there alone; anything else replaces what stands there, whatever that is. Only an
// object can come to the root. Objects on the way are created. A path that leads through an array or a scalar is
// a *PathError.
//
// What goes to the root is carried out first, so that the order of the fields never counts; [Compile] refuses other
// targets that are inside one another.
type Field struct{ From, To string }

// field is a compiled Field; without keys the target is the root.
type field struct {
	from, to string
	source   []string
	keys     []string
}

// compileFields checks a mapping and puts the root first. No other target may contain another one: the result would
// depend on the order of a JSON object's members, which Caddy and many an editor sort. The root must be let through:
// mapping validated data onto it and metadata into "@self" is what a mapping is for, and what is more exact wins.
func compileFields(mapping []Field) ([]field, error) {
	if len(mapping) == 0 {
		return nil, fmt.Errorf("strategy %q needs a field mapping", Custom)
	}
	fields := make([]field, 0, len(mapping))
	for _, f := range mapping {
		source, err := splitPath(f.From)
		if err != nil {
			return nil, fmt.Errorf("source path %q: %w", f.From, err)
		}
		keys, err := splitPath(f.To)
		if err != nil {
			return nil, fmt.Errorf("target path %q: %w", f.To, err)
		}
		if keys[0] == "data" || keys[0] == "body" {
			keys = keys[1:]
		}
		for _, other := range fields {
			if conflict(keys, other.keys) {
				return nil, fmt.Errorf("target paths %q and %q are in conflict", other.to, f.To)
			}
		}
		compiled := field{from: f.From, to: f.To, source: source, keys: keys}
		if len(keys) == 0 { // there is at most one
			fields = slices.Insert(fields, 0, compiled)
			continue
		}
		fields = append(fields, compiled)
	}
	return fields, nil
}

// splitPath takes a path apart.
func splitPath(path string) ([]string, error) {
	keys := strings.Split(path, ".")
	if slices.Contains(keys, "") {
		return nil, fmt.Errorf("a step is empty")
	}
	return keys, nil
}

// conflict tells whether two targets are one, or one is inside the other. Inside the root is everything.
func conflict(a, b []string) bool {
	if len(a) == 0 || len(b) == 0 {
		return len(a) == len(b)
	}
	n := min(len(a), len(b))
	return slices.Equal(a[:n], b[:n])
}

// applyFields carries out a mapping. Each field works on what the last one made, in two buffers that take turns.
func applyFields(m *merger, fields []field, body, answer []byte) (bool, error) {
	if absent(answer) {
		return false, ErrNoData
	}
	original, result, changed := body, m.out, false
	for i := range fields {
		value, ok := strictjson.Get(answer, fields[i].source...)
		if !ok {
			continue
		}
		if absent(body) {
			body = []byte("{}")
		}
		if err := shape("body", body, strictjson.Object); err != nil {
			return false, err
		}
		m.out = m.spare[0][:0]
		step, err := fields[i].apply(m, body, value)
		if err != nil {
			return false, err
		}
		if step {
			body, changed = m.out, true
			m.spare[0], m.spare[1] = m.spare[1], m.out
		}
	}
	if !changed || (!absent(original) && strictjson.Equal(original, body)) {
		return false, nil
	}
	result = append(result, body...)
	m.out = result
	return true, nil
}

// apply leaves body with the value at the field's target in m.out, or reports that it was there already.
func (f *field) apply(m *merger, body, value []byte) (bool, error) {
	if len(f.keys) == 0 {
		if err := shape(f.from, value, strictjson.Object); err != nil {
			return false, err
		}
	}
	at := strictjson.Start(body)
	for i, key := range f.keys {
		if body[at] != '{' {
			return false, &PathError{Path: f.to, At: pointerTo(f.keys[:i]), Have: strictjson.KindOf(body[at:])}
		}
		next := strictjson.FindMember(body, at, key)
		if next < 0 {
			m.trail.notePointer(pointerTo(f.keys[:i+1]))
			m.out = f.insert(m.out, body, at, i, value)
			return true, nil
		}
		at = next
	}
	if value[0] == '{' && body[at] == '{' {
		return m.into(body, at, f.keys, value), nil
	}
	end := strictjson.Skip(body, at)
	if strictjson.Equal(body[at:end], value) {
		return false, nil
	}
	m.trail.notePointer(pointerTo(f.keys))
	m.out = slices.Grow(m.out, len(body)+len(value))
	m.out = append(append(append(m.out, body[:at]...), value...), body[end:]...)
	return true, nil
}

// insert appends body with a new last member in the object at i: keys[depth], which leads to the value through as many
// new objects as it takes.
func (f *field) insert(dst, body []byte, i, depth int, value []byte) []byte {
	end := strictjson.Skip(body, i) - 1
	for body[end-1] <= ' ' {
		end--
	}
	dst = slices.Grow(dst, len(body)+len(value)+6*len(f.to)+8)
	dst = append(dst, body[:end]...)
	if end-1 != i {
		dst = append(dst, ',')
	}
	for k, key := range f.keys[depth:] {
		if k > 0 {
			dst = append(dst, '{')
		}
		dst = append(strictjson.AppendQuote(dst, key), ':')
	}
	dst = append(dst, value...)
	for range len(f.keys) - depth - 1 {
		dst = append(dst, '}')
	}
	return append(dst, body[end:]...)
}
