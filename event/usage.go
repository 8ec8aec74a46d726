package event

import (
	"fmt"
	"slices"

	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/operators"
)

// usage is the set of documents that an expression names, so that no others are decoded or got from the register.
type usage uint8

const (
	usesBody usage = 1 << iota
	usesBefore
	usesAfter    // after and response.body
	usesFetched  // some lookup
	usesResponse // response.status and response.headers
	usesLinks    // public_url
)

// usages are the variables that count.
var usages = map[string]usage{
	"request.body": usesBody, "before": usesBefore, "after": usesAfter, "response.body": usesAfter, "fetched": usesFetched,
	"public_url":      usesLinks,
	"response.status": usesResponse, "response.headers": usesResponse, "response": usesResponse | usesAfter,
}

// inspection is a walk through an expression.
type inspection struct {
	program *program
	tree    *ast.AST
	known   names
	bare    map[string]int // maps that are named, less those whose member is named
	wrong   *ExpressionError
}

// inspect notes what an expression uses and refuses members that there are not.
func (p *program) inspect(tree *ast.AST, known names) error {
	walk := inspection{program: p, tree: tree, known: known, bare: make(map[string]int)}
	ast.PostOrderVisit(tree.Expr(), ast.NewExprVisitor(walk.visit))
	if walk.wrong == nil && walk.bare["fetched"] != 0 {
		walk.refuse(tree.Expr(), "name the lookup: fetched.<name>")
	}
	if walk.wrong != nil {
		return walk.wrong
	}
	return nil
}

func (w *inspection) visit(e ast.Expr) {
	if ref, ok := w.tree.ReferenceMap()[e.ID()]; ok {
		w.program.uses |= usages[ref.Name]
	}
	if e.Kind() == ast.IdentKind {
		w.bare[e.AsIdent()]++
	}
	if w.program.scope == scopeCondition {
		return
	}
	of, name, ok := memberOf(e)
	if !ok {
		return
	}
	w.bare[of]--
	switch of {
	case "params":
		w.mustKnow(e, name, w.known.params, "a parameter of the path", "its parameters are")
	case "settings":
		w.mustKnow(e, name, w.known.settings, "a setting of the rule", "its settings are")
	case "fetched":
		w.mustKnow(e, name, w.known.lookups, "a lookup of the action", "its lookups are")
		if !slices.Contains(w.program.fetches, name) {
			w.program.fetches = append(w.program.fetches, name)
		}
	}
}

// mustKnow refuses a name that is not among the known ones.
func (w *inspection) mustKnow(e ast.Expr, name string, known []string, what, list string) {
	if !slices.Contains(known, name) {
		w.refuse(e, fmt.Sprintf("%q is not %s; %s", name, what, listOf(list, "it has none", known)))
	}
}

// refuse notes the first mistake.
func (w *inspection) refuse(e ast.Expr, detail string) {
	if w.wrong != nil {
		return
	}
	at := w.tree.SourceInfo().GetStartLocation(e.ID())
	w.wrong = &ExpressionError{Field: w.program.field, Line: at.Line(), Column: at.Column() + 1, Detail: detail}
}

// memberOf gives variable and member in params.name, params.?name, params["name"] and params[?"name"].
func memberOf(e ast.Expr) (of, name string, ok bool) {
	var operand ast.Expr
	switch e.Kind() {
	case ast.SelectKind:
		operand, name = e.AsSelect().Operand(), e.AsSelect().FieldName()
	case ast.CallKind:
		call := e.AsCall()
		if !slices.Contains([]string{operators.Index, operators.OptIndex, operators.OptSelect}, call.FunctionName()) {
			return "", "", false
		}
		args := call.Args()
		if len(args) != 2 || args[1].Kind() != ast.LiteralKind {
			return "", "", false
		}
		text, isText := args[1].AsLiteral().Value().(string)
		if !isText {
			return "", "", false
		}
		operand, name = args[0], text
	default:
		return "", "", false
	}
	if operand.Kind() != ast.IdentKind {
		return "", "", false
	}
	return operand.AsIdent(), name, true
}
