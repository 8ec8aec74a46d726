// Package apply changes a request body as a webhook's answer says. It is a pure function of body, answer and plan.
//
// It works on bytes. What an answer does not change keeps its bytes: the spelling of numbers, the order of members,
// whitespace, integers that no float can hold. Both documents must have passed [strictjson.Check], and a result
// passes it again, except that custom and json-patch may nest deeper than their inputs did: see [Plan.Deepens].
package apply

import (
	"errors"
	"fmt"
	"sync"

	"github.com/voorpoort/voorpoort/strictjson"
)

// Strategy names a way of applying an answer.
type Strategy string

// The strategies. All but Custom use the answer's member "data" only.
const (
	// Merge merges data, an object, into the body: objects deeply, anything else by replacing it; null sets null.
	Merge Strategy = "merge"
	// Replace makes data, of any type, the body.
	Replace Strategy = "replace"
	// Custom sets or merges parts of the answer at places in the body: see Field.
	Custom Strategy = "custom"
	// MergePatch applies data as RFC 7396 says: like Merge, but null removes.
	MergePatch Strategy = "merge-patch"
	// JSONPatch applies data as RFC 6902 says: it is an array of operations, of which all are carried out or none. The body
	// may be of any type, but there must be one.
	JSONPatch Strategy = "json-patch"
)

// Result is what became of a body.
type Result struct {
	// Body is the new body. It is the very slice that was passed in when nothing changed, and otherwise memory
	// that belongs to nobody else (or the buffer given to ApplyTo).
	Body []byte
	// Changed tells whether Body is another JSON value than before: 5 for 5.0 or members in another order is no change.
	Changed bool
	// Pointers are RFC 6901 pointers to what was set, added or removed; "" is the whole body. At most MaxPointers. With
	// JSONPatch they are those of the operations, as the patch has them.
	Pointers []string
	// More tells that there were more pointers than Pointers holds.
	More bool
}

// Plan is a compiled strategy. It is immutable and may be used by many goroutines.
type Plan struct {
	strategy Strategy
	fields   []field
}

// Compile checks a strategy and, for Custom, its mapping, which other strategies must not have. Errors say which entry is
// wrong, and why.
func Compile(s Strategy, mapping []Field) (*Plan, error) {
	switch s {
	case Merge, Replace, MergePatch, JSONPatch:
		if len(mapping) > 0 {
			return nil, fmt.Errorf("strategy %q takes no field mapping", s)
		}
		return &Plan{strategy: s}, nil
	case Custom:
		fields, err := compileFields(mapping)
		if err != nil {
			return nil, err
		}
		return &Plan{strategy: s, fields: fields}, nil
	default:
		return nil, fmt.Errorf("unknown strategy %q", s)
	}
}

// Deepens tells whether a result can have more nested containers than both body and answer; if so, the caller that has
// a depth limit checks the result.
func (p *Plan) Deepens() bool {
	return p.strategy == Custom || p.strategy == JSONPatch
}

// Apply gives the body that answer makes of body. An empty body means that the request has none: data becomes the body
// then, and Custom starts from an empty object.
//
// Errors are ErrNoData, and *ShapeError, *PathError, *PatchError for an answer that does not fit the body; the
// body is left alone then. The size of the result is at most the sum of both documents and a few bytes, except
// for JSONPatch (see MaxCopied).
func (p *Plan) Apply(body, answer []byte) (Result, error) {
	return p.ApplyTo(nil, body, answer)
}

// ApplyTo is Apply with a buffer for the result: buf's memory is used from its beginning when it is large enough. It
// must not overlap body or answer.
func (p *Plan) ApplyTo(buf, body, answer []byte) (Result, error) {
	m := mergers.Get().(*merger)
	defer m.release()
	m.out = buf[:0]
	changed, err := p.run(m, body, answer)
	if err != nil {
		return Result{Body: body}, err
	}
	if !changed {
		return Result{Body: body}, nil
	}
	result := Result{Body: m.out, Changed: true}
	result.Pointers, result.More = m.trail.list()
	return result, nil
}

// run leaves the new body in m.out and tells whether there is one.
func (p *Plan) run(m *merger, body, answer []byte) (bool, error) {
	if p.strategy == Custom {
		return applyFields(m, p.fields, body, answer)
	}
	patch, err := data(answer)
	if err != nil {
		return false, err
	}
	switch p.strategy {
	case Merge:
		if err := shape("data", patch, strictjson.Object); err != nil {
			return false, err
		}
		if !absent(body) {
			if err := shape("body", body, strictjson.Object); err != nil {
				return false, err
			}
		}
		return m.run(body, patch), nil
	case MergePatch:
		m.deleting = true
		return m.run(body, patch), nil
	case JSONPatch:
		return applyOperations(m, body, patch)
	default:
		return m.replaceAll(body, patch), nil
	}
}

// ErrNoData is returned when an answer has nothing to apply: all strategies but Custom need a member "data" that is not
// null. Many programs write null for a member that they have nothing to say in, so null is no data, with MergePatch too.
// The caller goes on with the body as it is.
var ErrNoData = errors.New("the answer has no data")

// data gives the member of an answer that the strategies apply.
func data(answer []byte) ([]byte, error) {
	i := strictjson.FindMember(answer, strictjson.Start(answer), "data")
	if i < 0 || answer[i] == 'n' {
		return nil, ErrNoData
	}
	return answer[i:strictjson.Skip(answer, i)], nil
}

// absent tells whether there is no body.
func absent(body []byte) bool {
	return strictjson.KindOf(body) == strictjson.Invalid
}

var mergers = sync.Pool{New: func() any { return new(merger) }}
