package caddymodule

import (
	"net/http"

	"github.com/caddyserver/caddy/v2/modules/caddyhttp"
	"go.uber.org/zap"

	"github.com/voorpoort/voorpoort/event"
	"github.com/voorpoort/voorpoort/interceptor"
	"github.com/voorpoort/voorpoort/request"
)

// logAccess adds what the gate did to the request's access log entry. It runs
// on the request's own goroutine, as the log fields demand.
func (h *Handler) logAccess(r *http.Request, e *event.Event, d *interceptor.Decision) {
	if len(d.Calls) == 0 {
		return
	}
	fields := accessLog(r)
	if fields == nil {
		return
	}
	fields.Set(zap.String("voorpoort", outcomeOf(d)))
	fields.Set(zap.String("voorpoort_event", e.ID))
	if d.Block != nil {
		fields.Set(zap.String("voorpoort_webhook", d.Block.Webhook))
	}
	if places := changed(d); len(places) > 0 {
		fields.Set(zap.Strings("voorpoort_changed", places))
	}
}

// accessLog is where fields of the request's access log entry go, or nil when
// the server writes no access log: a field costs more than a kilobyte.
func accessLog(r *http.Request) *caddyhttp.ExtraLogFields {
	server, ok := r.Context().Value(caddyhttp.ServerCtxKey).(*caddyhttp.Server)
	if !ok || server == nil || server.Logs == nil {
		return nil
	}
	fields, _ := r.Context().Value(caddyhttp.ExtraLogFieldsCtxKey).(*caddyhttp.ExtraLogFields)
	return fields
}

// refuse answers a request that the gate does not let in, before any webhook
// was asked.
func (h *Handler) refuse(w http.ResponseWriter, r *http.Request, problem *request.Problem) error {
	h.app.metrics.refused.WithLabelValues(string(problem.Reason)).Inc()
	if fields := accessLog(r); fields != nil {
		fields.Set(zap.String("voorpoort", "refused"))
		fields.Set(zap.String("voorpoort_reason", string(problem.Reason)))
	}
	if entry := h.logger.Check(zap.DebugLevel, "request refused"); entry != nil {
		entry.Write(zap.Error(problem))
	}
	if r.ProtoMajor == 1 && len(r.Header["Expect"]) > 0 {
		// The client waits for leave to send its body. Unless the connection is
		// to be closed, the server gives it, and throws the body away.
		w.Header().Set("Connection", "close")
	}
	problem.Write(w)
	return nil
}
