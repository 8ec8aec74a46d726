package interceptor

import (
	"context"
	"net/http"

	"github.com/voorpoort/voorpoort/webhook"
)

// Observer is told about each call as it happens, so that metrics, spans and
// logs can be kept by those who know where to keep them.
//
// Its methods are called from several goroutines at once, on the request's way:
// they must be quick and must not block.
type Observer interface {
	// Begin is called before a webhook is called. The context it returns is the
	// call's; it may add headers for propagation, such as traceparent, and must
	// not keep them: another call will have the map.
	Begin(ctx context.Context, h *webhook.Hook, header http.Header) context.Context

	// End is called once for each Begin, with the finished record and the
	// context that Begin returned; and once for each webhook that was wanted
	// and could not be called, with the request's own context. The record is
	// part of the decision: whoever needs it later copies it.
	End(ctx context.Context, call *Call)
}

// nobody is the observer when none was given.
type nobody struct{}

func (nobody) Begin(ctx context.Context, _ *webhook.Hook, _ http.Header) context.Context { return ctx }
func (nobody) End(context.Context, *Call)                                                {}
