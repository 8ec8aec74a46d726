package push

import (
	"context"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/voorpoort/voorpoort/delivery"
)

// tracerStub is a tracer that notes what it is told.
type tracerStub struct {
	began, ended int
	status       int
	reason       delivery.Reason
}

type mark struct{}

func (r *tracerStub) Begin(ctx context.Context, leases []delivery.Lease, header http.Header) (context.Context, bool) {
	r.began++
	header.Set("Traceparent", "00-"+leases[0].Message.ID)
	return context.WithValue(ctx, mark{}, r.began), true
}

func (r *tracerStub) End(ctx context.Context, result *delivery.Result) {
	if ctx.Value(mark{}) == r.began {
		r.ended++
	}
	r.status, r.reason = result.Status, result.Reason
}

// TestATracerIsToldOfEachCall: it adds to the header that goes out, and hears how
// the call ended.
func TestATracerIsToldOfEachCall(t *testing.T) {
	t.Parallel()
	receiver := newReceiver(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusServiceUnavailable) })
	r := new(tracerStub)
	result := send(t, newSender(t, hookTo(t, receiver.URL, nil), Options{Tracer: r}))
	require.Equal(t, delivery.ReasonServer, result.Reason)
	require.Equal(t, "00-"+testID, receiver.only(t).Header.Get("Traceparent"))
	require.Equal(t, tracerStub{began: 1, ended: 1, status: 503, reason: delivery.ReasonServer}, *r)
}
