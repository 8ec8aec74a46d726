package caddymodule

import (
	"context"
	"errors"
	"fmt"
	"time"

	"go.uber.org/zap"

	"github.com/voorpoort/voorpoort/delivery"
	"github.com/voorpoort/voorpoort/settle"
)

const (
	// defaultRecoverHorizon leaves a day to put back a configuration that does not
	// have the write's rules or server.
	defaultRecoverHorizon = 24 * time.Hour

	// recoverGrace is how long a gateway asks that has just opened the store,
	// however old the write is: what was off for a day with it needs time to start.
	recoverGrace = 10 * time.Minute
)

// errHorizon: a question that is asked again must be asked before that.
var errHorizon = errors.New("recover_horizon must be longer than recover_after")

// overdue tells whether it is time to stop asking about a write.
func (a *App) overdue(h delivery.Hold) bool {
	horizon := time.Duration(a.RecoverHorizon)
	created, begun := h.Created, time.Time{}
	if a.queue != nil {
		begun = a.queue.owner.since()
	}
	if created.After(time.Now()) { // the clock has been set back since
		created = begun
	}
	return time.Since(created) >= horizon && time.Since(begun) >= min(horizon, recoverGrace)
}

// giveUp makes dead letters of a write that could not be settled in time, with
// the reason of the last failure. Asking for ever would help nobody: a person has
// to know.
func (a *App) giveUp(ctx context.Context, h delivery.Hold, failure error) delivery.Recovery {
	return delivery.Recovery{
		Messages: a.unsettled(ctx, h, failure),
		OnKept: func() {
			a.metrics.recovered.WithLabelValues(settle.Unknown.String()).Inc()
			a.logger.Error("a write could not be settled in time and is left to a person",
				zap.String("event_id", h.ID), zap.Time("written", h.Created), zap.Error(failure))
		},
	}
}

// unsettled makes the dead letters of a write that was given up.
func (a *App) unsettled(ctx context.Context, h delivery.Hold, failure error) []delivery.Message {
	reason := fmt.Sprintf("outcome unknown: the register could not be asked within %v of the write (%v); "+
		"replay the event if the write happened, discard it if it did not", time.Duration(a.RecoverHorizon), failure)
	var intent settle.Intent
	if intent.UnmarshalBinary(h.Intent) == nil {
		if handler, ok := a.gates.of(&intent); ok {
			if messages, err := handler.doubts(ctx, &intent, reason); err == nil {
				return messages
			}
		}
	}
	m, ok := settle.BuryUnjudged(h, &intent, a.source(), reason, a.inForce())
	if !ok {
		return nil // no webhook is told of anything any more
	}
	return []delivery.Message{m}
}

// source is that of events of which no rule says more.
func (a *App) source() string {
	if a.Source == "" {
		return "/" + appName
	}
	return a.Source
}
