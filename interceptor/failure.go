package interceptor

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"

	"github.com/voorpoort/voorpoort/transport"
	"github.com/voorpoort/voorpoort/webhook"
)

// Reason says why a call gave no usable answer. The set is closed, so that it
// can be a metric label.
type Reason string

// The reasons of a failed call. Which failure policy applies follows from the
// reason: see [Reason.policy].
const (
	ReasonNone          Reason = ""
	ReasonTimeout       Reason = "timeout"        // no whole answer within the webhook's timeout
	ReasonBudget        Reason = "budget"         // the total time budget was spent
	ReasonUnreachable   Reason = "unreachable"    // refused, reset, DNS, TLS, refused by the dial guard
	ReasonBreakerOpen   Reason = "breaker_open"   // not called: it failed too often a moment ago
	ReasonServerError   Reason = "server_error"   // 5xx
	ReasonRedirect      Reason = "redirect"       // 3xx, never followed
	ReasonThrottled     Reason = "throttled"      // 408, 425, 429
	ReasonStatus        Reason = "status"         // a status outside 200 to 599
	ReasonInvalidAnswer Reason = "invalid_answer" // not the JSON that the contract asks for
	ReasonTooLarge      Reason = "answer_too_large"
	ReasonNotApplicable Reason = "not_applicable"  // the answer cannot be applied to this body
	ReasonCondition     Reason = "condition_error" // the webhook's own `when` failed on this event
	ReasonCanceled      Reason = "canceled"        // the client went away, or another webhook blocked
)

// Failure is a call that gave no usable answer. Its text never holds the
// webhook's URL, a header or a body.
type Failure struct { //nolint:errname // it is a record of a call first, and an error by trade
	Reason Reason
	Status int // the answer's status, 0 when there was none
	cause  error
}

// Error says what went wrong in a form that may be logged.
func (f *Failure) Error() string {
	switch {
	case f.Status != 0 && f.cause == nil:
		return fmt.Sprintf("%s: status %d", f.Reason, f.Status)
	case f.cause != nil:
		return fmt.Sprintf("%s: %v", f.Reason, f.cause)
	}
	return string(f.Reason)
}

// Unwrap gives the cause, which is nil for a failure read from a status.
func (f *Failure) Unwrap() error { return f.cause }

func failed(reason Reason, cause error) *Failure { return &Failure{Reason: reason, cause: cause} }

// policy is the failure policy of the webhook for this reason: a call that ran
// out of time follows onTimeout, one that could not be made onUnreachable, and
// any other onFailure.
func (r Reason) policy(h *webhook.Hook) webhook.Policy {
	switch r {
	case ReasonTimeout, ReasonBudget:
		return h.OnTimeout
	case ReasonUnreachable, ReasonBreakerOpen:
		return h.OnUnreachable
	default:
		return h.OnFailure
	}
}

// status is what the client sees when the policy is reject: 504 for a lack of
// time, 503 for a webhook that cannot be reached, 502 for a bad answer (RFC
// 9110 sections 15.6.3 to 15.6.5).
func (r Reason) status() int {
	switch r {
	case ReasonTimeout, ReasonBudget:
		return http.StatusGatewayTimeout
	case ReasonUnreachable, ReasonBreakerOpen:
		return http.StatusServiceUnavailable
	default:
		return http.StatusBadGateway
	}
}

// detail is the sentence for the client when the policy is reject. It names
// the webhook, which the operator chose, and nothing of its address.
func (r Reason) detail(name string) string {
	switch r {
	case ReasonTimeout:
		return fmt.Sprintf("The check %q did not answer in time, so the request was not passed on.", name)
	case ReasonBudget:
		return fmt.Sprintf("The time for all checks was spent before %q could answer, so the request was not passed on.", name)
	case ReasonUnreachable, ReasonBreakerOpen:
		return fmt.Sprintf("The check %q cannot be reached at the moment, so the request was not passed on.", name)
	default:
		return fmt.Sprintf("The check %q gave no usable answer, so the request was not passed on.", name)
	}
}

// countsForBreaker tells whether the failure says something about the
// webhook's health. A client that went away does not, nor does a budget that
// others spent.
func (r Reason) countsForBreaker() bool {
	switch r {
	case ReasonTimeout, ReasonUnreachable, ReasonServerError:
		return true
	default:
		return false
	}
}

var (
	errTimeout = errors.New("webhook timeout reached")
	errBudget  = errors.New("total time budget reached")
	errBlocked = errors.New("another webhook blocked the request")
)

// classify turns the error of a call into a failure. The cause of its end, if
// it was ended, tells a webhook's own timeout from the shared budget and from a
// client that left.
func classify(cause, err error) *Failure {
	switch {
	case errors.Is(cause, errTimeout):
		return failed(ReasonTimeout, cause)
	case errors.Is(cause, errBudget):
		return failed(ReasonBudget, cause)
	case errors.Is(cause, errBlocked), cause != nil:
		return failed(ReasonCanceled, cause)
	case isDialing(err):
		return failed(ReasonUnreachable, bare(err))
	case errors.Is(err, context.DeadlineExceeded):
		return failed(ReasonTimeout, errTimeout)
	case errors.Is(err, transport.ErrHeadTooLarge):
		return failed(ReasonTooLarge, err)
	case isMalformed(err):
		return failed(ReasonInvalidAnswer, err)
	}
	return failed(ReasonUnreachable, bare(err))
}

// isDialing tells whether there was no connection, for want of time or else.
func isDialing(err error) bool {
	if _, ok := errors.AsType[*transport.DialError](err); ok {
		return true
	}
	op, ok := errors.AsType[*net.OpError](err)
	return ok && op.Op == "dial"
}

// isMalformed tells whether a whole answer came that is not HTTP, as opposed to
// one that broke off.
func isMalformed(err error) bool {
	protocol, ok := errors.AsType[*transport.ProtocolError](err)
	return ok && protocol.Err == nil
}
