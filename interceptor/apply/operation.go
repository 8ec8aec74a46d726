package apply

import (
	"errors"
	"fmt"
	"slices"
	"sort"

	jsonpatch "github.com/evanphx/json-patch/v5"

	"github.com/voorpoort/voorpoort/strictjson"
)

// Limits of a JSON Patch: an answer may be short and still ask for very much work.
const (
	// MaxOperations is the number of operations of one patch.
	MaxOperations = 1000
	// MaxTestRounds is how often a patch may go from changing to testing; each time the document is written anew.
	MaxTestRounds = 16
	// MaxCopied is what all copy operations of a run may add, in bytes. It stops the document that copies itself into
	// itself again and again.
	MaxCopied = 8 << 20
)

// Causes of a PatchError.
var (
	ErrNoValue       = errors.New("no such value")
	ErrTestFailed    = errors.New("the value is another one")
	ErrPatchTooLarge = errors.New("the patch asks for too much")
	errInapplicable  = errors.New("cannot be applied")
	errBadPointer    = errors.New("not a JSON pointer")
	errInsideItself  = errors.New("a value cannot be moved into itself")
	errEmptyName     = errors.New("members whose name is empty are not supported")
	errUnknown       = errors.New("unknown operation")
	errIncomplete    = errors.New("a member is missing or not a string")
)

// operation is one operation of a JSON Patch (RFC 6902 section 4).
type operation struct {
	op, path, from string
	tokens         []string // of path
	value          []byte
}

// applyOperations carries out a JSON Patch and leaves the result in m.out.
//
// The library that changes the document is lax where it tests: to it 1.0 is not 1 and a missing value is null. So a run of
// changing operations goes to the library, and tests are done here, on the document as it is then. Numbers and the
// order of members survive; whitespace does not, in the objects and arrays that lie on an operation's path, and
// names with escapes there may be spelled otherwise. An array index with leading zeros is accepted, and the whole
// document can be replaced by an object or array only.
func applyOperations(m *merger, body, patch []byte) (bool, error) {
	if kind := strictjson.KindOf(body); kind != strictjson.Array {
		if err := shape("body", body, strictjson.Object); err != nil {
			return false, err
		}
	}
	operations, err := parseOperations(patch)
	if err != nil {
		return false, err
	}
	decoded, err := jsonpatch.DecodePatch(patch)
	if err != nil {
		return false, &PatchError{Index: -1, Err: errInapplicable}
	}
	doc, rounds := body, 0
	for i := 0; i < len(operations); {
		if operations[i].op == "test" {
			if err := test(doc, i, &operations[i]); err != nil {
				return false, err
			}
			i++
			continue
		}
		end := i + 1
		for end < len(operations) && operations[end].op != "test" {
			end++
		}
		if rounds++; rounds > MaxTestRounds {
			return false, &PatchError{Index: -1, Err: ErrPatchTooLarge}
		}
		if doc, err = change(doc, decoded[i:end]); err != nil {
			return false, blame(doc, decoded[i:end], operations[i:end], i)
		}
		i = end
	}
	return finish(m, body, doc, operations), nil
}

// finish notes what was changed.
func finish(m *merger, body, doc []byte, operations []operation) bool {
	if strictjson.Equal(body, doc) {
		return false
	}
	for i := range operations {
		if operations[i].op == "move" {
			m.trail.notePointer(operations[i].from)
		}
		if operations[i].op != "test" {
			m.trail.notePointer(operations[i].path)
		}
	}
	m.out = append(m.out, doc...)
	return true
}

// test carries out a test operation: equal as RFC 6902 section 4.6 says, numbers by value.
func test(doc []byte, i int, o *operation) error {
	value, ok := strictjson.Get(doc, o.tokens...)
	if !ok {
		return &PatchError{Index: i, Op: o.op, Path: o.path, Failed: true, Err: ErrNoValue}
	}
	if !strictjson.Equal(value, o.value) {
		return &PatchError{Index: i, Op: o.op, Path: o.path, Failed: true, Err: ErrTestFailed}
	}
	return nil
}

