package interceptor_test

import (
	"bufio"
	"cmp"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/voorpoort/voorpoort/interceptor"
)

// refusing is the URL of a port on which nobody listens.
func refusing(t testing.TB) string {
	t.Helper()
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	address := l.Addr().String()
	require.NoError(t, l.Close())
	return "http://" + address
}

// hanging is a service that answers only when the test is over.
func hanging(t testing.TB) *service {
	t.Helper()
	over := make(chan struct{})
	s := answering(t, func(http.ResponseWriter, received) { <-over })
	t.Cleanup(func() { close(over) })
	return s
}

// TestEachKindOfFailureFollowsItsOwnPolicy crosses the ways in which a call
// can fail with the policies.
func TestEachKindOfFailureFollowsItsOwnPolicy(t *testing.T) {
	t.Parallel()
	kinds := map[string]struct {
		url     func(t testing.TB) string
		setting string
		reason  interceptor.Reason
		status  int
		timeout string // 10s unless it is what is tested
	}{
		"a bad answer": {
			url:     func(t testing.TB) string { return replying(t, http.StatusInternalServerError, "", "").URL },
			setting: "onFailure", reason: interceptor.ReasonServerError, status: http.StatusBadGateway,
		},
		"no answer in time": {
			url:     func(t testing.TB) string { return hanging(t).URL },
			setting: "onTimeout", reason: interceptor.ReasonTimeout, status: http.StatusGatewayTimeout, timeout: "150ms",
		},
		"refused connection": {
			url: refusing, setting: "onUnreachable",
			reason: interceptor.ReasonUnreachable, status: http.StatusServiceUnavailable,
		},
		"unknown host": {
			url:     func(testing.TB) string { return "http://does-not-exist.invalid" },
			setting: "onUnreachable", reason: interceptor.ReasonUnreachable, status: http.StatusServiceUnavailable,
		},
		"TLS to a plain port": {
			url: func(t testing.TB) string {
				return "https" + replying(t, http.StatusNoContent, "", "").URL[len("http"):]
			},
			setting: "onUnreachable", reason: interceptor.ReasonUnreachable, status: http.StatusServiceUnavailable,
		},
	}
	for name, kind := range kinds {
		for _, client := range []string{"voorpoort", "net/http"} {
			t.Run(name+" over "+client, func(t *testing.T) {
				t.Parallel()
				url := kind.url(t)
				with := func(configuration object) interceptor.Decision {
					return decide(t, `{"a":1}`, hook(t, "check", url, object{
						"timeout": cmp.Or(kind.timeout, "10s"), "client": client, "configuration": configuration,
					}))
				}

				closed := with(nil)
				require.NotNil(t, closed.Block, "the default is reject")
				require.Equal(t, kind.reason, closed.Calls[0].Reason)
				require.Equal(t, kind.status, closed.Block.Status)
				require.Equal(t, interceptor.Unavailable, closed.Block.Kind)
				require.Positive(t, closed.Block.RetryAfter)
				require.Equal(t, interceptor.OutcomeFailedClosed, closed.Calls[0].Outcome)

				open := with(object{kind.setting: "allow"})
				require.Nil(t, open.Block)
				require.Equal(t, interceptor.OutcomeFailedOpen, open.Calls[0].Outcome)
				require.Empty(t, open.Flags)

				flagged := with(object{kind.setting: "flag"})
				require.Nil(t, flagged.Block)
				require.Equal(t, interceptor.OutcomeFlagged, flagged.Calls[0].Outcome)
				require.Equal(t, []interceptor.Flag{{Webhook: "check", Reason: kind.reason}}, flagged.Flags)

				require.Nil(t, with(object{"onFailure": "allow"}).Block, "the others default to onFailure")
				require.NotNil(t, with(object{"onFailure": "allow", kind.setting: "reject"}).Block)
			})
		}
	}
}

