package caddymodule

import (
	"context"
	"errors"
	"sync/atomic"
	"time"

	"github.com/caddyserver/caddy/v2"
	"go.uber.org/zap"

	"github.com/voorpoort/voorpoort/delivery"
	"github.com/voorpoort/voorpoort/manage"
)

// queues are the stores that are open, with the engines that deliver what they
// hold, by [queueKey]. They outlive configurations: during a reload the old one
// and the new one have the same.
var queues = caddy.NewUsagePool()

const (
	// storePatience bounds one call of the store on the way of a request.
	storePatience = 5 * time.Second

	// stopPatience bounds the end of an engine: calls that are still under way
	// then are cut off, and made again by whoever opens the store next.
	stopPatience = 10 * time.Second
)

// queue is an open store and its engine.
type queue struct {
	store     delivery.Store
	inspector delivery.Inspector // the same store; nil when it cannot tell
	engine    *delivery.Engine
	observer  *deliveries
	owner     *owners
	arrears   *arrears
	metrics   *metrics
	logger    *zap.Logger // to the newest configuration
	log       newestLog

	calls, lookups patience // of the store, and of the register

	underWay underWay // holds of requests that have not been answered

	activity *manage.Activity                    // what happened lately
	webhooks atomic.Pointer[[]delivery.Document] // those of the store, as they were read last
}

// openQueue opens the store and starts to deliver.
func openQueue(ctx context.Context, storage Storage, opt delivery.Options, m *metrics, logger *zap.Logger) (*queue, error) {
	log := newNewestLog(logger)
	logger = log.logger(logger)
	store, err := storage.Open(ctx, logger)
	if err != nil {
		return nil, err
	}
	q := &queue{store: measure(store, m), owner: new(owners), metrics: m, logger: logger, log: log, activity: manage.NewActivity(0)}
	q.inspector, _ = store.(delivery.Inspector)
	q.calls.lasts, q.lookups.lasts = storePatience, lookupPatience
	q.arrears = newArrears(seldom(func(err error) { logger.Warn("writes are not settled yet", zap.Error(err)) }))
	opt.Recoverer = q.owner
	q.observer = &deliveries{metrics: m, logger: logger, bulletins: newBulletins(q.owner, q.store, logger), activity: q.activity} //nolint:contextcheck // they outlive the opening
	opt.Observer = q.observer
	q.engine = delivery.New(q.store, opt)
	return q, nil
}

// attach puts a configuration in charge of what is in doubt until detach is
// called. What the queue logs goes to its log, and
// its retention holds.
func (q *queue) attach(a *App) (detach func()) {
	remove := q.owner.add(a)
	q.follow()
	return func() {
		remove()
		q.follow()
	}
}

// follow takes over the settings of the newest configuration: after a reload
// that fails that is the one before. When there is none the last ones stay.
func (q *queue) follow() {
	newest := q.owner.newest()
	if newest == nil {
		return
	}
	q.log.follow(newest.logger)
	opt := newest.engineOptions()
	q.engine.Retain(opt.Retention, opt.MaxBytes)
}

// Destruct ends the deliveries and closes the store, when the last configuration
// that used it is gone.
func (q *queue) Destruct() error {
	q.arrears.close()
	ctx, cancel := context.WithTimeout(context.Background(), stopPatience)
	defer cancel()
	err := q.engine.Stop(ctx)
	q.observer.bulletins.close()
	return errors.Join(err, q.store.Close())
}

// release stores messages and, when the write was held, ends its hold. If the
// store cannot do it now it is tried again: the write has happened.
func (q *queue) release(ctx context.Context, id string, held bool, messages []delivery.Message) {
	if !held && len(messages) == 0 {
		return
	}
	keys, err := q.orderKeys(messages), errBehind
	if !q.arrears.has(keys) {
		if err = q.settle(q.calls.of(ctx), id, held, messages); err == nil {
			return
		}
	}
	q.logger.Error("the events of a write could not be stored; trying again", zap.String("event_id", id), zap.Error(err))
	if len(messages) == 0 {
		q.forget(id) //nolint:contextcheck // it outlives the request
		return
	}
	q.owe("release", id, held, messages, keys, err) //nolint:contextcheck // it outlives the request
}

// owe has messages stored later, that could not be now. step is where they are
// lost if they are.
func (q *queue) owe(step, id string, held bool, messages []delivery.Message, keys []string, err error) {
	one := arrear{
		settle: func(ctx context.Context) error { return q.settleLater(ctx, id, held, messages) },
		first:  firstAttempt, size: sizeOf(messages), keys: keys,
	}
	if !held {
		one.lost = func(err error) { q.gap(step, id, err) }
	}
	if !q.arrears.add(one) {
		q.gap(step, id, err)
	}
}

// orderKeys are what messages must be settled in order by. While the webhooks of
// the store are not known it is not known either by what others wait.
func (q *queue) orderKeys(messages []delivery.Message) []string {
	keys := orderKeys(messages)
	if unread := []string{unreadKey}; len(keys) > 0 && q.arrears.has(unread) {
		keys = append(keys, unreadKey)
	}
	return keys
}

