package caddymodule

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"go.uber.org/zap"

	"github.com/voorpoort/voorpoort/delivery"
	"github.com/voorpoort/voorpoort/manage"
	"github.com/voorpoort/voorpoort/settle"
)

// settleHold ends a hold by the word of a person: the write happened, and those
// who subscribe to its events are told, or it did not. delivery.ErrNotFound says
// that there is no such hold, or not any more.
func (c *cockpit) settleHold(ctx context.Context, id string, happened bool) error {
	h, err := c.store.HoldByID(ctx, id)
	if err != nil {
		return err
	}
	if err := c.underWay(h); err != nil {
		return err
	}
	var messages []delivery.Message
	if happened {
		if err := c.app.unread(); err != nil {
			return err
		}
		if messages, err = c.app.affirm(ctx, h); err != nil {
			return err
		}
	}
	c.app.logger.Info("a write is settled by hand", zap.String("event_id", id), zap.Bool("happened", happened))
	return c.app.queue.settleByHand(ctx, id, messages)
}

// settleByHand releases a hold, also when it is another gateway's.
func (q *queue) settleByHand(ctx context.Context, id string, messages []delivery.Message) error {
	err := q.store.Release(ctx, id, messages...)
	if errors.Is(err, delivery.ErrNoHold) && disclaim(ctx, q.store, id) == nil {
		err = q.store.Release(ctx, id, messages...)
	}
	q.countDead(err, messages)
	return err
}

// othersEnd is how old a hold is, in a store that several gateways share, before
// it is taken for one whose request has ended: another gateway does not tell what
// it has under way.
const othersEnd = 30 * time.Second

// underWay says of a hold that it is not for people yet: its request would be
// answered, and what follows from it would be passed over as stored already.
func (c *cockpit) underWay(h delivery.Hold) error {
	switch {
	case c.app.queue.underWay.has(h.ID):
		return manage.ErrUnderWay
	case slices.Contains([]string{"redis", "spool"}, c.storeKind()) && time.Since(h.Created) < othersEnd:
		return fmt.Errorf("%w, or may be at another gateway on the store for up to %s", manage.ErrUnderWay, othersEnd)
	}
	return nil
}

// affirm makes the messages of a write that a person says has happened. What the
// thing is like now the register is asked; if it does not tell, the events have
// no object.
func (a *App) affirm(ctx context.Context, h delivery.Hold) ([]delivery.Message, error) {
	var intent settle.Intent
	if err := intent.UnmarshalBinary(h.Intent); err != nil {
		return nil, fmt.Errorf("reading the hold: %w", err)
	}
	handler, ok := a.gates.of(&intent)
	if !ok {
		return nil, errNoHandler
	}
	inquiry := settle.Inquiry{Get: handler.askAbout, MaxDepth: a.MaxDepth}
	_, now, err := inquiry.Ask(ctx, &intent)
	if err != nil {
		now = nil
	}
	return handler.afterwards(ctx, &intent, now)
}
