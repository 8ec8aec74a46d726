package caddymodule

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/voorpoort/voorpoort/catalogue"
	"github.com/voorpoort/voorpoort/delivery"
	"github.com/voorpoort/voorpoort/delivery/push"
	"github.com/voorpoort/voorpoort/manage"
	"github.com/voorpoort/voorpoort/webhook"
)

// typeTest is the type of the event with which a webhook is tried out, and
// classTest what OpenRegister calls it.
const (
	typeTest  = "voorpoort.webhook.test"
	classTest = `OCA\OpenRegister\Event\TestEvent`
)

var (
	errFaulty  = errors.New("the webhook cannot be used")
	errFetches = errors.New("the subscriber fetches its events: there is nobody to call")
)

// test calls a webhook now with an event of its own, past its filters, whether it
// is enabled, and the queue. The call is a row of the log.
func (c *cockpit) test(ctx context.Context, e catalogue.Entry) (delivery.Attempt, error) {
	m, err := testMessage(c.app.source())
	if err != nil {
		return delivery.Attempt{}, err
	}
	return c.call(ctx, &e, delivery.Lease{Message: &m, Attempt: 1})
}

// testMessage is the event; nobody else is told of it.
func testMessage(source string) (delivery.Message, error) {
	at := time.Now().UTC().Truncate(time.Millisecond)
	m := delivery.Message{ID: newEventID(), Source: source, Type: typeTest, Class: classTest, Time: at}
	var err error
	m.Event, err = json.Marshal(struct {
		SpecVersion     string         `json:"specversion"`
		ID              string         `json:"id"`
		Source          string         `json:"source"`
		Type            string         `json:"type"`
		Time            time.Time      `json:"time"`
		DataContentType string         `json:"datacontenttype"`
		Data            map[string]any `json:"data"`
	}{"1.0", m.ID, m.Source, m.Type, at, "application/json", map[string]any{
		"test": true, "message": "This is a test of the webhook; nothing happened.", "timestamp": at.Format(time.RFC3339),
	}})
	return m, err
}

// resend makes a failed call again: the same event, the next number. When the
// receiver takes it the delivery is settled, and no retry is due any more; else
// it stays as it was. delivery.ErrNotFound says that the event is not kept any
// more, and manage.ErrUnderWay that the gateway itself is at it.
func (c *cockpit) resend(ctx context.Context, e catalogue.Entry, row delivery.Attempt) (delivery.Attempt, error) {
	page, _, err := c.store.Messages(ctx, delivery.MessageQuery{After: max(row.Seq, 1) - 1, Before: row.Seq + 1, Limit: 1})
	if err != nil {
		return delivery.Attempt{}, fmt.Errorf("reading the event: %w", err)
	}
	if len(page) == 0 || page[0].Seq != row.Seq || page[0].ID != row.Message {
		return delivery.Attempt{}, delivery.ErrNotFound
	}
	if err := callable(&e); err != nil {
		return delivery.Attempt{}, err
	}
	restore, err := c.postpone(ctx, e.Hook, row.Seq)
	if err != nil {
		return delivery.Attempt{}, err
	}
	a, err := c.call(ctx, &e, delivery.Lease{Message: &page[0], Attempt: row.Number + 1, Replayed: true})
	ctx, cancel := afterwards(ctx)
	defer cancel()
	if !a.Success {
		return a, errors.Join(err, restore(ctx))
	}
	return a, errors.Join(err, c.taken(ctx, e.Hook.Lane(), row.Seq))
}

// afterwards gives a context for what follows from a call that was made, whether
// or not whoever asked for it still waits.
func afterwards(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.WithoutCancel(ctx), writeBy)
}

// writeBy is how long the store has to write down a call.
const writeBy = 10 * time.Second

// state reads where a delivery stands; nil if there is none.
func (c *cockpit) state(ctx context.Context, lane string, seq uint64) (*delivery.Delivery, error) {
	found, err := c.store.Deliveries(ctx, delivery.DeliveryQuery{Lane: lane, Seq: seq, Limit: 1})
	if err != nil {
		return nil, fmt.Errorf("reading the delivery: %w", err)
	}
	if len(found) == 0 {
		return nil, nil //nolint:nilnil // said above
	}
	return &found[0], nil
}

