package transport

import (
	"context"
	"errors"
	"io"
	"net"
	"os"
	"strings"
	"time"
)

// Errors that callers branch on.
var (
	// ErrClosed is returned by RoundTrip after Close.
	ErrClosed = errors.New("transport is closed")

	// ErrGuarded is wrapped by the DialError of an address that
	// Options.Guard rejected.
	ErrGuarded = errors.New("address not allowed")

	// ErrHeadTooLarge says that the answer's heads exceed
	// Options.MaxHeadBytes.
	ErrHeadTooLarge = errors.New("head of the answer is too large")

	// ErrUnsupported says that the request needs something that this
	// transport does not do and that there is no Options.Fallback.
	ErrUnsupported = errors.New("not supported by this transport")
)

// DialOp says at which step connecting failed.
type DialOp string

// The steps at which connecting can fail.
const (
	DialDNS     DialOp = "dns"     // the name has no address
	DialGuard   DialOp = "guard"   // Options.Guard said no
	DialRefused DialOp = "refused" // nothing listens there
	DialTimeout DialOp = "timeout" // no connection in time, DialTimeout's or the context's
	DialConnect DialOp = "connect" // any other failure of connecting
	DialTLS     DialOp = "tls"     // handshake or certificate
)

// DialError says that there is no connection to the target. Nothing of the
// request was sent. A request that is cancelled while it is being connected
// gets the context's error alone.
type DialError struct {
	Op   DialOp
	Host string // host:port or socket path
	Err  error
}

func (e *DialError) Error() string {
	return "dialing " + e.Host + ": " + string(e.Op) + ": " + e.Err.Error()
}

// Unwrap returns the cause.
func (e *DialError) Unwrap() error { return e.Err }

// Timeout says whether a time limit was the reason, as net.Error has it.
func (e *DialError) Timeout() bool { return isTimeout(e.Err) }

// ProtocolError says that the answer is not acceptable HTTP/1.x. It never
// quotes the answer.
type ProtocolError struct {
	Reason string
	Err    error // io.ErrUnexpectedEOF when the answer ended early, or nil
}

func (e *ProtocolError) Error() string { return "malformed answer: " + e.Reason }

// Unwrap returns the cause, if there is one that quotes nothing.
func (e *ProtocolError) Unwrap() error { return e.Err }

// TimeoutError says that Options.HeaderTimeout passed without an answer.
type TimeoutError struct {
	After time.Duration
}

func (e *TimeoutError) Error() string {
	return "no head of an answer within " + e.After.String()
}

// Timeout is true, as net.Error has it.
func (e *TimeoutError) Timeout() bool { return true }

// Temporary is true as well. Nobody should ask, but without it this is no
// net.Error, and reverse_proxy tells a 504 from a 502 by that.
func (e *TimeoutError) Temporary() bool { return true }

// Unwrap makes errors.Is(err, os.ErrDeadlineExceeded) hold.
func (e *TimeoutError) Unwrap() error { return os.ErrDeadlineExceeded }

// Stage is a part of an exchange.
type Stage string

// The stages of an exchange.
const (
	StageWrite Stage = "writing the request"
	StageHead  Stage = "waiting for the answer"
	StageBody  Stage = "reading the body of the answer"
)

// LostError says that an established connection broke off. Unless Stage is
// StageBody no byte of an answer came; the server may have acted on the
// request all the same.
type LostError struct {
	Stage Stage
	Err   error
}

func (e *LostError) Error() string {
	return "connection lost while " + string(e.Stage) + ": " + e.Err.Error()
}

// Unwrap returns the cause.
func (e *LostError) Unwrap() error { return e.Err }

// contextError says that the request's context ended. It is both the context's
// error and its cause.
type contextError struct {
	err, cause error
}

func newContextError(ctx context.Context) error {
	return &contextError{err: ctx.Err(), cause: context.Cause(ctx)}
}

func (e *contextError) Error() string   { return "request ended: " + e.cause.Error() }
func (e *contextError) Unwrap() []error { return []error{e.err, e.cause} }
func (e *contextError) Timeout() bool   { return errors.Is(e.err, context.DeadlineExceeded) }

// guardError is both ErrGuarded and the guard's own error.
type guardError struct{ err error }

func (e *guardError) Error() string   { return ErrGuarded.Error() + ": " + e.err.Error() }
func (e *guardError) Unwrap() []error { return []error{ErrGuarded, e.err} }

// malformed turns an error of the standard parser into a ProtocolError. The
// parser quotes what it read; the part from the quotation on is dropped, since
// answers may hold secrets.
func malformed(err error) *ProtocolError {
	reason, _, _ := strings.Cut(err.Error(), `"`)
	reason = strings.TrimRight(reason, " :;[(")
	for _, prefix := range []string{"net/http: ", "http: ", "textproto: "} {
		reason = strings.TrimPrefix(reason, prefix)
	}
	if line, _, found := strings.Cut(reason, "MIME header line"); found {
		reason = line + "header field" // what follows is the field
	}

	return &ProtocolError{Reason: reason}
}

func isTimeout(err error) bool {
	var t interface{ Timeout() bool }

	return errors.As(err, &t) && t.Timeout()
}

// isLost says whether err comes from the connection, not from what came
// through it.
func isLost(err error) bool {
	var op *net.OpError

	return errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) ||
		errors.Is(err, net.ErrClosed) || errors.As(err, &op)
}
