package caddymodule

import (
	"bytes"
	"context"
	"net/http"
	"strings"
	"sync/atomic"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"

	"github.com/voorpoort/voorpoort/delivery"
)

const (
	tracerName  = "github.com/voorpoort/voorpoort"
	traceHeader = "Traceparent"
)

// tracing is where spans of what happens after a request go: the provider of the
// request that was traced last. Caddy keeps its provider to itself, and has none
// without the directive tracing.
var tracing atomic.Pointer[trace.TracerProvider]

// traceparent is the trace context of a request, for its events; "" without the
// directive tracing.
func traceparent(ctx context.Context) string {
	span := trace.SpanFromContext(ctx)
	if !span.SpanContext().IsValid() {
		return ""
	}
	if provider := span.TracerProvider(); tracing.Load() == nil || *tracing.Load() != provider {
		tracing.Store(&provider)
	}
	header := http.Header{}
	propagation.TraceContext{}.Inject(ctx, propagation.HeaderCarrier(header))
	return header.Get(traceHeader)
}

// storeSpan begins a span below the request's for a use of the store.
func storeSpan(ctx context.Context, operation string) (context.Context, trace.Span) {
	parent := trace.SpanFromContext(ctx)
	if !parent.SpanContext().IsValid() {
		return ctx, parent
	}
	return parent.TracerProvider().Tracer(tracerName).Start(ctx, "voorpoort "+operation, trace.WithSpanKind(trace.SpanKindInternal))
}

// endSpan ends a span that storeSpan began, if it did.
func endSpan(span trace.Span, err error) {
	if !span.SpanContext().IsValid() {
		return
	}
	if err != nil {
		span.SetStatus(codes.Error, "the store failed") // its words are in the log
	}
	span.End()
}

// callTracer carries the trace of a write through the queue to a receiver. It is
// a push.Tracer.
type callTracer struct{ webhook string }

// Begin starts the span of a call, below the one of the request that the first
// message came from, and tells the receiver of it. When no provider is known,
// after a restart say, the receiver is told of the request's span itself.
func (c callTracer) Begin(ctx context.Context, leases []delivery.Lease, header http.Header) (traced context.Context, ok bool) {
	parent := traceOf(leases[0].Message.Event)
	if parent == "" {
		return ctx, false
	}
	header[traceHeader] = []string{parent}
	provider := tracing.Load()
	if provider == nil {
		return ctx, false
	}
	ctx = propagation.TraceContext{}.Extract(ctx, propagation.HeaderCarrier(header))
	ctx, _ = (*provider).Tracer(tracerName).Start(ctx, "voorpoort deliver "+c.webhook,
		trace.WithSpanKind(trace.SpanKindProducer),
		trace.WithAttributes(
			attribute.String("voorpoort.webhook", c.webhook),
			attribute.String("cloudevents.event_id", leases[0].Message.ID),
			attribute.String("cloudevents.event_type", leases[0].Message.Type),
			attribute.Int("voorpoort.attempt", leases[0].Attempt),
			attribute.Int("voorpoort.deliveries", len(leases))))
	propagation.TraceContext{}.Inject(ctx, propagation.HeaderCarrier(header))
	return ctx, true
}

// End ends the span that Begin started.
func (callTracer) End(ctx context.Context, result *delivery.Result) {
	span := trace.SpanFromContext(ctx)
	span.SetAttributes(attribute.Int("http.response.status_code", result.Status))
	if result.Reason != "" {
		span.SetStatus(codes.Error, string(result.Reason))
	}
	span.End()
}

// traceOf reads the trace context of an event that this gateway wrote. It stands
// before the data, of which nothing is looked at.
func traceOf(event []byte) string {
	head := event[:min(len(event), traceWithin)]
	if data := bytes.Index(head, []byte(`,"data":`)); data >= 0 {
		head = head[:data]
	}
	_, rest, found := bytes.Cut(head, []byte(`"traceparent":"`))
	if !found {
		return ""
	}
	value, _, found := bytes.Cut(rest, []byte{'"'})
	if !found || strings.Count(string(value), "-") != 3 {
		return ""
	}
	return string(value)
}

// traceWithin is how far the attributes of an event are looked through.
const traceWithin = 4096
