package e2e_test

import (
	"encoding/hex"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	collector "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	common "go.opentelemetry.io/proto/otlp/common/v1"
	"google.golang.org/protobuf/proto"
)

// span is one that the gateway exported.
type span struct {
	Name, TraceID, ID, Parent string
	Attributes                map[string]string
	Error                     string
}

// spanCollector receives spans as a collector does (OTLP over HTTP).
type spanCollector struct {
	*httptest.Server

	mu    sync.Mutex
	spans []span
}

func newSpanCollector(t testing.TB) *spanCollector {
	t.Helper()
	c := &spanCollector{}
	c.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		raw, err := io.ReadAll(r.Body)
		var export collector.ExportTraceServiceRequest
		if err == nil && r.URL.Path == "/v1/traces" && proto.Unmarshal(raw, &export) == nil {
			c.take(&export)
		}
		w.Header().Set("Content-Type", "application/x-protobuf")
	}))
	t.Cleanup(c.Close)
	return c
}

func (c *spanCollector) take(export *collector.ExportTraceServiceRequest) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, resource := range export.GetResourceSpans() {
		for _, scope := range resource.GetScopeSpans() {
			for _, s := range scope.GetSpans() {
				taken := span{
					Name: s.GetName(), TraceID: hex.EncodeToString(s.GetTraceId()),
					ID: hex.EncodeToString(s.GetSpanId()), Parent: hex.EncodeToString(s.GetParentSpanId()),
					Attributes: map[string]string{}, Error: s.GetStatus().GetMessage(),
				}
				for _, a := range s.GetAttributes() {
					taken.Attributes[a.GetKey()] = textOf(a.GetValue())
				}
				c.spans = append(c.spans, taken)
			}
		}
	}
}

func textOf(v *common.AnyValue) string {
	if _, number := v.GetValue().(*common.AnyValue_IntValue); number {
		return strconv.FormatInt(v.GetIntValue(), 10)
	}
	return v.GetStringValue()
}

// named are the spans with a name, by their trace.
func (c *spanCollector) named(name string) map[string]span {
	c.mu.Lock()
	defer c.mu.Unlock()
	found := map[string]span{}
	for _, s := range c.spans {
		if s.Name == name {
			found[s.TraceID] = s
		}
	}
	return found
}

const (
	clientTrace  = "0af7651916cd43dd8448eb211c80319c"
	clientParent = "00-" + clientTrace + "-b7ad6b7169203331-01"
)

// TestSpansGoDownTheLine: the client's trace, the gateway's span, one below it
// for each call, and each of those above who is called.
func TestSpansGoDownTheLine(t *testing.T) {
	t.Parallel()
	c := newSpanCollector(t)
	trials := []trial{
		{name: "approve", options: "intercept", answer: says(204, "", "")},
		{name: "fail", options: "intercept;on_failure allow", answer: says(500, "", "")},
		{name: "shadow", options: "intercept;mode shadow", answer: says(204, "", "")},
	}
	u, s := register(t), answeringTrials(t, trials)
	g := start(t, globals(blocksOf(trials, s)...), "\ttracing {\n\tspan gate\n\t}\n"+viaTransport(u),
		"OTEL_EXPORTER_OTLP_ENDPOINT="+c.URL, "OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf", "OTEL_TRACES_EXPORTER=otlp",
		"OTEL_BSP_SCHEDULE_DELAY=50", "OTEL_SERVICE_NAME=test", "OTEL_PROPAGATORS=tracecontext")

	rows := map[string]struct{ sent, outcome, status, fault string }{
		"approve": {clientParent, "approved", "204", ""},
		"fail":    {"", "failed_open", "500", "server_error"},
		"shadow":  {"", "approved", "204", ""},
	}
	for name, row := range rows {
		var headers []string
		if row.sent != "" {
			headers = append(headers, "Traceparent: "+row.sent)
		}
		require.Equal(t, http.StatusCreated, send(t, http.MethodPost, g.URL+objectsOf(name), `{}`, headers...).Status)
	}
	for name, row := range rows {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			require.Eventually(t, func() bool { return len(s.at("/"+name)) == 1 }, 20*time.Second, 10*time.Millisecond)
			trace, called := traceOf(t, s.at("/" + name)[0].Header)
			if row.sent != "" {
				require.Equal(t, clientTrace, trace)
			}
			var own, gate span
			require.Eventually(t, func() bool {
				own, gate = c.named("voorpoort " + name)[trace], c.named("gate")[trace]
				return own.ID != "" && gate.ID != ""
			}, 20*time.Second, 20*time.Millisecond, "no span of the call came")
			require.Equal(t, called, own.ID, "the service is below the span of its call")
			require.Equal(t, gate.ID, own.Parent)
			require.Equal(t, name, own.Attributes["voorpoort.webhook"])
			require.Equal(t, row.outcome, own.Attributes["voorpoort.outcome"])
			require.Equal(t, row.status, own.Attributes["http.response.status_code"])
			require.Equal(t, row.fault, own.Error)

			reached := u.at(objectsOf(name))
			require.Len(t, reached, 1)
			onward, above := traceOf(t, reached[0].Header)
			require.Equal(t, trace, onward)
			require.Equal(t, gate.ID, above, "the register is below the gateway's span")
			require.Contains(t, s.at("/" + name)[0].Data.Headers["Traceparent"], trace, "the event tells the trace as well")
		})
	}
}

// traceOf reads a traceparent header.
func traceOf(t testing.TB, header http.Header) (trace, parent string) {
	t.Helper()
	parts := strings.Split(header.Get("Traceparent"), "-")
	require.Len(t, parts, 4, header.Get("Traceparent"))
	return parts[1], parts[2]
}

// TestWithoutTracingNothingIsInvented and the client's own goes its way.
func TestWithoutTracingNothingIsInvented(t *testing.T) {
	t.Parallel()
	s := newStand(t, []trial{{name: "look", options: "intercept", answer: says(204, "", "")}})
	s.create(t, "look", `{}`, "Traceparent: "+clientParent)
	require.Empty(t, s.asked("look")[0].Header.Values("Traceparent"))
	require.Equal(t, clientParent, s.asked("look")[0].Data.Headers["Traceparent"])
	require.Equal(t, clientParent, s.reached("look")[0].Header.Get("Traceparent"))
}
