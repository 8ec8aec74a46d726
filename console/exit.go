package console

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
)

// The exit codes of all commands.
const (
	ExitDone        = 0
	ExitFailed      = 1 // the gateway refused it or could not do it, or the receiver did not take it
	ExitUsage       = 2 // the command line is wrong
	ExitNotAllowed  = 3 // no token, a wrong one, or one without the scope
	ExitNotFound    = 4
	ExitUnreachable = 5 // no gateway answers there
)

// ExitCode is what a program ends with after an error of a command.
func ExitCode(err error) int {
	var (
		usage       *UsageError
		problem     *ProblemError
		unreachable *UnreachableError
	)
	switch {
	case err == nil, errors.Is(err, context.Canceled):
		return ExitDone // somebody has seen enough
	case errors.As(err, &usage):
		return ExitUsage
	case errors.As(err, &unreachable):
		return ExitUnreachable
	case errors.As(err, &problem):
		return problem.exitCode()
	}
	return ExitFailed
}

// UsageError says what is wrong with a command line.
type UsageError struct{ Detail string }

func (e *UsageError) Error() string { return e.Detail }

func usage(format string, arguments ...any) error {
	return &UsageError{fmt.Sprintf(format, arguments...)}
}

// UnreachableError says that no gateway answers at an address.
type UnreachableError struct {
	Address string
	Cause   error
}

func (e *UnreachableError) Error() string {
	return fmt.Sprintf("no gateway answers at %s: %v", e.Address, e.Cause)
}

// Unwrap gives the cause.
func (e *UnreachableError) Unwrap() error { return e.Cause }

// ProblemError is a refusal by the gateway, a problem document (RFC 9457).
type ProblemError struct {
	Status int    `json:"status"`
	Title  string `json:"title"`
	Detail string `json:"detail"`
	Errors []struct {
		Pointer string `json:"pointer"`
		Detail  string `json:"detail"`
	} `json:"errors"`
}

// Error gives the detail and each fault with its place.
func (e *ProblemError) Error() string {
	text := e.Detail
	if text == "" {
		text = e.Title
	}
	if text == "" {
		text = http.StatusText(e.Status)
	}
	all := make([]string, 0, 1+len(e.Errors))
	all = append(all, fmt.Sprintf("%s (%d)", printable(text), e.Status))
	for _, fault := range e.Errors {
		all = append(all, fmt.Sprintf("  %s: %s", printable(strings.TrimPrefix(fault.Pointer, "#")), printable(fault.Detail)))
	}
	return strings.Join(all, "\n")
}

func (e *ProblemError) exitCode() int {
	switch e.Status {
	case http.StatusUnauthorized, http.StatusForbidden, http.StatusTooManyRequests:
		return ExitNotAllowed
	case http.StatusNotFound:
		return ExitNotFound
	}
	return ExitFailed
}