func TestAnAnswerOverTheLimitIsAFailure(t *testing.T) {
	t.Parallel()
	const answer = `{"data":{"x":"0123456789"}}`
	known := replying(t, http.StatusOK, "application/json", answer)
	chunked := answering(t, func(w http.ResponseWriter, _ received) {
		_, _ = w.Write([]byte(answer[:10]))
		_ = http.NewResponseController(w).Flush()
		_, _ = w.Write([]byte(answer[10:]))
	})
	for _, s := range []*service{known, chunked} {
		for limit, reason := range map[int64]interceptor.Reason{
			int64(len(answer)):     interceptor.ReasonNone,
			int64(len(answer)) - 1: interceptor.ReasonTooLarge,
		} {
			gate := newGate(t, interceptor.Config{MaxAnswer: limit}, hook(t, "check", s.URL, merging(nil)))
			d, err := gate.Intercept(t.Context(), creating(t, `{}`))
			require.NoError(t, err)
			require.Equal(t, reason, d.Calls[0].Reason)
		}
	}
}

func TestAnAnswerThatBreaksOffIsAFailure(t *testing.T) {
	t.Parallel()
	s := answering(t, func(w http.ResponseWriter, _ received) {
		w.Header().Set("Content-Length", "100")
		_, _ = w.Write([]byte(`{"status":"approved"}`))
	})
	d := decide(t, `{}`, hook(t, "check", s.URL, merging(nil)))
	require.NotNil(t, d.Block)
	require.Equal(t, interceptor.ReasonUnreachable, d.Calls[0].Reason)
}

// TestAnAnswerThatIsNotHTTPIsABadAnswer has a peer that is reached and talks
// nonsense: that follows onFailure, as any bad answer does.
func TestAnAnswerThatIsNotHTTPIsABadAnswer(t *testing.T) {
	t.Parallel()
	for answer, reason := range map[string]interceptor.Reason{
		"SSH-2.0-OpenSSH_9.2\r\n\r\n":                                       interceptor.ReasonInvalidAnswer,
		"HTTP/1.1 200 OK\r\nX: " + strings.Repeat("x", 70<<10) + "\r\n\r\n": interceptor.ReasonTooLarge,
		"HTTP/1.1 200 OK\r\n":                                               interceptor.ReasonUnreachable, // broke off
	} {
		d := decide(t, `{}`, hook(t, "check", saying(t, answer), nil))
		require.Equal(t, reason, d.Calls[0].Reason, answer[:15])
	}
}

// saying is the URL of a peer that reads the request and answers these bytes.
func saying(t testing.TB, answer string) string {
	t.Helper()
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			r, err := http.ReadRequest(bufio.NewReader(c))
			if err == nil {
				_, _ = io.Copy(io.Discard, r.Body)
			}
			_, _ = io.WriteString(c, answer)
			_ = c.Close()
		}
	}()
	return "http://" + l.Addr().String()
}

func TestAHangingWebhookOpensItsBreakerThoughTheBudgetRunsOutFirst(t *testing.T) {
	t.Parallel()
	gate := newGate(t, interceptor.Config{Budget: 50 * time.Millisecond},
		hook(t, "hangs", hanging(t).URL, object{"configuration": object{"breaker": object{"failures": 2, "pause": "1m", "maxPause": "1m"}}}))
	for _, reason := range []interceptor.Reason{interceptor.ReasonBudget, interceptor.ReasonBudget, interceptor.ReasonBreakerOpen} {
		d, err := gate.Intercept(t.Context(), creating(t, `{}`))
		require.NoError(t, err)
		require.Equal(t, reason, d.Calls[0].Reason)
		require.NotNil(t, d.Block)
	}
}

func TestABreakerThatIsOpenFollowsOnUnreachable(t *testing.T) {
	t.Parallel()
	s := replying(t, http.StatusInternalServerError, "", "")
	breaker := object{"failures": 1, "pause": "1m", "maxPause": "1m"}
	gate := newGate(t, interceptor.Config{},
		hook(t, "down", s.URL, object{"configuration": object{"breaker": breaker, "onFailure": "allow", "onTimeout": "allow", "onUnreachable": "reject"}}))
	first, err := gate.Intercept(t.Context(), creating(t, `{}`))
	require.NoError(t, err)
	require.Nil(t, first.Block)
	second, err := gate.Intercept(t.Context(), creating(t, `{}`))
	require.NoError(t, err)
	require.Equal(t, http.StatusServiceUnavailable, second.Block.Status)
	require.Zero(t, second.Calls[0].Duration, "it was not called")
	require.Len(t, s.events(), 1)
}

