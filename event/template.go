package event

import (
	"fmt"
	"slices"
	"strings"
)

// maxNamePart bounds what a request may put into a type name.
const maxNamePart = 64

// fallbackName takes the place of a path parameter in a type name or resource when the parameter's value is not fit for one.
// It keeps the set of type names readable and every request interceptable.
const fallbackName = "resource"

// template is text with path parameters in braces.
type template struct {
	parts []templatePart
}

// templatePart is fixed text, or the parameter with the given position when param is not negative.
type templatePart struct {
	text  string
	param int
}

// parseTemplate compiles text; params are the names that it may use.
func parseTemplate(text string, params []string) (template, error) {
	var t template
	for text != "" {
		before, after, found := strings.Cut(text, "{")
		if strings.Contains(before, "}") {
			return template{}, fmt.Errorf("has a closing brace without an opening one")
		}
		if before != "" {
			t.parts = append(t.parts, templatePart{text: before, param: -1})
		}
		if !found {
			break
		}
		name, remainder, closed := strings.Cut(after, "}")
		if !closed {
			return template{}, fmt.Errorf("has an opening brace without a closing one")
		}
		i := slices.Index(params, name)
		if i < 0 {
			return template{}, fmt.Errorf("{%s} is not a parameter of the path; %s", name, listOf("its parameters are", "it has none", params))
		}
		t.parts = append(t.parts, templatePart{param: i})
		text = remainder
	}
	return t, nil
}

// listOf says which names are allowed.
func listOf(intro, none string, names []string) string {
	if len(names) == 0 {
		return none
	}
	return intro + " " + strings.Join(names, ", ")
}

// fixed reports whether the template has no parameters; text is then its value.
func (t template) fixed() (text string, ok bool) {
	switch {
	case len(t.parts) == 0:
		return "", true
	case len(t.parts) == 1 && t.parts[0].param < 0:
		return t.parts[0].text, true
	default:
		return "", false
	}
}

// subject fills the template for the subject of an event. Values are decoded once; a slash within a value is encoded, so
// that no value can pose as two.
func (t template) subject(m *Match) string {
	if text, ok := t.fixed(); ok {
		return text
	}
	return t.subjectWith(m, -1, "")
}

// names reports whether the template has a parameter.
func (t template) names(param int) bool {
	return slices.ContainsFunc(t.parts, func(p templatePart) bool { return p.param == param })
}

// subjectWith fills the template with value, which is decoded, for the parameter other, which is not of the path.
func (t template) subjectWith(m *Match, other int, value string) string {
	var stack [128]byte
	out := stack[:0]
	for _, part := range t.parts {
		switch {
		case part.param < 0:
			out = append(out, part.text...)
		case part.param == other:
			out = appendAttribute(out, value, "/")
		default:
			out = appendPath(out, m.raw(part.param))
		}
	}
	return attributeText(string(out))
}

// appendPath appends the segments of a parameter's value, of which only a rest has several, decoded and with slashes between.
func appendPath(dst []byte, raw string) []byte {
	for {
		segment, next, more := strings.Cut(raw, "/")
		dst = appendAttribute(dst, decodeSegment(segment), "/")
		if !more {
			return dst
		}
		dst, raw = append(dst, '/'), next
	}
}

// name fills the template for a type name or a resource.
func (t template) name(m *Match) string {
	if text, ok := t.fixed(); ok {
		return text
	}
	var out []byte
	for _, part := range t.parts {
		if part.param < 0 {
			out = append(out, part.text...)
		} else {
			out = append(out, safeName(m.raw(part.param))...)
		}
	}
	return string(out)
}

// safeName is a path parameter in lower case if it consists of a to z, 0 to 9, dots, hyphens and underscores and begins with
// a letter or digit; otherwise it is fallbackName.
func safeName(raw string) string {
	var buf [maxLiteral]byte
	name, ok := folded(&buf, raw)
	if !ok || len(name) == 0 || len(name) > maxNamePart || !typeByte(name[0]) || strings.IndexByte(".-_", name[0]) >= 0 {
		return fallbackName
	}
	for _, c := range name {
		if !typeByte(c) {
			return fallbackName
		}
	}
	return string(name)
}

// checkNameTemplate refuses fixed text that may not stand in a type name.
func (t template) checkName() error {
	length := 0
	for _, part := range t.parts {
		if part.param >= 0 {
			length += maxNamePart
			continue
		}
		length += len(part.text)
		if err := checkTypeName(part.text); err != nil {
			return err
		}
	}
	if length > maxTypeName {
		return fmt.Errorf("may become longer than %d bytes", maxTypeName)
	}
	return nil
}
