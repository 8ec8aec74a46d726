package caddymodule

import (
	"errors"
	"sync"

	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"

	"github.com/voorpoort/voorpoort/delivery"
	"github.com/voorpoort/voorpoort/manage"
)

// deliveries turns what the engine does into metrics and log lines.
type deliveries struct {
	metrics   *metrics
	logger    *zap.Logger
	bulletins *bulletins
	activity  *manage.Activity
	names     sync.Map // from a lane's id to the name of its webhook
}

// name is what people call a lane.
func (o *deliveries) name(lane string) string {
	if name, ok := o.known(lane); ok {
		return name
	}
	return lane
}

// known is the name, if a configuration has or had the lane.
func (o *deliveries) known(lane string) (name string, ok bool) {
	if name, ok := o.names.Load(lane); ok {
		return name.(string), true //nolint:forcetypeassert // learn is the only writer
	}
	return "", false
}

// learn notes the names of lanes.
func (o *deliveries) learn(lanes []delivery.Lane) {
	for _, l := range lanes {
		o.names.Store(l.ID, l.Name)
	}
}

// outcomeDelivered is the outcome of an attempt that a receiver took.
const outcomeDelivered = "delivered"

// AttemptFinished counts an attempt and writes its one line: a failure is a
// warning, a dead letter an error, and what went well is for debugging.
func (o *deliveries) AttemptFinished(lane string, a *delivery.Attempt, v delivery.Verdict) {
	id := lane
	lane = o.name(lane)
	outcome, level := outcomeDelivered, zapcore.DebugLevel
	if !a.Success {
		outcome, level = string(a.Reason), zapcore.WarnLevel
	}
	if v == delivery.Bury {
		level = zapcore.ErrorLevel
		o.bulletins.dead(id, lane, a)
		o.metrics.dead.WithLabelValues(lane).Inc()
	}
	o.metrics.attempts.WithLabelValues(lane, outcome).Inc()
	o.metrics.took.WithLabelValues(lane).Observe(a.Duration.Seconds())
	o.activity.Attempt(attemptNews(lane, a))
	if entry := o.logger.Check(level, "delivery"); entry != nil {
		entry.Write(attemptFields(lane, a, v, outcome)...)
	}
}

func attemptFields(lane string, a *delivery.Attempt, v delivery.Verdict, outcome string) []zap.Field {
	fields := []zap.Field{
		zap.String("webhook", lane),
		zap.String("event_id", a.Message),
		zap.String("event_type", a.Type),
		zap.String("outcome", outcome),
		zap.Int("attempt", a.Number),
		zap.Int("status", a.Status),
		zap.Duration("duration", a.Duration),
	}
	if a.Error != "" {
		fields = append(fields, zap.String("error", a.Error))
	}
	if !a.Next.IsZero() {
		fields = append(fields, zap.Time("next", a.Next))
	}
	return append(fields, zap.Bool("dead", v == delivery.Bury))
}

// LaneChanged tells the operator that deliveries to a webhook stopped, or go on.
func (o *deliveries) LaneChanged(s delivery.LaneStatus) {
	o.bulletins.lane(s)
	o.activity.Lane(laneNews(&s))
	name := s.Name
	if name == "" {
		name = s.Lane
	}
	fields := []zap.Field{zap.String("webhook", name), zap.String("state", string(s.State)), zap.Int("failures", s.Failures)}
	if !s.Until.IsZero() {
		fields = append(fields, zap.Time("until", s.Until))
	}
	paused := 1.0
	switch s.State {
	case delivery.LaneOpen:
		paused = 0
		o.logger.Info("deliveries to a webhook go on", fields...)
	case delivery.LaneThrottled, delivery.LaneProbing:
		o.logger.Info("deliveries to a webhook are paused", fields...)
	case delivery.LaneGone:
		o.logger.Error("a receiver says that it is gone; its events wait until the webhook has another address", fields...)
	case delivery.LaneUnknown:
		o.logger.Warn("events wait for a webhook that no configuration has", fields...)
		return // its name is nobody's: it is no label
	case delivery.LaneBroken:
		o.logger.Warn("deliveries to a webhook are paused", fields...)
	}
	o.metrics.paused.WithLabelValues(name).Set(paused)
}

// StoreChanged tells that the store fails, or works again.
func (o *deliveries) StoreChanged(err error) {
	if err != nil {
		o.metrics.failing.Set(1)
		o.logger.Error("the store of messages fails; what is due waits", zap.Error(err))
		return
	}
	o.metrics.failing.Set(0)
	o.logger.Info("the store of messages works again")
}

// OutcomeLost tells of what the store does not take although it takes others.
func (o *deliveries) OutcomeLost(outcome *delivery.Outcome, row bool, err error) {
	lane, kind, message := o.name(outcome.Lease.Lane), "outcome", "the store does not take the outcome of a delivery; it is attempted again"
	if row {
		kind, message = "row", "the store does not take a row of the log; it is lost"
	}
	o.metrics.lost.WithLabelValues(kind).Inc()
	o.logger.Error(message, zap.String("webhook", lane), zap.String("event_id", outcome.Lease.Message.ID),
		zap.Int("attempt", outcome.Lease.Attempt), zap.Error(err))
}

// OrphanTried tells what became of a write whose gateway died.
func (o *deliveries) OrphanTried(h delivery.Hold, messages int, err error) {
	if err != nil {
		why := "error"
		if _, foreign := errors.AsType[*delivery.ForeignError](err); foreign {
			why = "foreign"
		}
		o.metrics.unsettled.WithLabelValues(why).Inc()
		o.logger.Warn("a write is not settled yet", zap.String("event_id", h.ID), zap.Time("created", h.Created), zap.Error(err))
		return
	}
	o.logger.Info("a write of a gateway that died is settled", zap.String("event_id", h.ID), zap.Int("messages", messages))
}

// Interface guard.
var _ delivery.Observer = (*deliveries)(nil)