// change runs changing operations. When they fail it gives the document as it was.
func change(doc []byte, patch jsonpatch.Patch) ([]byte, error) {
	result, err := patch.ApplyWithOptions(doc[strictjson.Start(doc):], &jsonpatch.ApplyOptions{AccumulatedCopySizeLimit: MaxCopied})
	if err != nil {
		return doc, err
	}
	return result, nil
}

// blame finds the operation that failed, which the library does not tell, and says why without repeating the
// library's message: that one may hold parts of the document.
func blame(doc []byte, patch jsonpatch.Patch, operations []operation, first int) error {
	i := sort.Search(len(patch)-1, func(n int) bool {
		_, err := change(doc, patch[:n+1])
		return err != nil
	})
	_, err := change(doc, patch[:i+1])
	var copied *jsonpatch.AccumulatedCopySizeError
	cause := errInapplicable
	switch {
	case errors.As(err, &copied):
		cause = ErrPatchTooLarge
	case errors.Is(err, jsonpatch.ErrMissing), errors.Is(err, jsonpatch.ErrInvalidIndex):
		cause = ErrNoValue
	}
	return &PatchError{Index: first + i, Op: operations[i].op, Path: operations[i].path, Err: cause}
}

// parseOperations reads a patch strictly, so that the library sees none that it could take for another.
func parseOperations(patch []byte) ([]operation, error) {
	if err := shape("data", patch, strictjson.Array); err != nil {
		return nil, err
	}
	var operations []operation
	for element := range strictjson.Elements(patch) {
		if len(operations) == MaxOperations {
			return nil, &PatchError{Index: -1, Err: ErrPatchTooLarge}
		}
		o, err := parseOperation(element)
		if err != nil {
			return nil, &PatchError{Index: len(operations), Op: o.op, Path: o.path, Err: err}
		}
		operations = append(operations, o)
	}
	return operations, nil
}

// parseOperation reads one operation. Members that the operation does not have are ignored (RFC 6902 section 4).
func parseOperation(element []byte) (operation, error) {
	var o operation
	var hasOp, hasPath, hasValue, valid bool
	o.op, hasOp = text(element, "op")
	o.path, hasPath = text(element, "path")
	if !hasOp || !hasPath {
		return o, errIncomplete
	}
	if o.tokens, valid = tokensOf(o.path); !valid {
		return o, errBadPointer
	}
	if hasEmptyName(o.tokens) && o.op != "test" {
		return o, errEmptyName
	}
	o.value, hasValue = strictjson.Get(element, "value")
	switch o.op {
	case "add", "replace", "test":
		if !hasValue {
			return o, errIncomplete
		}
	case "remove":
	case "move", "copy":
		return o, o.parseFrom(element)
	default:
		o.op = "unknown"
		return o, errUnknown
	}
	return o, nil
}

// hasEmptyName finds pointers with an empty reference token. The library takes "//" for a place outside of the document
// (it would carry out a move to there by deleting the value, and report success) and replaces a "" that is not there.
func hasEmptyName(tokens []string) bool {
	return slices.Contains(tokens, "")
}

// parseFrom reads the source of a move or copy.
func (o *operation) parseFrom(element []byte) error {
	var ok bool
	if o.from, ok = text(element, "from"); !ok {
		return errIncomplete
	}
	tokens, ok := tokensOf(o.from)
	if !ok {
		return fmt.Errorf("from: %w", errBadPointer)
	}
	if hasEmptyName(tokens) {
		return fmt.Errorf("from: %w", errEmptyName)
	}
	if n := len(tokens); o.op == "move" && len(o.tokens) > n && slices.Equal(o.tokens[:n], tokens) {
		return errInsideItself
	}
	return nil
}

// text gives a member that must be a string.
func text(object []byte, name string) (string, bool) {
	value, ok := strictjson.Get(object, name)
	if !ok {
		return "", false
	}
	return strictjson.Unquote(value)
}
