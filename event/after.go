package event

import (
	"context"
	"errors"
	"time"

	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"cel.dev/cel-go/common/types/traits"
)

// maxEvents bounds the events of one exchange.
const maxEvents = 256

// After gives the events that follow the register's action, in order: none when the register refused. The rule is the one
// that [Match.Choose] finds; bind the match before webhooks change the body.
//
// Without an expression of the rule the data of an event is the object document:
//
//	{"objectType": "object", "action": "created", "register": "r", "schema": "s", "object": {...}, "before": {...}}
//
// objectType is the resource, action the last part of the type, then come the path parameters. object is what the register
// answered or, for DELETE, the image from before; before is that image if there is one. Both are copied byte for byte.
// Where object is null, objectMissing says why: "empty", "not-json", "too-large" (to be kept) or "unknown".
//
// An error is an [*AfterError] with the events that could not be built, beside those that could; or an [*EvaluationError] when
// not even the rule can be told. When the context ends, the events that are left are unbuilt.
func (m Match) After(ctx context.Context, ex *Exchange) ([]*Event, error) {
	if !ex.happened() {
		return nil, nil
	}
	first, err := m.pick(ctx, ex.Request)
	if first == nil {
		return nil, err
	}
	b := &builder{ex: ex, action: first.action, match: first.match, facts: newFacts(ex, first.deletes()), at: ex.Time}
	if b.at.IsZero() {
		b.at = m.table.now()
	}
	for _, k := range b.action.afters {
		if ex.wants(k.typeFor(&b.match)) {
			b.add(ctx, k)
		}
	}
	if len(b.unbuilt) > 0 {
		return b.events, &AfterError{Unbuilt: b.unbuilt}
	}
	return b.events, nil
}

// deletes reports whether nothing is left after the action.
func (e *Event) deletes() bool { return e.method() == "DELETE" }

// builder makes the events of one exchange.
type builder struct {
	ex      *Exchange
	action  *action
	match   Match
	facts   *facts
	at      time.Time
	made    int // ids that are given away
	events  []*Event
	unbuilt []*Unbuilt
}

// add makes the events of one kind.
func (b *builder) add(ctx context.Context, k *kind) {
	if k.after.forEach == nil {
		b.addOne(ctx, k, nil)
		return
	}
	items, err := b.items(ctx, k)
	if err != nil {
		b.fail(b.start(k, nil), err)
		return
	}
	for it := items.Iterator(); it.HasNext() == types.True; {
		item := it.Next()
		if b.made == maxEvents {
			b.fail(b.start(k, nil), ErrTooMany)
			return
		}
		b.addOne(ctx, k, item)
	}
}

// items are what there is an event for each of.
func (b *builder) items(ctx context.Context, k *kind) (traits.Lister, error) {
	e := b.start(k, nil)
	p := k.after.forEach
	if err := e.resolve(ctx, b.ex, p.fetches); err != nil {
		return nil, err
	}
	value, err := p.eval(ctx, e, e.Request.Body)
	if err != nil {
		return nil, &EvaluationError{Rule: e.Rule(), Field: p.field, Err: err}
	}
	list, ok := value.(traits.Lister)
	if !ok {
		err := errors.New("the expression gives a " + value.Type().TypeName() + ", not a list")
		return nil, &EvaluationError{Rule: e.Rule(), Field: p.field, Err: err}
	}
	return list, nil
}

// addOne makes one event, unless its condition does not hold.
func (b *builder) addOne(ctx context.Context, k *kind, item ref.Val) {
	e := b.start(k, item)
	applies, err := e.applies(ctx, b.ex)
	if err == nil && !applies {
		return
	}
	if err == nil {
		err = e.complete(ctx, b.ex)
	}
	if err == nil {
		b.name(e)
		err = e.render(b.ex)
	}
	if err != nil {
		b.fail(e, err)
		return
	}
	b.events = append(b.events, e)
}

// start makes an event with what is the same for all of its kind.
func (b *builder) start(k *kind, item ref.Val) *Event {
	e := &Event{Request: b.ex.Request, match: b.match, action: b.action, facts: b.facts, item: item}
	e.describe(k)
	e.Time = b.at
	return e
}

// fail keeps an event that cannot be built.
func (b *builder) fail(e *Event, err error) {
	if e.ID == "" {
		b.name(e)
	}
	if e.Subject == "" {
		e.Subject = b.action.rule.subject.subject(&b.match)
	}
	e.json = e.appendUnbuilt(nil, b.ex)
	b.unbuilt = append(b.unbuilt, &Unbuilt{Event: e, Err: err})
}

// name gives an event its id.
func (b *builder) name(e *Event) {
	e.ID = b.nextID()
	if b.ex.Outcome != "" {
		e.ID, e.Certain = DoubtID(e.ID), e.ID
	}
}

// nextID gives the prescribed id, then those derived from it.
func (b *builder) nextID() string {
	n := b.made
	b.made++
	switch {
	case b.ex.ID == "":
		return b.match.table.newID()
	case n == 0:
		return b.ex.ID
	default:
		return derivedID(b.ex.ID, n)
	}
}
