package event

import (
	"strings"
	"sync"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/ext"
)

// scope says which variables an expression has.
type scope uint8

const (
	scopeRule      scope = iota // expressions of rules
	scopeCondition              // conditions of webhooks: the event is known as well
)

// variableNames is for error messages.
const variableNames = "request.method, request.path, request.query, request.headers, request.body, params, before, after, response " +
	"and, for webhooks, event.type, event.source, event.subject, event.resource, event.action, event.phase, event.time"

// environments are built on first use: most configurations have no expression.
var environments = [...]func() (*cel.Env, error){
	scopeRule:      sync.OnceValues(newRuleEnvironment),
	scopeCondition: sync.OnceValues(newConditionEnvironment),
}

func environment(s scope) (*cel.Env, error) {
	return environments[s]()
}

// newRuleEnvironment declares the members of request one by one, so that a wrong name is found when the configuration is
// loaded and so that the body is decoded only for expressions that name it.
func newRuleEnvironment() (*cel.Env, error) {
	return cel.NewEnv(
		cel.Variable("request.method", cel.StringType),
		cel.Variable("request.path", cel.StringType),
		cel.Variable("request.query", cel.MapType(cel.StringType, cel.ListType(cel.StringType))),
		cel.Variable("request.headers", cel.MapType(cel.StringType, cel.StringType)),
		cel.Variable("request.body", cel.DynType),
		cel.Variable("params", cel.MapType(cel.StringType, cel.StringType)),
		cel.Variable("before", cel.DynType),
		cel.Variable("after", cel.DynType),
		cel.Variable("response", cel.DynType),
		cel.OptionalTypes(),
		cel.DefaultUTCTimeZone(true),
		ext.Strings(),
		cel.ASTValidators(cel.ValidateDurationLiterals(), cel.ValidateTimestampLiterals(), cel.ValidateRegexLiterals()),
	)
}

func newConditionEnvironment() (*cel.Env, error) {
	base, err := newRuleEnvironment()
	if err != nil {
		return nil, err
	}
	return base.Extend(
		cel.Variable("event.type", cel.StringType),
		cel.Variable("event.source", cel.StringType),
		cel.Variable("event.subject", cel.StringType),
		cel.Variable("event.resource", cel.StringType),
		cel.Variable("event.action", cel.StringType),
		cel.Variable("event.phase", cel.StringType),
		cel.Variable("event.time", cel.TimestampType),
	)
}

// activation gives the variables of one evaluation, each made when it is asked for.
type activation struct {
	event     *Event
	body      any  // decoded, if the expression names it
	allowList bool // headers beyond the allow-list must not get into the result
}

// Parent is part of CEL's interface; there is no outer scope.
func (a *activation) Parent() cel.Activation { return nil }

// ResolveName gives the value of a variable.
func (a *activation) ResolveName(name string) (any, bool) {
	e := a.event
	switch name {
	case "request.method":
		return valid(e.method()), true
	case "request.path":
		return valid(e.Request.Path), true
	case "request.query":
		values, _ := groupPairs(parseQuery(nil, e.Request.Query))
		return values, true
	case "request.headers":
		return a.headers(), true
	case "request.body":
		return a.body, true
	case "params":
		return e.params(), true
	case "before", "after", "response":
		return types.NullValue, true
	}
	return e.attribute(name) // the compiler lets conditions only name these
}

// headers gives header fields under lower-case names.
func (a *activation) headers() map[string]string {
	out := make(map[string]string)
	if a.allowList {
		for _, h := range a.event.allowedHeaders() {
			if values := a.event.Request.Header[h.name]; len(values) > 0 {
				out[strings.ToLower(h.name)] = valid(joined(values))
			}
		}
		return out
	}
	for name, values := range a.event.Request.Header {
		if len(values) > 0 {
			out[strings.ToLower(name)] = valid(joined(values))
		}
	}
	return out
}

// params gives the path parameters, decoded once.
func (e *Event) params() map[string]string {
	if e.action == nil {
		return map[string]string{}
	}
	names := e.action.rule.path.params
	out := make(map[string]string, len(names))
	for i, name := range names {
		out[name] = valid(decodeSegment(e.match.raw(i)))
	}
	return out
}

// attribute gives a variable of the event.
func (e *Event) attribute(name string) (any, bool) {
	switch name {
	case "event.type":
		return e.Type.Name, true
	case "event.source":
		return e.Source, true
	case "event.subject":
		return e.Subject, true
	case "event.resource":
		return e.Resource, true
	case "event.action":
		return e.Action, true
	case "event.phase":
		return e.Phase.String(), true
	case "event.time":
		return e.Time, true
	default:
		return nil, false
	}
}

// valid replaces bytes that are not UTF-8, which CEL's strings cannot hold.
func valid(s string) string {
	return strings.ToValidUTF8(s, "\uFFFD")
}
