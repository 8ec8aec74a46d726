package webhook

import (
	"strconv"
	"time"

	"github.com/voorpoort/voorpoort/strictjson"
)

// reader takes JSON apart and collects what does not fit. Its methods take a
// value, the value's pointer, and where to put it; a fault leaves the
// destination alone. A null is treated as if the member were absent, as
// OpenRegister does.
type reader struct{ faults faults }

// field reads the value of one member.
type field func(raw []byte, pointer string)

// object hands each member to its field. An unknown member is a fault. An
// empty array passes for an empty object, because that is how OpenRegister
// writes one.
func (r *reader) object(raw []byte, pointer string, fields map[string]field) {
	if isEmptyArray(raw) || !r.is(raw, pointer, strictjson.Object, "an object") {
		return
	}
	for token, value := range strictjson.Members(raw) {
		name, _ := strictjson.Unquote(token)
		at := child(pointer, name)
		read, known := fields[name]
		switch {
		case known && strictjson.KindOf(value) != strictjson.Null:
			read(value, at)
		case !known:
			r.faults.add(at, "is unknown")
		}
	}
}

// eachMember reads an object with names of the user's own.
func (r *reader) eachMember(raw []byte, pointer string, read func(name string, value []byte, pointer string)) {
	if isEmptyArray(raw) || !r.is(raw, pointer, strictjson.Object, "an object") {
		return
	}
	for token, value := range strictjson.Members(raw) {
		name, _ := strictjson.Unquote(token)
		read(name, value, child(pointer, name))
	}
}

// isEmptyArray tells whether a value is [].
func isEmptyArray(raw []byte) bool {
	if strictjson.KindOf(raw) != strictjson.Array {
		return false
	}
	for range strictjson.Elements(raw) {
		return false
	}
	return true
}

// is notes a fault unless the value has the kind.
func (r *reader) is(raw []byte, pointer string, kind strictjson.Kind, want string) bool {
	got := strictjson.KindOf(raw)
	if got != kind {
		r.faults.add(pointer, "must be %s, not %s", want, article(got))
	}
	return got == kind
}

// article names a kind of value in a sentence.
func article(kind strictjson.Kind) string {
	switch kind {
	case strictjson.Null:
		return "null"
	case strictjson.String:
		return "a text"
	case strictjson.Array:
		return "a list"
	case strictjson.Object:
		return "an object"
	case strictjson.Bool, strictjson.Number, strictjson.Invalid:
	}
	return "a " + kind.String()
}

func (r *reader) text(raw []byte, pointer string) (string, bool) {
	if !r.is(raw, pointer, strictjson.String, "a text") {
		return "", false
	}
	return strictjson.Unquote(raw)
}

// textList reads a list of texts.
func (r *reader) textList(raw []byte, pointer string) []string {
	if !r.is(raw, pointer, strictjson.Array, "a list of texts") {
		return nil
	}
	var list []string
	for item := range strictjson.Elements(raw) {
		if text, ok := r.text(item, element(pointer, len(list))); ok {
			list = append(list, text)
		}
	}
	return list
}

// textOrList reads one text, or a list of texts.
func (r *reader) textOrList(raw []byte, pointer string) []string {
	if strictjson.KindOf(raw) == strictjson.Array {
		return r.textList(raw, pointer)
	}
	if !r.is(raw, pointer, strictjson.String, "a text or a list of texts") {
		return nil
	}
	text, _ := strictjson.Unquote(raw)
	return []string{text}
}

func textField[T ~string](r *reader, dst *T) field {
	return func(raw []byte, pointer string) {
		if text, ok := r.text(raw, pointer); ok {
			*dst = T(text)
		}
	}
}

func (r *reader) secretField(dst *Secret) field {
	return func(raw []byte, pointer string) {
		if text, ok := r.text(raw, pointer); ok {
			*dst = NewSecret(text)
		}
	}
}

func (r *reader) addressField(dst *Address) field {
	return func(raw []byte, pointer string) {
		if text, ok := r.text(raw, pointer); ok {
			*dst = NewAddress(text)
		}
	}
}

func (r *reader) flagField(dst *bool) field {
	return func(raw []byte, pointer string) {
		if r.is(raw, pointer, strictjson.Bool, "true or false") {
			*dst = raw[0] == 't'
		}
	}
}

// integerField reads an integer within bounds.
func (r *reader) integerField(least, most int64, set func(int64)) field {
	return func(raw []byte, pointer string) {
		value, err := strconv.ParseInt(string(raw), 10, 64)
		if err != nil || value < least || value > most {
			r.faults.add(pointer, "must be an integer from %d to %d", least, most)
			return
		}
		set(value)
	}
}

// durationField reads whole seconds, or a text such as "1500ms". Only the sign
// is looked at here; Compile knows the bounds.
func (r *reader) durationField(dst *time.Duration) field {
	return func(raw []byte, pointer string) {
		value, ok := parseDuration(raw)
		if !ok || value <= 0 {
			r.faults.add(pointer, `must be a positive number of whole seconds, or a text such as "1500ms", "3s" or "1m30s"`)
			return
		}
		*dst = value
	}
}

func parseDuration(raw []byte) (time.Duration, bool) {
	if text, ok := strictjson.Unquote(raw); ok {
		value, err := time.ParseDuration(text)
		return value, err == nil
	}
	seconds, err := strconv.ParseInt(string(raw), 10, 32) // years of seconds, and no overflow below
	return time.Duration(seconds) * time.Second, err == nil
}
