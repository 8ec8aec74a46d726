package push

import (
	"context"
	"net/http"

	"github.com/voorpoort/voorpoort/delivery"
)

// Tracer is told of each call, so that spans can be kept by those who know where
// to keep them. It is safe for concurrent use.
type Tracer interface {
	// Begin is called before a call about one or more deliveries is made, with
	// its finished header, to which it may add fields for propagation. ok is
	// whether it keeps a span of it: then traced is the call's context.
	Begin(ctx context.Context, leases []delivery.Lease, header http.Header) (traced context.Context, ok bool)

	// End is called once for each Begin that was ok, with the context that it
	// returned. Of the result only the status and the reason are certain.
	End(ctx context.Context, result *delivery.Result)
}

// untraced is the tracer of a sender that was given none.
type untraced struct{}

func (untraced) Begin(ctx context.Context, _ []delivery.Lease, _ http.Header) (context.Context, bool) {
	return ctx, false
}

func (untraced) End(context.Context, *delivery.Result) {}
