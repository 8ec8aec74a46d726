package interceptor

import (
	"context"
	"errors"
	"time"

	"github.com/voorpoort/voorpoort/event"
	"github.com/voorpoort/voorpoort/interceptor/apply"
	"github.com/voorpoort/voorpoort/request"
	"github.com/voorpoort/voorpoort/strictjson"
	"github.com/voorpoort/voorpoort/webhook"
)

var (
	errBodyTooLarge = errors.New("the changed body is over the limit")
	errBodyTooDeep  = errors.New("the changed body is nested too deeply")
)

// mutate asks the webhooks that may change the body, one after another, each
// on the result of the last. A block ends the chain. end is when the budget of
// the request is spent.
func (g *Gate) mutate(ctx context.Context, e *event.Event, hooks []*webhook.Hook, end time.Time, d *Decision) {
	for _, h := range hooks {
		if errors.Is(ctx.Err(), context.Canceled) {
			return // the client has gone: Intercept tells
		}
		wanted, failure := g.wants(h, e, d.Body)
		if !wanted && failure == nil {
			continue
		}
		a := answer{ctx: ctx, failure: failure}
		if wanted {
			a = g.askAlone(ctx, h, e, d.Body, end)
		}
		d.take(g, h, e, a)
		if d.Block != nil {
			return
		}
	}
}

// wants tells whether the webhook's filters let this event through, on the
// body as it stands now. A condition that cannot be evaluated is a failure of
// the webhook, never a silent "no".
func (g *Gate) wants(h *webhook.Hook, e *event.Event, body []byte) (bool, *Failure) {
	wanted, err := h.Matches(e, body)
	if err != nil {
		return false, failed(ReasonCondition, err)
	}
	return wanted, nil
}

// change applies a verdict to the body and checks what comes out. The memory is
// that of the new body; nil if that is not to be used again.
func (g *Gate) change(plan *apply.Plan, body []byte, v verdict) (apply.Result, *request.Memory, *Failure) {
	result, memory, err := applyTo(plan, body, v.document)
	switch {
	case errors.Is(err, apply.ErrNoData):
		return apply.Result{Body: body}, nil, nil
	case err != nil:
		return apply.Result{}, nil, failed(ReasonNotApplicable, err)
	case !result.Changed:
		return result, nil, nil
	case int64(len(result.Body)) > g.config.MaxBody:
		return apply.Result{}, nil, failed(ReasonNotApplicable, errBodyTooLarge)
	case plan.Deepens() && strictjson.Check(result.Body, g.config.MaxDepth) != nil:
		return apply.Result{}, nil, failed(ReasonNotApplicable, errBodyTooDeep)
	}
	return result, memory, nil
}

// applyTo applies an answer in memory that can be used again, unless that would
// be too large: there may be no change after all.
func applyTo(plan *apply.Plan, body, document []byte) (apply.Result, *request.Memory, error) {
	room := len(body) + len(document)
	if room > request.MaxMemory {
		result, err := plan.Apply(body, document)
		return result, nil, err
	}
	memory := request.NewMemory(room)
	result, err := plan.ApplyTo(memory.Buffer(), body, document)
	if result.Changed && memory.Holds(result.Body) {
		return result, memory, err
	}
	memory.Recycle()
	return result, nil, err
}
