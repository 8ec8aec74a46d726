package event

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/ast"
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
	usesBody bool
}

// compileProgram checks and compiles an expression. For scopeRule, params are the path parameters that it may name. The error is
// an [*ExpressionError].
func compileProgram(field, source string, result resultKind, in scope, params []string) (*program, error) {
	if len(source) > maxExpression {
		return nil, &ExpressionError{Field: field, Detail: fmt.Sprintf("is longer than %d characters", maxExpression)}
	}
	env, err := environment(in)
	if err != nil {
		return nil, &ExpressionError{Field: field, Detail: err.Error()}
	}
	checked, issues := env.Compile(source)
	if issues.Err() != nil {
		return nil, expressionError(field, issues)
	}
	if err := checkResult(field, checked.OutputType(), result); err != nil {
		return nil, err
	}
	p := &program{field: field, source: source, scope: in}
	if err := p.inspect(checked.NativeRep(), params); err != nil {
		return nil, err
	}
	p.compiled, err = env.Program(checked, cel.EvalOptions(cel.OptOptimize), cel.CostLimit(costLimit),
		cel.InterruptCheckFrequency(interruptEvery))
	if err != nil {
		return nil, &ExpressionError{Field: field, Detail: err.Error()}
	}
	return p, nil
}

// expressionError tells the first of CEL's complaints, with what would have been allowed.
func expressionError(field string, issues *cel.Issues) error {
	first := issues.Errors()[0]
	detail := first.Message
	if strings.HasPrefix(detail, "undeclared reference") {
		detail += "; the variables are " + variableNames
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

// inspect notes whether the body is needed and refuses path parameters that the rule does not have.
func (p *program) inspect(tree *ast.AST, params []string) error {
	var wrong *ExpressionError
	ast.PostOrderVisit(tree.Expr(), ast.NewExprVisitor(func(e ast.Expr) {
		if ref, ok := tree.ReferenceMap()[e.ID()]; ok && ref.Name == "request.body" {
			p.usesBody = true
		}
		name, ok := paramOf(e)
		if p.scope != scopeRule || !ok || slices.Contains(params, name) || wrong != nil {
			return
		}
		at := tree.SourceInfo().GetStartLocation(e.ID())
		wrong = &ExpressionError{
			Field: p.field, Line: at.Line(), Column: at.Column() + 1,
			Detail: fmt.Sprintf("%q is not a parameter of the path; %s", name, listOf("its parameters are", "it has none", params)),
		}
	}))
	if wrong != nil {
		return wrong
	}
	return nil
}

// paramOf gives the name in params.name.
func paramOf(e ast.Expr) (string, bool) {
	if e.Kind() != ast.SelectKind {
		return "", false
	}
	operand := e.AsSelect().Operand()
	if operand.Kind() != ast.IdentKind || operand.AsIdent() != "params" {
		return "", false
	}
	return e.AsSelect().FieldName(), true
}

// eval evaluates the program on an event with the given body.
func (p *program) eval(ctx context.Context, e *Event, body []byte) (ref.Val, error) {
	vars := activation{event: e, allowList: p.field == "data_expression" || p.field == "subject_expression"}
	if p.usesBody {
		decoded, err := e.decode(body)
		if err != nil {
			return nil, err
		}
		vars.body = decoded
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
func (p *program) evalBool(e *Event, body []byte) (bool, error) {
	return p.evalBoolContext(context.Background(), e, body)
}

func (p *program) evalBoolContext(ctx context.Context, e *Event, body []byte) (bool, error) {
	value, err := p.eval(ctx, e, body)
	if err != nil {
		return false, err
	}
	if holds, ok := value.(types.Bool); ok {
		return bool(holds), nil
	}
	return false, fmt.Errorf("the expression gives a %s, not a bool", value.Type().TypeName())
}

// evalString evaluates an expression for a subject.
func (p *program) evalString(e *Event, body []byte) (string, error) {
	value, err := p.eval(context.Background(), e, body)
	if err != nil {
		return "", err
	}
	if text, ok := value.(types.String); ok {
		return string(text), nil
	}
	return "", fmt.Errorf("the expression gives a %s, not a string", value.Type().TypeName())
}

// evalJSON evaluates an expression for data and gives its value as JSON.
func (p *program) evalJSON(e *Event, body []byte) ([]byte, error) {
	value, err := p.eval(context.Background(), e, body)
	if err != nil {
		return nil, err
	}
	return appendValue(nil, value, 0)
}
