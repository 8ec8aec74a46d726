package webhook

import (
	"fmt"
	"strconv"
	"strings"
)

// FieldError is one fault of a webhook.
type FieldError struct {
	// Pointer is where it is, as a JSON Pointer (RFC 6901) into the webhook's
	// own JSON. The empty pointer is the webhook as a whole.
	Pointer string

	// Detail says what is wrong and what is allowed. It never repeats a
	// secret, a header's value or a URL.
	Detail string
}

// Error gives pointer and detail.
func (e FieldError) Error() string {
	if e.Pointer == "" {
		return e.Detail
	}
	return e.Pointer + ": " + e.Detail
}

// ValidationError lists every fault that was found, in the order of the fields.
type ValidationError struct {
	// Webhook is the name of the webhook, when it has one that can be read.
	Webhook string
	Fields  []FieldError
}

// Error names the webhook and all its faults on one line.
func (e *ValidationError) Error() string {
	var text strings.Builder
	text.WriteString("webhook")
	if e.Webhook != "" {
		text.WriteString(" " + strconv.Quote(e.Webhook))
	}
	for i, field := range e.Fields {
		if i == 0 {
			text.WriteString(": ")
		} else {
			text.WriteString("; ")
		}
		text.WriteString(field.Error())
	}
	return text.String()
}

// faults collects what is wrong while a webhook is read or compiled.
type faults []FieldError

func (f *faults) add(pointer, format string, args ...any) {
	*f = append(*f, FieldError{Pointer: pointer, Detail: fmt.Sprintf(format, args...)})
}

// err is nil when nothing is wrong.
func (f faults) err(name string) error {
	if len(f) == 0 {
		return nil
	}
	if checkName(name) != nil {
		name = ""
	}
	return &ValidationError{Webhook: name, Fields: f}
}

// pointerEscaper writes a member name as a step of a JSON Pointer (RFC 6901
// section 3).
var pointerEscaper = strings.NewReplacer("~", "~0", "/", "~1")

// child is the pointer of a member of the object at pointer.
func child(pointer, name string) string {
	return pointer + "/" + pointerEscaper.Replace(name)
}

// element is the pointer of an element of the array at pointer.
func element(pointer string, index int) string {
	return pointer + "/" + strconv.Itoa(index)
}

// quotedList names the allowed values of a closed set.
func quotedList[T ~string](values []T) string {
	quoted := make([]string, len(values))
	for i, value := range values {
		quoted[i] = strconv.Quote(string(value))
	}
	return strings.Join(quoted, ", ")
}
