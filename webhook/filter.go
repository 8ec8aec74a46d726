package webhook

import (
	"errors"
	"fmt"
	"strings"

	"github.com/voorpoort/voorpoort/strictjson"
)

// Filter is one member of `filters`: a path into the event and the values
// that are welcome there. See path.go for what a path reaches.
type Filter struct {
	// Path is plain keys separated by dots; a decimal number indexes a list.
	// Nothing in it is a pattern or an operator.
	Path string

	// Values are JSON scalars, as raw JSON: null, true, 5, "text". The filter
	// holds when the value at Path equals any of them, type included. null
	// stands for a value that is null or absent.
	Values [][]byte
}

var (
	errFilterPathLong = errors.New("has a path of more than 1024 bytes")
	errFilterNoPath   = errors.New("has an empty path")
	errFilterValues   = errors.New("has an empty list, which no value is in")
	errFilterScalar   = errors.New("must be a text, a number, true, false or null, or a list of these")
)

// filter is a compiled Filter.
type filter struct {
	path   filterPath
	values []scalar
	null   bool // null or absent is welcome
}

// scalar is a value that a filter compares with. Its kind is Bool, Number or
// String.
type scalar struct {
	kind strictjson.Kind
	raw  []byte
	text string // the unquoted string, or the number or bool as it is written
	name string // text without regard to case, for names out of a path
}

// compileFilter checks and compiles one filter.
func compileFilter(source Filter) (*filter, error) {
	switch {
	case source.Path == "":
		return nil, errFilterNoPath
	case len(source.Path) > maxFilterPath:
		return nil, errFilterPathLong
	case len(source.Values) == 0:
		return nil, errFilterValues
	case len(source.Values) > maxFilterValues:
		return nil, fmt.Errorf("has %d values; at most %d are allowed", len(source.Values), maxFilterValues)
	}
	compiled := &filter{path: parsePath(source.Path)}
	for _, raw := range source.Values {
		if strictjson.Check(raw, 1) != nil {
			return nil, errFilterScalar
		}
		value := scalar{kind: strictjson.KindOf(raw), raw: raw, text: string(raw)}
		switch value.kind {
		case strictjson.Null:
			compiled.null = true
			continue
		case strictjson.String:
			value.text, _ = strictjson.Unquote(raw)
		case strictjson.Bool, strictjson.Number:
		case strictjson.Array, strictjson.Object, strictjson.Invalid:
			return nil, errFilterScalar
		}
		value.name = foldName(value.text)
		compiled.values = append(compiled.values, value)
	}
	return compiled, nil
}

// compileFilters compiles the filters of a webhook, collecting their faults.
func compileFilters(sources []Filter, f *faults) []*filter {
	if len(sources) > maxFilters {
		f.add("/filters", "has %d entries; at most %d are allowed", len(sources), maxFilters)
		return nil
	}
	var compiled []*filter
	for _, source := range sources {
		one, err := compileFilter(source)
		if err != nil {
			f.add(child("/filters", source.Path), "%v", err)
			continue
		}
		compiled = append(compiled, one)
	}
	return compiled
}

// holdsJSON compares with a value of a document. null never equals a value.
func (f *filter) holdsJSON(value []byte) bool {
	kind := strictjson.KindOf(value)
	if kind == strictjson.Null {
		return f.null
	}
	for i := range f.values {
		if f.values[i].equals(kind, value) {
			return true
		}
	}
	return false
}

func (s *scalar) equals(kind strictjson.Kind, value []byte) bool {
	if s.kind != kind {
		return false
	}
	if kind == strictjson.String {
		return strictjson.NameIs(value, s.text)
	}
	if kind == strictjson.Number {
		return strictjson.EqualNumber(s.raw, value)
	}
	return s.text == string(value)
}

// holdsText compares with a text that does not come from JSON, such as a
// header: only a string can equal it.
func (f *filter) holdsText(text string) bool {
	for i := range f.values {
		if f.values[i].kind == strictjson.String && f.values[i].text == text {
			return true
		}
	}
	return false
}

// foldName gives a name as it compares: registers exist that take /Cats for
// /cats, and nobody shall get past a filter by a capital.
func foldName(name string) string { return strings.ToLower(name) }

// holdsName compares with a name out of a path, without regard to case. A path
// has no types, so a number equals the name with the same spelling:
// {"schema": 12} means /12.
func (f *filter) holdsName(name string) bool {
	name = foldName(name)
	for i := range f.values {
		if f.values[i].kind != strictjson.Bool && f.values[i].name == name {
			return true
		}
	}
	return false
}

// names gives the names that the filter allows for a word that may be a path
// parameter; the index files hooks under them. It does not do so for a filter
// that null satisfies, nor for a word with a NUL, which no parameter has and
// which the index uses as separator.
func (f *filter) names() (param string, names []scalar, ok bool) {
	if f.path.root != rootNamed || f.path.name == "" || f.null || strings.IndexByte(f.path.name, 0) >= 0 {
		return "", nil, false
	}
	return f.path.name, f.values, true
}
