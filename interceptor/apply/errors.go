package apply

import (
	"fmt"
	"strconv"

	"github.com/voorpoort/voorpoort/strictjson"
)

// ShapeError says that a strategy cannot work on a value of this type: data or the body is not what it must be.
type ShapeError struct {
	// What is "data", "body" or the source path of a field.
	What string
	// Want is the type that What must have, Have the one that it has (Invalid: there is none).
	Want, Have strictjson.Kind
}

// Error says for example "data must be an object, not a string".
func (e *ShapeError) Error() string {
	have := withArticle(e.Have)
	if e.Have == strictjson.Invalid {
		have = "nothing"
	}
	return fmt.Sprintf("%s must be %s, not %s", quoteSource(e.What), withArticle(e.Want), have)
}

// quoteSource quotes what a user has written.
func quoteSource(what string) string {
	if what == "data" || what == "body" {
		return what
	}
	return strconv.Quote(what)
}

// withArticle puts the article before the name of a type.
func withArticle(k strictjson.Kind) string {
	switch k {
	case strictjson.Array, strictjson.Object, strictjson.Invalid:
		return "an " + k.String()
	case strictjson.Null:
		return k.String()
	case strictjson.Bool, strictjson.Number, strictjson.String:
	}
	return "a " + k.String()
}

// shape tells whether a value has a type.
func shape(what string, value []byte, want strictjson.Kind) error {
	if have := strictjson.KindOf(value); have != want {
		return &ShapeError{What: what, Want: want, Have: have}
	}
	return nil
}

// PathError says that a field's target path leads through something that is not an object.
type PathError struct {
	// Path is the target path as configured.
	Path string
	// At is the RFC 6901 pointer of the value that the path cannot pass through.
	At string
	// Have is the type of that value.
	Have strictjson.Kind
}

// Error says for example `path "a.b.c" leads through an array at "/a/b"`.
func (e *PathError) Error() string {
	return fmt.Sprintf("path %q leads through %s at %q", e.Path, withArticle(e.Have), e.At)
}

// PatchError says which operation of a JSON Patch could not be carried out.
type PatchError struct {
	// Index is the operation's position in the patch, from 0, and Op and Path are its members; an Index of -1 means
	// the patch as a whole. Op is "unknown" for an operation that RFC 6902 does not have, and a long Path is cut.
	Index    int
	Op, Path string
	// Failed tells that a test operation found another value than the patch expects, or none.
	Failed bool
	// Err is the cause.
	Err error
}

// Error says for example `operation 2 (remove "/a"): no such value`.
func (e *PatchError) Error() string {
	if e.Index < 0 {
		return fmt.Sprintf("patch: %v", e.Err)
	}
	return fmt.Sprintf("operation %d (%s %q): %v", e.Index, e.Op, e.Path, e.Err)
}

// Unwrap gives the cause.
func (e *PatchError) Unwrap() error { return e.Err }