// postpone keeps the gateway from calling about a delivery while a person does:
// it becomes due after that. It is manage.ErrUnderWay if the gateway calls now: a
// delivery that is leased stays due at the end of its lease. restore makes it due
// when it was.
func (c *cockpit) postpone(ctx context.Context, h *webhook.Hook, seq uint64) (restore func(context.Context) error, err error) {
	before, err := c.state(ctx, h.Lane(), seq)
	if err != nil || before == nil || before.State != delivery.Pending {
		return func(context.Context) error { return nil }, err
	}
	replay := func(ctx context.Context, due time.Time) error {
		if err := c.store.Replay(ctx, h.Lane(), seq, due); err != nil && !errors.Is(err, delivery.ErrNotFound) {
			return fmt.Errorf("moving the delivery: %w", err)
		}
		return nil
	}
	due := time.Now().Add(h.Timeout + settleBy)
	if err := replay(ctx, due); err != nil {
		return nil, err
	}
	now, err := c.state(ctx, h.Lane(), seq)
	switch {
	case err != nil:
		return nil, err
	case now != nil && now.State == delivery.Pending && now.Due.Sub(due).Abs() > dueTolerance:
		return nil, manage.ErrUnderWay
	}
	return func(ctx context.Context) error { return replay(ctx, before.Due) }, nil
}

// dueTolerance is how far the clock of a store may be from ours in what it says
// of a time that we gave it: less than what settleBy has over the margin of a
// lease (delivery.DefaultLeaseMargin).
const dueTolerance = 10 * time.Second

// taken settles a delivery that the receiver has, whatever it was before.
func (c *cockpit) taken(ctx context.Context, lane string, seq uint64) error {
	now, err := c.state(ctx, lane, seq)
	if err != nil {
		return err
	}
	if now != nil && now.State != delivery.Pending && now.State != delivery.Delivered {
		// A dead letter becomes pending first, and not so soon that somebody calls.
		if err := c.store.Replay(ctx, lane, seq, time.Now().Add(settleBy)); err != nil {
			return fmt.Errorf("settling the delivery: %w", err)
		}
	}
	if err := c.store.Settle(ctx, lane, seq); err != nil && !errors.Is(err, delivery.ErrNotFound) {
		return fmt.Errorf("settling the delivery: %w", err)
	}
	return nil
}

// settleBy is how long nobody may call about a delivery that is being settled.
const settleBy = time.Minute

// callable says why a webhook cannot be called.
func callable(e *catalogue.Entry) error {
	switch {
	case e.Hook == nil:
		return fmt.Errorf("%w: %s", errFaulty, e.Fault)
	case e.Hook.Pull:
		return errFetches
	}
	return nil
}

// call makes one call with a sender of its own, and writes it to the log. The
// call ends when ctx does; it is written down all the same.
func (c *cockpit) call(ctx context.Context, e *catalogue.Entry, l delivery.Lease) (delivery.Attempt, error) {
	if err := errors.Join(callable(e), ctx.Err()); err != nil {
		return delivery.Attempt{}, err
	}
	sender, err := push.New(e.Hook, push.Options{Guard: c.app.callGuard(e.Hook), Tracer: callTracer{e.Hook.Name}})
	if err != nil {
		return delivery.Attempt{}, err
	}
	defer sender.Close()
	l.Lane, l.First, l.Token = e.Hook.Lane(), time.Now(), noLease
	result := sender.Send(ctx, []delivery.Lease{l})
	row := result.Row(l)
	ctx, cancel := afterwards(ctx)
	defer cancel()
	// Of a lease that is lost only the row is written.
	if err := c.store.Finish(ctx, delivery.Outcome{Lease: l, Verdict: delivery.Restore, Attempt: &row}); err != nil {
		return row, fmt.Errorf("writing the log: %w", err)
	}
	row.ID = c.rowID(ctx, &row)
	return row, nil
}

// rowID finds the id that the store gave a row of the log, so that whoever asked
// for the call can look at it later; 0 if it cannot tell.
func (c *cockpit) rowID(ctx context.Context, row *delivery.Attempt) uint64 {
	rows, _, err := c.store.Attempts(ctx, delivery.AttemptQuery{Lane: row.Lane, Message: row.Message, Limit: 10})
	if err != nil {
		return 0
	}
	for i := range rows {
		if rows[i].Number == row.Number && rows[i].Replayed == row.Replayed {
			return rows[i].ID
		}
	}
	return 0
}

// noLease is the token of no lease: stores that count from 1 do not get there,
// and those that count from the time are past it.
const noLease = 1 << 52

// callGuard is the guard of a call that somebody asks for.
func (a *App) callGuard(h *webhook.Hook) push.Guard {
	if a.fixed[h] {
		return a.fixedGuard
	}
	return a.storedGuard
}