func TestAChangedBodyOverTheLimitIsAFailure(t *testing.T) {
	t.Parallel()
	s := replying(t, http.StatusOK, "application/json", `{"data":{"x":"0123456789"}}`)
	gate := newGate(t, interceptor.Config{MaxBody: 12}, hook(t, "check", s.URL, merging(nil)))
	d, err := gate.Intercept(t.Context(), creating(t, `{"a":1}`))
	require.NoError(t, err)
	require.Equal(t, interceptor.ReasonNotApplicable, d.Calls[0].Reason)
	require.False(t, d.Changed)
}

func TestAMappingThatNestsTooDeeplyIsAFailure(t *testing.T) {
	t.Parallel()
	s := replying(t, http.StatusOK, "application/json", `{"x":[[1]]}`)
	gate := newGate(t, interceptor.Config{MaxDepth: 4}, hook(t, "check", s.URL, object{"configuration": object{
		"processResponse": true,
		"responseProcessing": object{
			"mergeStrategy": "custom", "fieldMapping": object{"x": "a.b.c"},
		},
	}}))
	d, err := gate.Intercept(t.Context(), creating(t, `{}`))
	require.NoError(t, err)
	require.Equal(t, interceptor.ReasonNotApplicable, d.Calls[0].Reason)
}

func TestTheGuardDecidesAboutAddresses(t *testing.T) {
	t.Parallel()
	forbidden := errors.New("this address is not allowed")
	s := replying(t, http.StatusNoContent, "", "")
	for _, client := range []string{"voorpoort", "net/http"} {
		var asked netip.AddrPort
		gate := newGate(t, interceptor.Config{Guard: func(_ context.Context, address netip.AddrPort) error {
			asked = address
			return forbidden
		}}, hook(t, "check", s.URL, object{"client": client}))
		d, err := gate.Intercept(t.Context(), creating(t, `{}`))
		require.NoError(t, err)
		require.Equal(t, interceptor.ReasonUnreachable, d.Calls[0].Reason)
		require.ErrorIs(t, d.Calls[0].Failure, forbidden)
		require.Equal(t, s.Listener.Addr().String(), asked.String())
	}
	require.Empty(t, s.events())
}

// TestOneBudgetIsShared has more webhooks than time: together they may not
// take longer than the budget, whatever each of them is allowed.
func TestOneBudgetIsShared(t *testing.T) {
	t.Parallel()
	s := hanging(t)
	gate := newGate(t, interceptor.Config{Budget: 200 * time.Millisecond},
		hook(t, "a", s.URL, merging(object{"onTimeout": "allow"})),
		hook(t, "b", s.URL, merging(object{"onTimeout": "allow"})),
		hook(t, "c", s.URL, nil))
	started := time.Now()
	d, err := gate.Intercept(t.Context(), creating(t, `{}`))
	require.NoError(t, err)
	require.Less(t, time.Since(started), 2*time.Second, "far below three times 30 s")
	require.Len(t, d.Calls, 3)
	for _, call := range d.Calls {
		require.Equal(t, interceptor.ReasonBudget, call.Reason)
	}
	require.Equal(t, http.StatusGatewayTimeout, d.Block.Status)
	require.Equal(t, "c", d.Block.Webhook)
}

// TestNoErrorTellsASecret looks at all that a failed call leaves behind.
func TestNoErrorTellsASecret(t *testing.T) {
	t.Parallel()
	secrets := []string{"s3cret-token", "s3cret-key", "s3cret-header", "s3cret-body"}
	urls := []string{
		refusing(t) + "/?token=s3cret-token",
		"http://does-not-exist.invalid/?token=s3cret-token",
		hanging(t).URL + "/?token=s3cret-token",
		replying(t, http.StatusInternalServerError, "text/plain", "s3cret-body").URL + "/?token=s3cret-token",
		replying(t, http.StatusOK, "application/json", `{"s3cret-body`).URL + "/?token=s3cret-token",
	}
	for _, url := range urls {
		for _, client := range []string{"voorpoort", "net/http"} {
			d := decide(t, `{"a":"s3cret-body"}`, hook(t, "check", url, object{
				"timeout": "100ms", "client": client, "secret": "s3cret-key-that-is-long-enough", "signature": "sha256",
				"headers": object{"Authorization": "Bearer s3cret-header"}, "configuration": object{"processResponse": true},
			}))
			require.Error(t, d.Calls[0].Failure)
			for _, secret := range secrets {
				require.NotContains(t, d.Calls[0].Failure.Error(), secret)
				require.NotContains(t, d.Block.Detail+d.Block.Title, secret)
			}
		}
	}
}
