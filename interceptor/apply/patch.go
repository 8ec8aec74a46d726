package apply

import (
	"errors"
	"slices"

	"github.com/voorpoort/voorpoort/strictjson"
)

// Limits of a JSON Patch: an answer may be short and still ask for very much work.
const (
	// MaxOperations is the number of operations of one patch.
	MaxOperations = 1000
	// MaxCopied is what all copy operations of a patch may copy, in bytes. It stops the document that is copied into
	// itself again and again.
	MaxCopied = 8 << 20
	// MaxWork is the number of bytes that all operations may read and move. An operation reads up to its place and
	// moves what is behind it: a thousand of them have room on half a megabyte, and the worst patch takes less than
	// half a second.
	MaxWork = 512 << 20

	// stepWork is what passing one member or element counts beside its bytes.
	stepWork = 16

	maxErrorPath = 256
)

// patcher carries out a JSON Patch (RFC 6902) on bytes: each operation finds its place and replaces a piece of the
// document. It is stricter than many a library: an array index has no leading zeros, the empty name is a name like
// any other, and values are compared as values.
type patcher struct {
	doc    []byte // the document as it is now
	own    []byte // memory for the document, until it is in use
	owned  bool   // doc may be written to
	copied int
	work   int
	held   []byte // the value of a move or copy
	piece  []byte // a member or element with its comma
}

// applyOperations carries out a JSON Patch and leaves the result in m.out. When one operation fails, nothing is changed.
func applyOperations(m *merger, body, patch []byte) (bool, error) {
	if absent(body) {
		return false, shape("body", body, strictjson.Object)
	}
	operations, err := parseOperations(patch)
	if err != nil {
		return false, err
	}
	p := patcher{doc: body, own: m.out}
	for i := range operations {
		o := &operations[i]
		if err := p.run(o); err != nil {
			failure := o.failure(i, err)
			failure.Failed = o.op == opTest && !errors.Is(err, ErrPatchTooLarge)
			return false, failure
		}
		if o.op == opMove {
			m.trail.notePointer(o.from)
		}
		if o.op != opTest {
			m.trail.notePointer(o.path)
		}
	}
	m.out = p.doc
	return p.owned && !strictjson.Equal(body, p.doc), nil
}

// run carries out one operation.
func (p *patcher) run(o *operation) error {
	switch o.op {
	case opAdd:
		return p.add(o.tokens, o.value)
	case opRemove:
		return p.remove(o.tokens)
	case opReplace:
		return p.replace(o.tokens, o.value)
	case opMove:
		return p.move(o.source, o.tokens)
	case opCopy:
		return p.copy(o.source, o.tokens)
	default:
		return p.test(o.tokens, o.value)
	}
}

// add is section 4.1: it inserts an element before the one that has the index, or sets a member or the whole document.
func (p *patcher) add(tokens []string, value []byte) error {
	s, err := p.find(tokens)
	if err != nil {
		return err
	}
	if s.found && !s.array {
		return p.splice(s.start, p.end(s), value)
	}
	p.piece = p.piece[:0]
	if !s.first {
		p.piece = append(p.piece, ',')
	}
	if !s.array {
		p.piece = append(strictjson.AppendQuote(p.piece, tokens[len(tokens)-1]), ':')
	}
	p.piece = append(p.piece, value...)
	at := s.before
	if s.found && s.first {
		p.piece, at = append(p.piece, ','), s.head
	}
	return p.splice(at, at, p.piece)
}

// remove is section 4.2. The comma before what is removed goes with it, or else the one behind it.
func (p *patcher) remove(tokens []string) error {
	s, err := p.existing(tokens)
	if err != nil {
		return err
	}
	from, to := s.head, p.end(s)
	if !s.first {
		from = s.before
	} else if next, ok := strictjson.NextElement(p.doc, to); ok {
		to = next
	}
	return p.splice(from, to, nil)
}

// replace is section 4.3.
func (p *patcher) replace(tokens []string, value []byte) error {
	s, err := p.existing(tokens)
	if err != nil {
		return err
	}
	return p.splice(s.start, p.end(s), value)
}

// move is section 4.4: a remove, and then an add of what was removed.
func (p *patcher) move(source, tokens []string) error {
	if err := p.hold(source); err != nil || slices.Equal(source, tokens) {
		return err
	}
	if err := p.remove(source); err != nil {
		return err
	}
	return p.add(tokens, p.held)
}

// copy is section 4.5.
func (p *patcher) copy(source, tokens []string) error {
	if err := p.hold(source); err != nil {
		return err
	}
	if p.copied += len(p.held); p.copied > MaxCopied {
		return errTooMuchCopy
	}
	return p.add(tokens, p.held)
}

// hold keeps a value while the document changes under it.
func (p *patcher) hold(tokens []string) error {
	s, err := p.existing(tokens)
	if err != nil {
		return err
	}
	p.held = append(p.held[:0], p.doc[s.start:p.end(s)]...)
	return p.spend(len(p.held))
}

// test is section 4.6.
func (p *patcher) test(tokens []string, value []byte) error {
	s, err := p.existing(tokens)
	if err != nil {
		return err
	}
	have := p.doc[s.start:p.end(s)]
	// Objects whose members stand in another order are read anew for each object around them.
	if err := p.spend((len(have) + len(value)) * (1 + 2*depth(value))); err != nil {
		return err
	}
	if !strictjson.Equal(have, value) {
		return ErrTestFailed
	}
	return nil
}

// depth is the number of containers inside one another in a value.
func depth(value []byte) int {
	open, deepest := 0, 0
	for i := 0; i < len(value); i++ {
		switch value[i] {
		case '"':
			i = strictjson.Skip(value, i) - 1
		case '{', '[':
			open++
			deepest = max(deepest, open)
		case '}', ']':
			open--
		}
	}
	return deepest
}

// end gives the end of the value at a slot.
func (p *patcher) end(s slot) int {
	end := strictjson.Skip(p.doc, s.start)
	p.work += end - s.start
	return end
}

// splice puts piece, which is no part of the document, in the place of a part.
func (p *patcher) splice(from, to int, piece []byte) error {
	if !p.owned {
		p.own = slices.Grow(p.own, len(p.doc)+len(piece))
		p.doc, p.owned = append(p.own, p.doc...), true
	}
	p.doc = slices.Replace(p.doc, from, to, piece...)
	return p.spend(len(p.doc) - from)
}

// spend counts work. The limit is exceeded by one operation at most.
func (p *patcher) spend(work int) error {
	if p.work += work; p.work > MaxWork {
		return errTooMuchWork
	}
	return nil
}
