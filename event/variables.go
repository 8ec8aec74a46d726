package event

import (
	"sync"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/ext"
)

// scope says which variables an expression has.
type scope uint8

const (
	scopeRule      scope = iota // expressions of rules
	scopeAfter                  // expressions of after-events and lookups: there are links, lookups and items as well
	scopeCorrelate              // correlations: nothing is known but the request
	scopeCondition              // conditions of webhooks: the event is known as well
)

const (
	requestVariables = "request.method, request.path, request.query, request.headers, request.body, params"
	commonVariables  = requestVariables + ", before, after, response.status, response.headers, response.body"
)

// variableNames is for error messages.
var variableNames = [...]string{
	scopeRule:      commonVariables + ", settings",
	scopeAfter:     commonVariables + ", settings, public_url, fetched, item",
	scopeCorrelate: requestVariables + ", settings",
	scopeCondition: commonVariables + " and, for webhooks, event.type, event.source, event.subject, event.resource, event.action, " +
		"event.phase, event.time",
}

// environments are built on first use: most configurations have no expression.
var environments = [...]func() (*cel.Env, error){
	scopeRule:      sync.OnceValues(newRuleEnvironment),
	scopeAfter:     sync.OnceValues(newAfterEnvironment),
	scopeCorrelate: sync.OnceValues(newCorrelateEnvironment),
	scopeCondition: sync.OnceValues(newConditionEnvironment),
}

func environment(s scope) (*cel.Env, error) {
	return environments[s]()
}

// newRequestEnvironment declares the members of request one by one, so that a wrong name is found when the configuration is
// loaded and so that the body is decoded only for expressions that name it.
func newRequestEnvironment() (*cel.Env, error) {
	return cel.NewEnv(
		cel.Variable("request.method", cel.StringType),
		cel.Variable("request.path", cel.StringType),
		cel.Variable("request.query", cel.MapType(cel.StringType, cel.ListType(cel.StringType))),
		cel.Variable("request.headers", cel.MapType(cel.StringType, cel.StringType)),
		cel.Variable("request.body", cel.DynType),
		cel.Variable("params", cel.MapType(cel.StringType, cel.StringType)),
		cel.OptionalTypes(),
		cel.DefaultUTCTimeZone(true),
		ext.Strings(),
		urlencodeFunction(),
		cel.ASTValidators(cel.ValidateDurationLiterals(), cel.ValidateTimestampLiterals(), cel.ValidateRegexLiterals()),
	)
}

// newCommonEnvironment adds what is known when the register has acted, and null before.
func newCommonEnvironment() (*cel.Env, error) {
	base, err := newRequestEnvironment()
	if err != nil {
		return nil, err
	}
	return base.Extend(
		cel.Variable("before", cel.DynType),
		cel.Variable("after", cel.DynType),
		cel.Variable("response", cel.DynType),
		cel.Variable("response.status", cel.IntType),
		cel.Variable("response.headers", cel.MapType(cel.StringType, cel.StringType)),
		cel.Variable("response.body", cel.DynType),
	)
}

func newCorrelateEnvironment() (*cel.Env, error) {
	base, err := newRequestEnvironment()
	if err != nil {
		return nil, err
	}
	return base.Extend(cel.Variable("settings", cel.MapType(cel.StringType, cel.DynType)), ext.Bindings())
}

func newRuleEnvironment() (*cel.Env, error) {
	base, err := newCommonEnvironment()
	if err != nil {
		return nil, err
	}
	return base.Extend(cel.Variable("settings", cel.MapType(cel.StringType, cel.DynType)))
}

func newAfterEnvironment() (*cel.Env, error) {
	base, err := newRuleEnvironment()
	if err != nil {
		return nil, err
	}
	return base.Extend(
		cel.Variable("public_url", cel.StringType),
		cel.Variable("fetched", cel.MapType(cel.StringType, cel.DynType)),
		cel.Variable("item", cel.DynType),
		ext.Bindings(),
	)
}

func newConditionEnvironment() (*cel.Env, error) {
	base, err := newCommonEnvironment()
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
