package event

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestErrorTexts(t *testing.T) {
	t.Parallel()
	inner := errors.New("no such key: x")
	for want, err := range map[string]error{
		`rule "a": path: is bad`:                      &RuleError{Rule: "a", Field: "path", Detail: "is bad"},
		`source: is bad`:                              &RuleError{Field: "source", Detail: "is bad"},
		`rule "a": when: line 2, column 3: is bad`:    &ExpressionError{Rule: "a", Field: "when", Line: 2, Column: 3, Detail: "is bad"},
		`when: is too long`:                           &ExpressionError{Field: "when", Detail: "is too long"},
		`evaluating when of rule "a": no such key: x`: &EvaluationError{Rule: "a", Field: "when", Err: inner},
		`evaluating when: no such key: x`:             &EvaluationError{Field: "when", Err: inner},
	} {
		require.EqualError(t, err, want)
	}
	require.ErrorIs(t, &EvaluationError{Field: "when", Err: inner}, inner)
}

func TestPhaseText(t *testing.T) {
	t.Parallel()
	require.Equal(t, "before", Before.String())
	require.Equal(t, "after", After.String())
}
