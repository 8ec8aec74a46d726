package caddymodule

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/voorpoort/voorpoort/delivery"
)

const someTrace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"

// TestTheTraceOfAnEvent is read from its attributes only: what stands in the data
// is somebody else's.
func TestTheTraceOfAnEvent(t *testing.T) {
	t.Parallel()
	for event, want := range map[string]string{
		`{"id":"1","traceparent":"` + someTrace + `","data":{}}`:                              someTrace,
		`{"id":"1","data":{"traceparent":"` + someTrace + `"}}`:                               "",
		`{"id":"\"traceparent\":\"` + someTrace + `","data":{}}`:                              "",
		`{"id":"1","traceparent":"x","data":{}}`:                                              "",
		`{"id":"1","traceparent":"`:                                                           "",
		`{"id":"` + strings.Repeat("x", traceWithin) + `","traceparent":"` + someTrace + `"}`: "",
		``: "",
	} {
		require.Equal(t, want, traceOf([]byte(event)), "%.80s", event)
	}
}

// TestWithoutAProviderTheReceiverIsToldOfTheRequest, as after a restart.
func TestWithoutAProviderTheReceiverIsToldOfTheRequest(t *testing.T) {
	before := tracing.Swap(nil)
	defer tracing.Store(before)
	header := http.Header{}
	leases := []delivery.Lease{{Message: &delivery.Message{Event: []byte(`{"traceparent":"` + someTrace + `","data":{}}`)}}}
	_, ok := callTracer{"w"}.Begin(t.Context(), leases, header)
	require.False(t, ok, "there is no span")
	require.Equal(t, someTrace, header.Get("Traceparent"))

	leases[0].Message.Event = []byte(`{"data":{}}`)
	header = http.Header{}
	_, ok = callTracer{"w"}.Begin(t.Context(), leases, header)
	require.False(t, ok)
	require.Empty(t, header, "nothing is invented")
}
