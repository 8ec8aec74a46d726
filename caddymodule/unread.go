package caddymodule

import (
	"context"
	"errors"

	"github.com/voorpoort/voorpoort/delivery"
	"github.com/voorpoort/voorpoort/event"
	"github.com/voorpoort/voorpoort/settle"
	"github.com/voorpoort/voorpoort/webhook"
)

// A gateway that starts while its store is away has only the webhooks of the
// configuration, where on_store_down lets it start at all. Who else is to be told
// of a write is not known then. So every write of which anybody might be told is
// followed, its events are made, and they are addressed once the store has told
// its webhooks. Until then the write keeps its hold, and the register is asked
// about no other: the answer could not be told to all either.

// errUnread: the outcome of a write cannot be told before that.
var errUnread = errors.New("the webhooks of the store have not been read since the start, so it is not known who has to be told")

// told tells whether some webhook is told of events of a type, or might be.
func (l *live) told(t event.Type) bool { return l.unread || l.hooks.Follows(t) }

// asked tells whether some webhook is asked or told before the write, or might be
// told.
func (l *live) asked(t event.Type) bool {
	return l.unread || l.hooks.Wants(t) || l.hooks.FollowsBefore(t)
}

// whole gives the webhooks that are in force once all are known, and waits for
// that as long as ctx lets it.
func (a *App) whole(ctx context.Context) (*webhook.Snapshot, error) {
	select {
	case <-a.known:
		return a.inForce(), nil
	case <-ctx.Done():
		return nil, errUnread
	}
}

// unread gives errUnread as long as there may be more webhooks than are known.
// Nobody asks before the app has started.
func (a *App) unread() error {
	if l := a.live.Load(); l != nil && l.unread {
		return errUnread
	}
	return nil
}

// whole asks the newest configuration.
func (o *owners) whole(ctx context.Context) (*webhook.Snapshot, *App, error) {
	app := o.newest()
	if app == nil {
		return nil, nil, errNoOwner
	}
	hooks, err := app.whole(ctx)
	return hooks, app, err
}

// unreadKey is what all settlements share that wait for the webhooks of the store:
// what is behind them with the same order key must not overtake them, and whose
// key that will be is not known yet.
const unreadKey = "\x00unread"

// oweUnread settles a write once it is known who is told of it. messages makes
// what they are told.
func (q *queue) oweUnread(id string, held bool, size int64, messages func(*webhook.Snapshot) []delivery.Message) {
	one := arrear{
		settle: func(ctx context.Context) error {
			timed, cancel := context.WithTimeout(ctx, storePatience)
			defer cancel()
			hooks, _, err := q.owner.whole(timed)
			if err != nil {
				return err
			}
			return q.settleLater(ctx, id, held, messages(hooks))
		},
		size: size, keys: []string{unreadKey},
	}
	if !held {
		one.lost = func(err error) { q.gap("release", id, err) }
	}
	if !q.arrears.add(one) {
		q.gap("release", id, errNoRoom)
	}
}

// releaseUnread leaves the events of a write to the webhooks that are not known
// yet, as well as to those that are.
func (f *following) releaseUnread(events []*event.Event, failure error) {
	body := f.exchange.Request.Body
	f.exchange.Request.Header = f.exchange.Request.Header.Clone() // handlers before this one may change theirs
	if f.exchange.Response != nil {
		f.exchange.Response.Header = f.exchange.Response.Header.Clone()
	}
	size := int64(messageOverhead*(1+len(events)) + 2*len(body))
	if f.exchange.Response != nil {
		size += int64(2 * len(f.exchange.Response.Body)) // in the exchange and in what is made of it
	}
	f.queue.oweUnread(f.exchange.ID, f.held, size, func(hooks *webhook.Snapshot) []delivery.Message {
		return f.h.messages(events, failure, body, hooks)
	})
}

// announceUnread tells webhooks of the store of the event before a write, once
// they are known. Those of the configuration have been told under the event's own
// id, which the store takes once; what the others get is another message.
func (p *passage) announceUnread(q *queue) {
	e, body := p.event, p.decision.Body
	e.Request.Header = e.Request.Header.Clone() // other handlers change theirs
	one := arrear{
		settle: func(ctx context.Context) error {
			timed, cancel := context.WithTimeout(ctx, storePatience)
			defer cancel()
			hooks, app, err := q.owner.whole(timed)
			if err != nil {
				return err
			}
			m, ok := settle.Address(e, body, app.storedAmong(hooks)) //nolint:contextcheck // expressions have a cost limit instead
			if !ok {
				return nil
			}
			rename(&m, m.ID+"-0")
			return q.settleLater(ctx, m.ID, false, []delivery.Message{m})
		},
		size: int64(messageOverhead + 2*len(body)), keys: []string{unreadKey},
		lost: func(err error) { q.gap("announce", e.ID, err) },
	}
	if !q.arrears.add(one) {
		q.gap("announce", e.ID, errNoRoom)
	}
}

// storedAmong are those webhooks that are from the store.
func (a *App) storedAmong(hooks *webhook.Snapshot) *webhook.Snapshot {
	var stored []*webhook.Hook
	for _, h := range hooks.All() {
		if !a.fixed[h] {
			stored = append(stored, h)
		}
	}
	return webhook.NewRegistry(stored).Snapshot()
}
