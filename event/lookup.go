package event

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/voorpoort/voorpoort/strictjson"
)

// maxLookups bounds the calls to the register that one action may cost.
const maxLookups = 4

// Fetched is a document that was looked up, or the reason why it could not be.
type Fetched struct {
	Body   json.RawMessage `json:"body,omitempty"`   // empty when there was nothing to look up
	Failed string          `json:"failed,omitempty"` // for people
}

// LookupError says that a document which an event needs could not be got from the register.
type LookupError struct {
	Rule   string
	Lookup string
	Err    error
}

// Error names the rule and the lookup. The path, which holds identifiers, is left out.
func (e *LookupError) Error() string {
	return fmt.Sprintf("looking up %s for rule %q: %v", e.Lookup, e.Rule, e.Err)
}

// Unwrap gives the reason.
func (e *LookupError) Unwrap() error { return e.Err }

// lookup is a compiled [Lookup].
type lookup struct {
	name     string
	rule     *rule
	path     *program
	phase    Phase
	optional bool
}

// compileLookup compiles a lookup. The error's field is relative to it.
func (r *rule) compileLookup(name string, config Lookup) (*lookup, string, error) {
	l := &lookup{name: name, rule: r, phase: After, optional: config.Optional}
	if err := checkParamName(name); err != nil {
		return nil, "name", fmt.Errorf("%q is not a name: a letter followed by letters, digits and underscores", name)
	}
	switch config.Phase {
	case "", After.String():
	case Before.String():
		l.phase = Before
	default:
		return nil, "phase", fmt.Errorf("%q is not a phase; the phases are before and after", config.Phase)
	}
	if config.PathExpression == "" {
		return nil, "path_expression", errors.New("is missing")
	}
	var err error
	if l.path, err = r.compileAfterProgram("path_expression", config.PathExpression, resultString, nil); err != nil {
		return nil, "path_expression", err
	}
	if l.phase == Before && l.path.uses&(usesAfter|usesResponse) != 0 {
		return nil, "path_expression", errors.New("names after or response, which are not known in the phase before")
	}
	return l, "", nil
}

// Prepare gets what the events after this write need to know from before it, such as the thing that a removed link led to. It
// is called when [Exchange.Before] is there and before the write is passed on; the results are in [Exchange.Fetched].
//
// An error says that a document could not be got. The caller may refuse the write, or pass it on: then the events that need
// that document will be unbuilt, and the others not.
func (m Match) Prepare(ctx context.Context, ex *Exchange) error {
	e, err := m.pick(ctx, ex.Request)
	if e == nil {
		return err
	}
	e.facts = newFacts(ex, e.deletes())
	var errs []error
	for _, l := range e.action.lookups {
		if l.phase != Before || !l.wanted(e, ex.wants) {
			continue
		}
		found, err := l.get(ctx, e, ex)
		if ex.Fetched == nil {
			ex.Fetched = make(map[string]Fetched)
		}
		if err == nil {
			ex.Fetched[l.name] = Fetched{Body: found.raw}
			continue
		}
		ex.Fetched[l.name] = Fetched{Failed: err.Error()}
		if !l.optional {
			errs = append(errs, &LookupError{Rule: l.rule.name, Lookup: l.name, Err: err})
		}
	}
	return errors.Join(errs...)
}

// wanted reports whether an event that somebody wants names the lookup.
func (l *lookup) wanted(e *Event, wants func(Type) bool) bool {
	for _, k := range e.action.afters {
		if e.action.fetches(k, l.name) && wants(k.typeFor(&e.match)) {
			return true
		}
	}
	return false
}

// get evaluates the path and gets the document, which is empty when there is nothing to get.
func (l *lookup) get(ctx context.Context, e *Event, ex *Exchange) (*document, error) {
	path, err := l.path.evalString(ctx, e)
	if err != nil {
		return nil, &EvaluationError{Rule: l.rule.name, Field: "path_expression", Err: err}
	}
	if path == "" {
		return new(document), nil
	}
	if known := e.facts.got[path]; known != nil {
		return known, nil
	}
	if err := checkRegisterPath(path); err != nil {
		return nil, err
	}
	if ex.Fetch == nil {
		return nil, errors.New("there is nobody who gets documents from the register")
	}
	body, err := ex.Fetch(ctx, path)
	if err != nil {
		return nil, err
	}
	if strictjson.KindOf(body) == strictjson.Invalid {
		return nil, errors.New("the register's answer is not JSON")
	}
	e.facts.got[path] = &document{raw: body}
	return e.facts.got[path], nil
}

// resolve makes the documents available that an expression names.
func (e *Event) resolve(ctx context.Context, ex *Exchange, names []string) error {
	for _, l := range e.action.lookups {
		if _, known := e.facts.fetched[l.name]; known || !slices.Contains(names, l.name) {
			continue
		}
		found, err := l.result(ctx, e, ex)
		if err != nil {
			if !l.optional {
				return &LookupError{Rule: l.rule.name, Lookup: l.name, Err: err}
			}
			found = new(document)
		}
		e.facts.fetched[l.name] = found
	}
	return nil
}

// result is what was got before the write, or is got now.
func (l *lookup) result(ctx context.Context, e *Event, ex *Exchange) (*document, error) {
	known, ok := ex.Fetched[l.name]
	switch {
	case ok && known.Failed != "":
		return nil, errors.New(known.Failed)
	case ok:
		return &document{raw: known.Body}, nil
	case l.phase == Before:
		return nil, errors.New("it was not looked up before the write")
	default:
		return l.get(ctx, e, ex)
	}
}

// values are the documents as expressions see them. One that is not JSON is null; who made it has checked it.
func (f *facts) values() map[string]any {
	out := make(map[string]any, len(f.fetched))
	for name, d := range f.fetched {
		if value, err := d.decoded(); err == nil {
			out[name] = value
		}
	}
	return out
}
