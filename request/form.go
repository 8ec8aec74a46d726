package request

import (
	"bytes"
	"net/http"
	"strings"
	"unicode/utf8"

	"github.com/voorpoort/voorpoort/strictjson"
)

// maxFormFields is as many as PHP reads by default (max_input_vars); a register
// that stops there would not see what the webhooks saw.
const maxFormFields = 1000

// form is the reading of an application/x-www-form-urlencoded body, in the order
// in which its names first appear.
type form struct {
	fields []formField
}

// formField is one name with its values. A name that ends in [] is presented
// without the brackets, and always as a list.
type formField struct {
	name     string
	brackets bool
	values   []string
}

// hasFormSyntax tells whether the bytes are more than one bare name to a reader
// of forms.
func hasFormSyntax(data []byte) bool { return bytes.ContainsAny(data, "=&;") }

// hideFormSyntax gives the same JSON document without what hasFormSyntax looks
// for: those characters only occur in strings, where escapes mean the same.
func hideFormSyntax(document []byte) []byte {
	if !hasFormSyntax(document) {
		return document
	}
	hidden := make([]byte, 0, len(document)+64)
	for _, c := range document {
		switch c {
		case '=', '&', ';':
			hidden = append(hidden, '\\', 'u', '0', '0', upperHex[c>>4], upperHex[c&15])
		default:
			hidden = append(hidden, c)
		}
	}
	return hidden
}

// parseForm reads a form strictly. Refused is what readers of forms read in
// different ways: broken escapes, text that is not UTF-8, semicolons as
// separators, fields without a name, names that some registers take for one and
// the same (a.b and a_b, a and a[]), names that are paths to some (a[x]), and a
// name that comes twice without being a list (a; the list is a[]).
func parseForm(data []byte) (form, *Problem) {
	var f form
	index := map[string]int{}
	seen := formNames{}
	count := 0
	for offset := 0; offset <= len(data); {
		end := len(data)
		if at := bytes.IndexByte(data[offset:], '&'); at >= 0 {
			end = offset + at
		}
		pair := data[offset:end]
		if len(pair) > 0 {
			if count++; count > maxFormFields {
				return form{}, formProblem(offset, "there are too many fields")
			}
			if fault := f.add(pair, index, seen); fault != "" {
				return form{}, formProblem(offset, fault)
			}
		}
		offset = end + 1
	}
	return f, nil
}

// add reads one field. It gives what is wrong with it, or "".
func (f *form) add(pair []byte, index map[string]int, seen formNames) (fault string) {
	if bytes.IndexByte(pair, ';') >= 0 {
		return "a semicolon must be written as %3B"
	}
	rawName, rawValue, _ := bytes.Cut(pair, []byte("="))
	name, ok := decodeFormText(rawName)
	if !ok {
		return "a name is not percent-encoded UTF-8"
	}
	value, ok := decodeFormText(rawValue)
	if !ok {
		return "a value is not percent-encoded UTF-8"
	}
	if name == "" || isFormSpace(name[0]) || strings.ContainsFunc(name, isControl) {
		return "a name is empty, or has a control character or a space at its beginning"
	}
	if name == "_charset_" && !strings.EqualFold(value, "utf-8") {
		return "the field _charset_ names another character encoding than UTF-8"
	}
	if isNested(name) {
		return "a name with brackets is a plain name to some readers and a path into an object to others"
	}
	if !seen.add(name) {
		return "a name is the same as an earlier one to some readers"
	}
	base, brackets := strings.CutSuffix(name, "[]")
	if base == "" {
		base, brackets = name, false
	}
	at, ok := index[name]
	if ok && !brackets {
		return "a name without brackets comes twice, of which some readers take the first, some the last and some both"
	}
	if !ok {
		at = len(f.fields)
		index[name] = at
		f.fields = append(f.fields, formField{name: base, brackets: brackets})
	}
	f.fields[at].values = append(f.fields[at].values, value)
	return ""
}

// isNested tells whether PHP, Rails and others read a name as a path: a[b] is b
// in the object a. A filter on a.b would not see what such a register sees. Only
// a[], the list a, is the same to all.
func isNested(name string) bool {
	at := strings.IndexByte(name, '[')
	return at > 0 && strings.Contains(name[at:], "]") && name[at:] != "[]"
}

// formNames keeps names apart that registers might mix up. It maps a name as PHP
// stores it to the one spelling that this form uses for it.
type formNames map[string]string

func (seen formNames) add(name string) bool {
	top := strings.TrimSuffix(name, "[]")
	if top == "" {
		top = name
	}
	stored := strings.Map(func(r rune) rune {
		if r == ' ' || r == '.' || r == '[' {
			return '_'
		}
		return r
	}, top)
	if known, ok := seen[stored]; ok {
		return known == name
	}
	seen[stored] = name
	return true
}

func isControl(r rune) bool { return r < ' ' || r == 0x7F }

// decodeFormText undoes the encoding of a name or value (WHATWG URL section
// 5.1), and gives false where that would have to guess.
func decodeFormText(encoded []byte) (string, bool) {
	decoded := make([]byte, 0, len(encoded))
	for i := 0; i < len(encoded); i++ {
		switch c := encoded[i]; {
		case c == '+':
			decoded = append(decoded, ' ')
		case c != '%':
			decoded = append(decoded, c)
		case i+2 < len(encoded) && isHex(encoded[i+1]) && isHex(encoded[i+2]):
			decoded = append(decoded, unhex(encoded[i+1])<<4|unhex(encoded[i+2]))
			i += 2
		default:
			return "", false
		}
	}
	return string(decoded), utf8.Valid(decoded)
}

// json presents the form as an object: a string for a name, a list for one with
// brackets.
func (f form) json() []byte {
	dst := []byte{'{'}
	for i, field := range f.fields {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = strictjson.AppendQuote(dst, field.name)
		dst = append(dst, ':')
		if !field.brackets {
			dst = strictjson.AppendQuote(dst, field.values[0])
			continue
		}
		for j, value := range field.values {
			dst = append(dst, "[,"[min(j, 1)])
			dst = strictjson.AppendQuote(dst, value)
		}
		dst = append(dst, ']')
	}
	return append(dst, '}')
}

func formProblem(offset int, fault string) *Problem {
	return &Problem{
		Status:  http.StatusBadRequest,
		Reason:  ReasonInvalidForm,
		Title:   "Invalid form",
		Detail:  "The form is not strict: " + fault + ".",
		Offset:  int64(offset),
		Located: true,
	}
}
