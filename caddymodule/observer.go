package caddymodule

import (
	"context"
	"net/http"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"

	"github.com/voorpoort/voorpoort/interceptor"
	"github.com/voorpoort/voorpoort/manage"
	"github.com/voorpoort/voorpoort/webhook"
)

// observer turns each interceptor call into metrics, a log line, and a child
// span when Caddy's tracing is on.
type observer struct {
	metrics  *metrics
	logger   *zap.Logger
	activity func() *manage.Activity // nil while there is no queue that has one
}

// Begin starts a span under the request's, and tells the webhook of it. There
// is no span of the request unless the directive `tracing` made one.
func (o *observer) Begin(ctx context.Context, h *webhook.Hook, header http.Header) context.Context {
	parent := trace.SpanFromContext(ctx)
	if !parent.SpanContext().IsValid() {
		return ctx
	}
	ctx, _ = parent.TracerProvider().Tracer(tracerName).Start(ctx, "voorpoort "+h.Name,
		trace.WithSpanKind(trace.SpanKindClient),
		trace.WithAttributes(attribute.String("voorpoort.webhook", h.Name)))
	propagation.TraceContext{}.Inject(ctx, propagation.HeaderCarrier(header))
	return context.WithValue(ctx, ownSpan{}, true)
}

// ownSpan marks the contexts that hold a span of ours, so that End never ends
// the request's own.
type ownSpan struct{}

// End counts, logs, and ends the span.
func (o *observer) End(ctx context.Context, call *interceptor.Call) {
	o.metrics.count(call)
	o.log(call)
	if activity := o.activity(); activity != nil {
		activity.Interception(interceptionNews(call))
	}
	if ctx.Value(ownSpan{}) == nil {
		return
	}
	span := trace.SpanFromContext(ctx)
	span.SetAttributes(
		attribute.String("voorpoort.outcome", string(call.Outcome)),
		attribute.Int("http.response.status_code", call.Status))
	if call.Failure != nil {
		span.SetStatus(codes.Error, string(call.Reason))
	}
	span.End()
}

// log writes the one line of a call: a failure is a warning, a block is
// information, and what went well is for debugging.
func (o *observer) log(call *interceptor.Call) {
	level := zapcore.DebugLevel
	switch {
	case call.Failure != nil && call.Outcome != interceptor.OutcomeCanceled:
		level = zapcore.WarnLevel
	case call.Outcome == interceptor.OutcomeRejected:
		level = zapcore.InfoLevel
	}
	if entry := o.logger.Check(level, "interception"); entry != nil {
		entry.Write(
			zap.String("webhook", call.Webhook),
			zap.String("event_id", call.EventID),
			zap.String("event_type", call.EventType),
			zap.String("mode", string(call.Mode)),
			zap.String("outcome", string(call.Outcome)),
			zap.String("reason", string(call.Reason)),
			zap.Int("status", call.Status),
			zap.Duration("duration", call.Duration),
			zap.Int("sent", call.Sent),
			zap.Int("received", call.Received),
			zap.Strings("changed", call.Pointers),
			zap.Error(call.Failure),
		)
	}
}

// Interface guard.
var _ interceptor.Observer = (*observer)(nil)