// errBehind is why a write is not settled at once whose turn has not come.
var errBehind = errors.New("an earlier write on the same thing is not settled yet")

// orderKeys are what the deliveries of messages are ordered by. Writes that share
// one are settled in the order in which their clients had the answers: the store
// keeps the order in which it gets them, and no other.
func orderKeys(messages []delivery.Message) []string {
	var keys []string
	for i := range messages {
		for _, t := range messages[i].Targets {
			if t.Key != "" {
				keys = append(keys, t.Lane+"\x00"+t.Key)
			}
		}
	}
	return keys
}

// What a message takes in memory beside its bytes, about, and each of its targets.
const (
	messageOverhead = 512
	targetOverhead  = 128
)

// sizeOf is how much memory messages take.
func sizeOf(messages []delivery.Message) (size int64) {
	for i := range messages {
		m := &messages[i]
		size += int64(messageOverhead + len(m.Event) + len(m.ID) + len(m.Source) + len(m.Type) + len(m.Class) + len(m.Subject))
		for _, t := range m.Targets {
			size += int64(targetOverhead + len(t.Lane) + len(t.Key) + len(t.Skip) + len(t.Dead))
		}
	}
	return size
}

// settleLater is settle for the arrears, which end it when the queue is closed.
func (q *queue) settleLater(ctx context.Context, id string, held bool, messages []delivery.Message) error {
	ctx, cancel := context.WithTimeout(ctx, storePatience)
	defer cancel()
	return q.settle(ctx, id, held, messages)
}

// settle stores messages and ends the hold. When another gateway took the hold
// for an orphan the messages are stored all the same: the store passes over
// those it has.
func (q *queue) settle(ctx context.Context, id string, held bool, messages []delivery.Message) error {
	if held {
		err := q.store.Release(ctx, id, messages...)
		if !errors.Is(err, delivery.ErrNoHold) {
			q.countDead(err, messages)
			return err
		}
	}
	if len(messages) == 0 {
		return nil
	}
	var err error
	if held {
		err = delivery.AppendCertain(ctx, q.store, messages...)
	} else {
		err = q.store.Append(ctx, messages...)
	}
	q.countDead(err, messages)
	return err
}

// countDead counts what is a dead letter from the beginning, once it is stored.
func (q *queue) countDead(err error, messages []delivery.Message) {
	if err != nil {
		return
	}
	for i := range messages {
		for _, t := range messages[i].Targets {
			if t.Dead == "" {
				continue
			}
			name := q.observer.name(t.Lane)
			q.metrics.dead.WithLabelValues(name).Inc()
			q.logger.Error("an event is a dead letter from the beginning", zap.String("webhook", name),
				zap.String("event_id", messages[i].ID), zap.String("event_type", messages[i].Type), zap.String("reason", t.Dead))
		}
	}
}

// drop ends the hold of a write that did not happen.
func (q *queue) drop(ctx context.Context, id string) { q.release(ctx, id, true, nil) }

// forget drops a hold that may or may not have been stored: its write was
// refused, or goes on without.
func (q *queue) forget(id string) {
	if !q.arrears.add(arrear{
		settle: func(ctx context.Context) error { return q.settleLater(ctx, id, true, nil) },
		first:  firstAttempt, size: messageOverhead, minor: true,
	}) {
		q.logger.Warn("a hold cannot be dropped now; the register will be asked about its write", zap.String("event_id", id))
	}
}

var errNoRoom = errors.New("there is no room for another write that is not settled")

// doubt settles a write later, by asking the register. Its events come after
// those that were settled meanwhile: nobody can wait for a register that does not
// answer.
func (q *queue) doubt(h delivery.Hold, why string) {
	q.logger.Warn("it is not known whether a write happened; the register will be asked",
		zap.String("event_id", h.ID), zap.String("why", why))
	settle := func(ctx context.Context) error {
		found, err := q.owner.Recover(ctx, h)
		if err != nil {
			return err
		}
		if err := q.settleLater(ctx, h.ID, true, found.Messages); err != nil {
			return err
		}
		found.Kept()
		return nil
	}
	if !q.arrears.add(arrear{settle: settle, size: int64(messageOverhead + len(h.Intent))}) {
		q.gap("doubt", h.ID, errNoRoom)
	}
}

// append stores messages that belong to no hold.
func (q *queue) append(ctx context.Context, messages ...delivery.Message) error {
	if len(messages) == 0 {
		return nil
	}
	return q.store.Append(q.calls.of(ctx), messages...)
}

// gap tells of an event that may be lost.
func (q *queue) gap(step, id string, err error) {
	q.metrics.gaps.WithLabelValues(step).Inc()
	q.logger.Error("the store could not keep what has to be told about a write: events may be lost",
		zap.String("step", step), zap.String("event_id", id), zap.Error(err))
}
