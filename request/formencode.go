package request

import (
	"net/http"
	"net/url"

	"github.com/voorpoort/voorpoort/strictjson"
)

// encode writes a changed document as a form again. Strings, numbers and
// booleans become text, lists of them become repeated names; a name keeps its
// brackets. The result is read again and must be the same document, so that no
// change gets lost on the way.
func (f form) encode(document []byte) ([]byte, *Problem) {
	if strictjson.KindOf(document) != strictjson.Object {
		return nil, changeProblem("A form cannot hold a body that is not an object.")
	}
	w := formWriter{brackets: map[string]bool{}}
	for _, field := range f.fields {
		w.brackets[field.name] = field.brackets
	}
	for token, value := range strictjson.Members(document) {
		name, _ := strictjson.Unquote(token)
		if !w.member(name, value) {
			return nil, changeProblem("A form cannot hold the null, object or nested list that a webhook put in this body. Send it as JSON.")
		}
	}
	if len(w.expected) == 0 {
		w.expected = append(w.expected, '{')
	}
	w.expected = append(w.expected, '}')
	again, problem := parseForm(w.encoded)
	if problem != nil || !strictjson.Equal(again.json(), w.expected) {
		return nil, changeProblem("A form cannot express the change that a webhook made to this body. Send it as JSON.")
	}
	return w.encoded, nil
}

// formWriter writes a form, and beside it the object that it must be read as.
type formWriter struct {
	brackets map[string]bool
	encoded  []byte
	expected []byte
}

func (w *formWriter) member(name string, value []byte) bool {
	w.expected = append(w.expected, separator(w.expected, '{'))
	w.expected = strictjson.AppendQuote(w.expected, name)
	w.expected = append(w.expected, ':')
	list := strictjson.KindOf(value) == strictjson.Array
	if list || w.brackets[name] {
		name += "[]"
	}
	if !list {
		return w.scalar(name, value)
	}
	w.expected = append(w.expected, '[')
	first := true
	for element := range strictjson.Elements(value) {
		if !first {
			w.expected = append(w.expected, ',')
		}
		first = false
		if !w.scalar(name, element) {
			return false
		}
	}
	w.expected = append(w.expected, ']')
	return true
}

func (w *formWriter) scalar(name string, value []byte) bool {
	text := string(value)
	switch strictjson.KindOf(value) {
	case strictjson.String:
		text, _ = strictjson.Unquote(value)
	case strictjson.Number, strictjson.Bool:
	default:
		return false
	}
	if len(w.encoded) > 0 {
		w.encoded = append(w.encoded, '&')
	}
	w.encoded = append(w.encoded, url.QueryEscape(name)...)
	w.encoded = append(w.encoded, '=')
	w.encoded = append(w.encoded, url.QueryEscape(text)...)
	w.expected = strictjson.AppendQuote(w.expected, text)
	return true
}

func separator(written []byte, first byte) byte {
	if len(written) == 0 {
		return first
	}
	return ','
}

func changeProblem(detail string) *Problem {
	return &Problem{
		Status: http.StatusUnsupportedMediaType,
		Reason: ReasonUnchangeable,
		Title:  "Body cannot be changed",
		Detail: detail,
	}
}
