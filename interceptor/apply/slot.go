package apply

import (
	"github.com/voorpoort/voorpoort/strictjson"
)

// slot is the place in a document that a pointer leads to, or would lead to after an add.
type slot struct {
	found bool // there is a value
	array bool // the place is in an array
	first bool // nothing is before it in its object or array
	// before is the end of what is before it: of a member, an element or the opening bracket.
	before int
	// head is the beginning of the member, which is its name, or of the element; start is that of the value.
	head, start int
}

// find follows a pointer. Only the last step may lead to a place without a value; in an array that place is the one behind
// the last element.
func (p *patcher) find(tokens []string) (slot, error) {
	at := strictjson.Start(p.doc)
	s := slot{found: true, head: at, start: at}
	for i, token := range tokens {
		var err error
		switch p.doc[s.start] {
		case '{':
			s = p.member(s.start, token)
		case '[':
			if s, err = p.element(s.start, token); err != nil {
				return s, err
			}
		default:
			return s, ErrNoValue
		}
		if !s.found && i < len(tokens)-1 {
			return s, ErrNoValue
		}
	}
	return s, p.spend(0)
}

// existing is find for operations that need a value.
func (p *patcher) existing(tokens []string) (slot, error) {
	s, err := p.find(tokens)
	if err == nil && !s.found {
		err = ErrNoValue
	}
	return s, err
}

// member finds a member of the object at i.
func (p *patcher) member(i int, name string) slot {
	s := slot{first: true, before: i + 1}
	for c := strictjson.Enter(p.doc, i); c.Valid(); c.Next() {
		if c.NameIs(name) {
			s.found, s.head, s.start = true, c.NameStart(), c.ValueStart()
			break
		}
		s.first, s.before = false, c.ValueEnd()
		p.work += stepWork
	}
	p.work += max(s.before, s.start) - i
	return s
}

// element finds an element of the array at i.
func (p *patcher) element(i int, token string) (slot, error) {
	if token == "-" {
		return p.behind(i), nil
	}
	index, ok := strictjson.ArrayIndex(token)
	if !ok {
		return slot{}, errBadIndex
	}
	s := slot{array: true, first: true, before: i + 1}
	p.work += stepWork * min(index, len(p.doc))
	at, ok := strictjson.FirstElement(p.doc, i)
	for ; ok && index > 0; index-- {
		s.first, s.before = false, strictjson.Skip(p.doc, at)
		at, ok = strictjson.NextElement(p.doc, s.before)
	}
	p.work += max(s.before, at) - i
	if index > 0 {
		return s, ErrNoValue
	}
	s.found, s.head, s.start = ok, at, at
	return s, nil
}

// behind gives the place behind the last element of the array at i.
func (p *patcher) behind(i int) slot {
	end := strictjson.Skip(p.doc, i) - 1
	p.work += end - i
	for p.doc[end-1] <= ' ' {
		end--
	}
	return slot{array: true, first: end == i+1, before: end}
}
