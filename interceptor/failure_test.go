package interceptor

import (
	"context"
	"errors"
	"net"
	"net/url"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/voorpoort/voorpoort/transport"
)

func TestTheErrorOfACallIsClassified(t *testing.T) {
	t.Parallel()
	noTime := &transport.DialError{Op: transport.DialTimeout, Host: "h:1", Err: context.DeadlineExceeded}
	for name, c := range map[string]struct {
		cause  error // of the call's end
		err    error
		reason Reason
	}{
		"own timeout":               {errTimeout, context.DeadlineExceeded, ReasonTimeout},
		"own timeout while dialing": {errTimeout, noTime, ReasonTimeout},
		"budget":                    {errBudget, context.DeadlineExceeded, ReasonBudget},
		"another block":             {errBlocked, context.Canceled, ReasonCanceled},
		"client gone":               {context.Canceled, context.Canceled, ReasonCanceled},
		"deadline of a connection":  {nil, context.DeadlineExceeded, ReasonTimeout},
		"dialing took too long":     {nil, noTime, ReasonUnreachable},
		"net/http: the same":        {nil, &net.OpError{Op: "dial", Err: context.DeadlineExceeded}, ReasonUnreachable},
		"a head without end":        {nil, transport.ErrHeadTooLarge, ReasonTooLarge},
		"not HTTP":                  {nil, &transport.ProtocolError{Reason: "x"}, ReasonInvalidAnswer},
		"broke off":                 {nil, &transport.ProtocolError{Reason: "x", Err: errors.New("EOF")}, ReasonUnreachable},
		"anything else":             {nil, errors.New("x"), ReasonUnreachable},
	} {
		require.Equal(t, c.reason, classify(c.cause, c.err).Reason, name)
	}
}

func TestTheCauseOfAnEndIsTheFirstThatCame(t *testing.T) {
	t.Parallel()
	blocked, cancel := context.WithCancelCause(t.Context())
	cancel(errBlocked)
	past := deadline{at: time.Now(), cause: errBudget}
	future := deadline{at: time.Now().Add(time.Minute), cause: errTimeout}
	require.Equal(t, errBudget, past.causeOf(t.Context()))
	require.NoError(t, future.causeOf(t.Context()), "the call failed by itself")
	require.Equal(t, errBlocked, future.causeOf(blocked))
	require.Equal(t, errBlocked, past.causeOf(blocked), "it was over before its time was")
}

func TestAnErrorLosesItsURL(t *testing.T) {
	t.Parallel()
	err := &url.Error{Op: "Post", URL: "http://h/?token=secret", Err: errors.New("refused")}
	require.Equal(t, "unreachable: refused", classify(nil, err).Error())
}

func TestAFailureTellsItsStatusOrItsCause(t *testing.T) {
	t.Parallel()
	cause := errors.New("why")
	require.Equal(t, "server_error: status 503", (&Failure{Reason: ReasonServerError, Status: 503}).Error())
	require.Equal(t, "not_applicable: why", failed(ReasonNotApplicable, cause).Error())
	require.Equal(t, "breaker_open", failed(ReasonBreakerOpen, nil).Error())
	require.ErrorIs(t, failed(ReasonNotApplicable, cause), cause)
}

// TestEachReasonHasItsStatusAndSentence is the table of what a client sees when
// the policy is reject.
func TestEachReasonHasItsStatusAndSentence(t *testing.T) {
	t.Parallel()
	for reason, want := range map[Reason]struct {
		status int
		part   string
	}{
		ReasonTimeout: {504, "did not answer in time"}, ReasonBudget: {504, "time for all checks"},
		ReasonUnreachable: {503, "cannot be reached"}, ReasonBreakerOpen: {503, "cannot be reached"},
		ReasonServerError: {502, "no usable answer"}, ReasonRedirect: {502, "no usable answer"},
		ReasonThrottled: {502, "no usable answer"}, ReasonStatus: {502, "no usable answer"},
		ReasonInvalidAnswer: {502, "no usable answer"}, ReasonTooLarge: {502, "no usable answer"},
		ReasonNotApplicable: {502, "no usable answer"}, ReasonCondition: {502, "no usable answer"},
	} {
		require.Equal(t, want.status, reason.status(), reason)
		require.Contains(t, reason.detail("felix"), want.part, reason)
		require.Contains(t, reason.detail("felix"), `"felix"`, reason)
	}
}
