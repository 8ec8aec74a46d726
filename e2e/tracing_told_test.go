package e2e_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// told is a call to a receiver.
type told struct {
	header http.Header
	body   []byte
}

// tellingOnce refuses the first call and takes the second.
func tellingOnce(t testing.TB) (url string, calls func() []told) {
	t.Helper()
	all := make(chan told, 10)
	var n atomic.Int32
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		all <- told{r.Header.Clone(), body}
		if n.Add(1) == 1 {
			w.WriteHeader(http.StatusServiceUnavailable)
		}
	}))
	t.Cleanup(server.Close)
	var seen []told
	return server.URL, func() []told {
		for {
			select {
			case call := <-all:
				seen = append(seen, call)
			default:
				return seen
			}
		}
	}
}

// TestTheTraceGoesThroughTheQueue: what the write waits for in the store is below
// the gateway's span, the event carries the trace, and each call to the receiver
// is a span of it, also the second one.
func TestTheTraceGoesThroughTheQueue(t *testing.T) {
	t.Parallel()
	onBothStores(t, func(t *testing.T, s *storage) {
		c, u := newSpanCollector(t), register(t)
		url, calls := tellingOnce(t)
		block := "\twebhook tell {\n\t\turl " + url + "\n\t\tevents object.created\n\t\tretry standard-webhooks\n\t}\n" // again after 5 s
		g := start(t, globals(s.words, block), "\ttracing {\n\tspan gate\n\t}\n"+viaTransport(u),
			"OTEL_EXPORTER_OTLP_ENDPOINT="+c.URL, "OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf", "OTEL_TRACES_EXPORTER=otlp",
			"OTEL_BSP_SCHEDULE_DELAY=50", "OTEL_SERVICE_NAME=test", "OTEL_PROPAGATORS=tracecontext")
		require.Equal(t, http.StatusCreated, send(t, http.MethodPost, g.URL+objectsOf("tell"), `{}`, "Traceparent: "+clientParent).Status)

		require.Eventually(t, func() bool { return len(calls()) == 2 }, 30*time.Second, 20*time.Millisecond)
		var gate, deliver span
		require.Eventually(t, func() bool {
			gate, deliver = c.named("gate")[clientTrace], c.named("voorpoort deliver tell")[clientTrace]
			return gate.ID != "" && deliver.ID != "" && deliver.Attributes["voorpoort.attempt"] == "2"
		}, 30*time.Second, 20*time.Millisecond, "no span of the calls came")
		require.Equal(t, gate.ID, deliver.Parent)
		require.Equal(t, "200", deliver.Attributes["http.response.status_code"])
		for _, operation := range []string{"hold", "release"} {
			require.Equal(t, gate.ID, c.named("voorpoort " + operation)[clientTrace].Parent, operation)
		}
		for i, call := range calls() {
			trace, parent := traceOf(t, call.header)
			require.Equal(t, clientTrace, trace)
			require.NotEqual(t, gate.ID, parent, "the receiver is below the span of its call")
			var event struct{ Traceparent string }
			require.NoError(t, json.Unmarshal(call.body, &event))
			require.Equal(t, "00-"+clientTrace+"-"+gate.ID+"-01", event.Traceparent, "call %d", i)
		}
	})
}
