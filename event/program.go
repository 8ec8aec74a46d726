package event

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
)

// costLimit bounds the work of one evaluation, in CEL's cost units; it is reached after about a sixth of a second. It stops
// expressions whose work grows faster than the body, such as one macro inside another, from holding a core. A search through
// one text of 2 MB stays below it.
const costLimit = 250_000

// interruptEvery is the number of steps of a macro between two looks at the context.
const interruptEvery = 64

// maxExpression is the length of an expression in characters.
const maxExpression = 16 << 10

// resultKind is the type that an expression must give.
type resultKind uint8

const (
	resultBool resultKind = iota
	resultString
	resultAny
)

// program is a compiled expression.
type program struct {
	field    string
	source   string
	compiled cel.Program
	scope    scope
	uses     usage
	fetches  []string // lookups that it names
}

// names are what an expression may refer to beyond the variables of its scope.
type names struct {
	params, lookups, settings []string
}

// compileProgram checks and compiles an expression. In rules it may name only what is known. The error is an [*ExpressionError].
func compileProgram(field, source string, result resultKind, in scope, known names) (*program, error) {
	if len(source) > maxExpression {
		return nil, &ExpressionError{Field: field, Detail: fmt.Sprintf("is longer than %d characters", maxExpression)}
	}
	env, err := environment(in)
	if err != nil {
		return nil, &ExpressionError{Field: field, Detail: err.Error()}
	}
	checked, issues := env.Compile(source)
	if issues.Err() != nil {
		return nil, expressionError(field, in, issues)
	}
	if err := checkResult(field, checked.OutputType(), result); err != nil {
		return nil, err
	}
	p := &program{field: field, source: source, scope: in}
	if err := p.inspect(checked.NativeRep(), known); err != nil {
		return nil, err
	}
	p.compiled, err = env.Program(checked, cel.EvalOptions(cel.OptOptimize), cel.CostLimit(costLimit),
		cel.CostTrackerOptions(urlencodeCost()), cel.InterruptCheckFrequency(interruptEvery))
	if err != nil {
		return nil, &ExpressionError{Field: field, Detail: err.Error()}
	}
	return p, nil
}

// expressionError tells the first of CEL's complaints, with what would have been allowed.
func expressionError(field string, in scope, issues *cel.Issues) error {
	first := issues.Errors()[0]
	detail := first.Message
	if strings.HasPrefix(detail, "undeclared reference") {
		detail += "; the variables are " + variableNames[in]
	}
	return &ExpressionError{
		Field: field, Line: first.Location.Line(), Column: first.Location.Column() + 1, Detail: detail,
	}
}

// checkResult compares the type of an expression with the one needed; a value of unknown type is checked when it is there.
func checkResult(field string, got *cel.Type, want resultKind) error {
	needed := map[resultKind]*cel.Type{resultBool: cel.BoolType, resultString: cel.StringType}[want]
	if needed == nil || got.IsExactType(needed) || got.IsExactType(cel.DynType) {
		return nil
	}
	return &ExpressionError{Field: field, Line: 1, Column: 1, Detail: fmt.Sprintf("gives a %s, but must give a %s", got, needed)}
}

// eval evaluates the program on an event with the given body.
func (p *program) eval(ctx context.Context, e *Event, body []byte) (ref.Val, error) {
	vars := activation{event: e, allowList: p.tells()}
	if err := vars.decode(p.uses, body); err != nil {
		return nil, err
	}
	value, _, err := p.compiled.ContextEval(ctx, &vars)
	if err != nil {
		if cause := context.Cause(ctx); cause != nil {
			return nil, fmt.Errorf("evaluation was interrupted: %w", cause)
		}
		return nil, p.publicError(err)
	}
	return value, nil
}

// tells reports whether the result leaves the gateway, so that headers beyond the allow-list must not get into it.
func (p *program) tells() bool {
	return strings.HasSuffix(p.field, "_expression") || p.field == "for_each" || p.field == "correlate"
}

// publicErrors are CEL's messages that hold nothing from the request.
var publicErrors = []string{
	"no such overload", "no such attribute", "no such key", "division by zero", "modulus by zero", "integer overflow",
	"unsigned integer overflow", "operation cancelled: actual cost limit exceeded", "index out of bounds",
}

// publicError leaves out what CEL quotes from the request: errors are logged, bodies never are. A missing key is named if it
// stands in the expression.
func (p *program) publicError(err error) error {
	text := err.Error()
	for _, known := range publicErrors {
		if !strings.HasPrefix(text, known) {
			continue
		}
		if key, ok := strings.CutPrefix(text, "no such key: "); ok && strings.Contains(p.source, key) {
			return errors.New(text)
		}
		return errors.New(known)
	}
	return errors.New("a value is not what the expression expects")
}

// evalBool evaluates a condition.
func (p *program) evalBool(ctx context.Context, e *Event, body []byte) (bool, error) {
	value, err := p.eval(ctx, e, body)
	if err != nil {
		return false, err
	}
	if holds, ok := value.(types.Bool); ok {
		return bool(holds), nil
	}
	return false, fmt.Errorf("the expression gives a %s, not a bool", value.Type().TypeName())
}

// evalString evaluates an expression that gives a text, such as a subject.
func (p *program) evalString(ctx context.Context, e *Event) (string, error) {
	value, err := p.eval(ctx, e, e.Request.Body)
	if err != nil {
		return "", err
	}
	if text, ok := value.(types.String); ok {
		return string(text), nil
	}
	return "", fmt.Errorf("the expression gives a %s, not a string", value.Type().TypeName())
}

// evalJSON evaluates an expression for data and gives its value as JSON.
func (p *program) evalJSON(ctx context.Context, e *Event, body []byte) ([]byte, error) {
	value, err := p.eval(ctx, e, body)
	if err != nil {
		return nil, err
	}
	return appendValue(nil, value, 0)
}
