package apply

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/voorpoort/voorpoort/strictjson"
)

// The operations of a JSON Patch (RFC 6902 section 4).
const (
	opAdd     = "add"
	opRemove  = "remove"
	opReplace = "replace"
	opMove    = "move"
	opCopy    = "copy"
	opTest    = "test"
)

// Causes of a PatchError.
var (
	// ErrNoValue says that there is nothing at the place that an operation needs.
	ErrNoValue = errors.New("no such value")
	// ErrTestFailed says that a test found another value than the patch expects.
	ErrTestFailed = errors.New("the value is another one")
	// ErrPatchTooLarge is in the chain of the errors that say which limit a patch exceeds: see MaxOperations.
	ErrPatchTooLarge = errors.New("the patch asks for too much")

	errTooMany      = fmt.Errorf("%w: it has more than %d operations", ErrPatchTooLarge, MaxOperations)
	errTooMuchCopy  = fmt.Errorf("%w: it copies more than %d bytes", ErrPatchTooLarge, MaxCopied)
	errTooMuchWork  = fmt.Errorf("%w: more than %d bytes are to be read and moved", ErrPatchTooLarge, MaxWork)
	errBadIndex     = errors.New("not an index of an array")
	errBadPointer   = errors.New("not a JSON pointer")
	errBadFrom      = errors.New("from is not a JSON pointer")
	errInsideItself = errors.New("a value cannot be moved into itself")
	errNoDocument   = errors.New("the whole document cannot be removed")
	errUnknown      = errors.New("unknown operation")
	errIncomplete   = errors.New("a member is missing or not a string")
)

// operation is one operation of a JSON Patch.
type operation struct {
	op, path, from string
	tokens, source []string // of path and from
	value          []byte
}

// parseOperations reads all operations, so that a patch with a mistake at its end is refused before any work.
func parseOperations(patch []byte) ([]operation, error) {
	if err := shape("data", patch, strictjson.Array); err != nil {
		return nil, err
	}
	var operations []operation
	for element := range strictjson.Elements(patch) {
		if len(operations) == MaxOperations {
			return nil, &PatchError{Index: -1, Err: errTooMany}
		}
		o, err := parseOperation(element)
		if err != nil {
			return nil, o.failure(len(operations), err)
		}
		operations = append(operations, o)
	}
	return operations, nil
}

// parseOperation reads one operation. Members that RFC 6902 does not name are ignored, as it asks.
func parseOperation(element []byte) (operation, error) {
	var o operation
	var hasOp, hasPath, hasFrom, valid bool
	for name, value := range strictjson.Members(element) {
		switch {
		case strictjson.NameIs(name, "op"):
			o.op, hasOp = strictjson.Unquote(value)
		case strictjson.NameIs(name, "path"):
			o.path, hasPath = strictjson.Unquote(value)
		case strictjson.NameIs(name, "from"):
			o.from, hasFrom = strictjson.Unquote(value)
		case strictjson.NameIs(name, "value"):
			o.value = value
		}
	}
	if !hasOp || !hasPath {
		return o, errIncomplete
	}
	if o.tokens, valid = tokensOf(o.path); !valid {
		return o, errBadPointer
	}
	switch o.op {
	case opAdd, opReplace, opTest:
		if o.value == nil {
			return o, errIncomplete
		}
	case opRemove:
		if len(o.tokens) == 0 {
			return o, errNoDocument
		}
	case opMove, opCopy:
		if !hasFrom {
			return o, errIncomplete
		}
		return o, o.parseFrom()
	default:
		return o, errUnknown
	}
	return o, nil
}

// parseFrom reads the source of a move or copy. RFC 6902 section 4.4 forbids to move a value into one of its own parts.
func (o *operation) parseFrom() error {
	var valid bool
	if o.source, valid = tokensOf(o.from); !valid {
		return errBadFrom
	}
	if n := len(o.source); o.op == opMove && len(o.tokens) > n && slices.Equal(o.tokens[:n], o.source) {
		return errInsideItself
	}
	return nil
}

// failure is the error of the operation at a position. Of the patch it repeats the path only, and not all of a long one.
func (o *operation) failure(index int, err error) *PatchError {
	failure := &PatchError{Index: index, Op: o.op, Path: o.path, Err: err}
	switch o.op {
	case opAdd, opRemove, opReplace, opMove, opCopy, opTest, "":
	default:
		failure.Op = "unknown"
	}
	if len(failure.Path) > maxErrorPath {
		failure.Path = strings.ToValidUTF8(failure.Path[:maxErrorPath], "") + "..."
	}
	return failure
}
