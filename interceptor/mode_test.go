package interceptor_test

import (
	"context"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/voorpoort/voorpoort/interceptor"
	"github.com/voorpoort/voorpoort/webhook"
)

// recorder is an observer for tests.
type recorder struct {
	mu    sync.Mutex
	calls []interceptor.Call
	ended chan struct{}
}

func newRecorder() *recorder { return &recorder{ended: make(chan struct{}, 100)} }

func (r *recorder) Begin(ctx context.Context, _ *webhook.Hook, header http.Header) context.Context {
	header.Set("Traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")
	return ctx
}

func (r *recorder) End(_ context.Context, call *interceptor.Call) {
	r.mu.Lock()
	r.calls = append(r.calls, *call)
	r.mu.Unlock()
	r.ended <- struct{}{}
}

func (r *recorder) wait(t testing.TB) interceptor.Call {
	t.Helper()
	select {
	case <-r.ended:
	case <-time.After(10 * time.Second):
		t.Fatal("no call was recorded")
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.calls[len(r.calls)-1]
}

func mode(mode string, options object) object {
	c, ok := options["configuration"].(object)
	if !ok {
		c = object{}
	}
	c["mode"] = mode
	options["configuration"] = c
	return options
}

func TestWarnTurnsABlockIntoAWarning(t *testing.T) {
	t.Parallel()
	s := replying(t, http.StatusUnprocessableEntity, "application/json", `{"message":"geen Felix"}`)
	d := decide(t, `{}`, hook(t, "felix", s.URL, mode("warn", object{})))
	require.Nil(t, d.Block)
	require.Equal(t, []interceptor.Warning{{Webhook: "felix", Text: "geen Felix"}}, d.Warnings)
	require.Equal(t, interceptor.OutcomeRejected, d.Calls[0].Outcome)
}

func TestWarnRecordsAChangeAndDoesNotMakeIt(t *testing.T) {
	t.Parallel()
	d := decide(t, `{"a":1}`, hook(t, "add", adding(t, "x").URL, mode("warn", merging(nil))))
	require.False(t, d.Changed)
	require.Equal(t, `{"a":1}`, string(d.Body))
	require.Equal(t, []string{"/x"}, d.Calls[0].Pointers)
}

func TestWarnLetsAFailurePass(t *testing.T) {
	t.Parallel()
	d := decide(t, `{}`, hook(t, "gone", refusing(t), mode("warn", object{})))
	require.Nil(t, d.Block)
	require.Equal(t, interceptor.OutcomeFailedOpen, d.Calls[0].Outcome)
}

func TestOffCallsNobody(t *testing.T) {
	t.Parallel()
	s := replying(t, http.StatusUnprocessableEntity, "", "")
	d := decide(t, `{}`, hook(t, "off", s.URL, mode("off", object{})))
	require.Nil(t, d.Block)
	require.Empty(t, d.Calls)
	require.Empty(t, s.events())
}

func TestADisabledWebhookIsNotCalled(t *testing.T) {
	t.Parallel()
	s := replying(t, http.StatusUnprocessableEntity, "", "")
	require.Nil(t, decide(t, `{}`, hook(t, "off", s.URL, object{"enabled": false})).Block)
	require.Empty(t, s.events())
}

func TestAShadowCostsTheRequestNothingAndIsRecorded(t *testing.T) {
	t.Parallel()
	release := make(chan struct{})
	s := answering(t, func(w http.ResponseWriter, _ received) {
		<-release
		w.WriteHeader(http.StatusUnprocessableEntity)
	})
	calls := newRecorder()
	gate := newGate(t, interceptor.Config{Observer: calls}, hook(t, "shadow", s.URL, mode("shadow", object{})))
	ctx, leave := context.WithCancel(t.Context())
	d, err := gate.Intercept(ctx, creating(t, `{"a":1}`))
	require.NoError(t, err, "the decision did not wait for the answer")
	require.Nil(t, d.Block)
	require.Empty(t, d.Calls)
	leave() // the request is over before the shadow has answered
	close(release)
	call := calls.wait(t)
	require.Equal(t, interceptor.OutcomeRejected, call.Outcome)
	require.Equal(t, webhook.Shadow, call.Mode)
	require.Equal(t, []string{`{"a":1}`}, s.bodies())
}

func TestAShadowRecordsWhatItWouldHaveChanged(t *testing.T) {
	t.Parallel()
	calls := newRecorder()
	gate := newGate(t, interceptor.Config{Observer: calls}, hook(t, "shadow", adding(t, "x").URL, mode("shadow", merging(nil))))
	d, err := gate.Intercept(t.Context(), creating(t, `{"a":1}`))
	require.NoError(t, err)
	require.False(t, d.Changed)
	call := calls.wait(t)
	require.Equal(t, interceptor.OutcomeModified, call.Outcome)
	require.Equal(t, []string{"/x"}, call.Pointers)
}

func TestTooManyShadowsAreDroppedAndCounted(t *testing.T) {
	t.Parallel()
	s := hanging(t)
	calls := newRecorder()
	gate := newGate(t, interceptor.Config{Observer: calls, MaxShadow: 1}, hook(t, "shadow", s.URL, mode("shadow", object{})))
	for range 2 {
		_, err := gate.Intercept(t.Context(), creating(t, `{}`))
		require.NoError(t, err)
	}
	require.Equal(t, interceptor.ReasonCanceled, calls.wait(t).Reason)
}

func TestCloseEndsTheShadows(t *testing.T) {
	t.Parallel()
	s := hanging(t)
	calls := newRecorder()
	gate := newGate(t, interceptor.Config{Observer: calls}, hook(t, "shadow", s.URL, mode("shadow", object{})))
	_, err := gate.Intercept(t.Context(), creating(t, `{}`))
	require.NoError(t, err)
	gate.Close()
	require.Equal(t, interceptor.OutcomeCanceled, calls.wait(t).Outcome)
	_, err = gate.Intercept(t.Context(), creating(t, `{}`))
	require.NoError(t, err, "a request of an old configuration may still come by")
}

func TestTheObserverSeesEveryCall(t *testing.T) {
	t.Parallel()
	s := replying(t, http.StatusNoContent, "", "")
	calls := newRecorder()
	gate := newGate(t, interceptor.Config{Observer: calls}, hook(t, "a", s.URL, nil), hook(t, "b", s.URL, nil), hook(t, "c", s.URL, merging(nil)))
	d, err := gate.Intercept(t.Context(), creating(t, `{}`))
	require.NoError(t, err)
	require.ElementsMatch(t, calls.calls, d.Calls)
	for _, call := range calls.calls {
		require.Positive(t, call.Duration)
		require.Positive(t, call.Sent)
		require.Equal(t, "object.creating", call.EventType)
	}
	require.NotEmpty(t, s.events()[0].Header.Get("Traceparent"), "what Begin adds is sent")
}
