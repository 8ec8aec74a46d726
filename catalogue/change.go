package catalogue

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/google/uuid"

	"github.com/voorpoort/voorpoort/delivery"
	"github.com/voorpoort/voorpoort/webhook"
)

// What a change may end in, beside a [*webhook.ValidationError] and errors of the
// store.
var (
	ErrNotFound  = delivery.ErrNotFound // there is no such webhook
	ErrChanged   = delivery.ErrChanged  // it is not the revision any more that was asked for
	ErrFixed     = errors.New("the webhook is part of the configuration, which alone changes it")
	ErrNameTaken = errors.New("another webhook has this name")

	// ErrFull says that there are as many webhooks in the store as may be.
	ErrFull = errors.New("there are too many webhooks in the store; remove some that nobody needs")

	// ErrUnreadable says that the stored webhook cannot be read, see its Fault:
	// it can be deleted, but not changed.
	ErrUnreadable = errors.New("the stored webhook cannot be read")
)

// attempts bounds how often a change is made again that others get ahead of.
const attempts = 10

// Create stores a webhook. It is in force here when Create returns, and at other
// gateways on the store within a second. It is given a UUID if it has none.
func (c *Catalogue) Create(ctx context.Context, w webhook.Webhook) (Entry, error) {
	c.changing.Lock()
	defer c.changing.Unlock()
	w.UUID = strings.ToLower(w.UUID)
	if w.UUID == "" {
		id, err := uuid.NewV7()
		if err != nil {
			return Entry{}, fmt.Errorf("making a uuid: %w", err)
		}
		w.UUID = id.String()
	}
	if err := c.check(w); err != nil {
		return Entry{}, err
	}
	if _, taken := c.Find(w.UUID); taken {
		return Entry{}, uuidTaken(w)
	}
	if len(c.read) >= c.opt.MaxStored {
		return Entry{}, ErrFull
	}
	d, err := c.put(ctx, w, 0)
	if err != nil {
		return Entry{}, err
	}
	if err := c.settle(ctx, d); err != nil {
		if errors.Is(err, ErrNameTaken) {
			_ = c.opt.Store.RemoveDocument(ctx, Kind, d.Key, d.Revision) // whoever changed it meanwhile knows better
			_ = c.refresh(ctx)
		}
		return Entry{}, err
	}
	return c.entry(d.Key)
}

// Update changes a stored webhook if it is still that revision; 0 is whichever it
// is, and then change may be called more than once. The UUID stays. The result is
// in force as with Create. An error of change is returned as it is.
func (c *Catalogue) Update(ctx context.Context, id string, revision uint64, change func(webhook.Webhook) (webhook.Webhook, error)) (Entry, error) {
	c.changing.Lock()
	defer c.changing.Unlock()
	for tried := 1; ; tried++ {
		e, err := c.update(ctx, id, revision, change)
		if !errors.Is(err, ErrChanged) || revision != 0 || tried == attempts {
			return e, err
		}
	}
}

func (c *Catalogue) update(ctx context.Context, id string, revision uint64, change func(webhook.Webhook) (webhook.Webhook, error)) (Entry, error) {
	before, err := c.latest(ctx, id, revision)
	if err != nil {
		return Entry{}, err
	}
	if before.Webhook.Name == "" || before.Sealed {
		return Entry{}, fmt.Errorf("%w: %s", ErrUnreadable, before.Fault)
	}
	w, err := change(before.Webhook)
	if err != nil {
		return Entry{}, err
	}
	if w.UUID != "" && !strings.EqualFold(w.UUID, before.UUID) {
		return Entry{}, invalid(w, "/uuid", "cannot be changed: it names the webhook's queue")
	}
	w.UUID = before.UUID
	if err := c.check(w); err != nil {
		return Entry{}, err
	}
	d, err := c.put(ctx, w, before.Revision)
	if err != nil {
		return Entry{}, err
	}
	if err := c.settle(ctx, d); err != nil {
		if errors.Is(err, ErrNameTaken) {
			_, _ = c.put(ctx, before.Webhook, d.Revision)
			_ = c.refresh(ctx)
		}
		return Entry{}, err
	}
	return c.entry(d.Key)
}

// Delete removes a stored webhook if it is still that revision; 0 is whichever it
// is. Calls about it that are under way end as they began.
func (c *Catalogue) Delete(ctx context.Context, id string, revision uint64) error {
	c.changing.Lock()
	defer c.changing.Unlock()
	e, err := c.latest(ctx, id, revision)
	if err != nil {
		return err
	}
	if err := c.opt.Store.RemoveDocument(ctx, Kind, e.UUID, revision); err != nil {
		return fmt.Errorf("removing the webhook from the store: %w", err)
	}
	return c.refresh(ctx)
}

// latest gives a stored webhook as the store has it now: another gateway may have
// made or changed it a moment ago.
func (c *Catalogue) latest(ctx context.Context, id string, revision uint64) (Entry, error) {
	if err := c.refresh(ctx); err != nil {
		return Entry{}, err
	}
	e, ok := c.Find(id)
	switch {
	case !ok:
		return Entry{}, ErrNotFound
	case e.Fixed:
		return Entry{}, ErrFixed
	case revision != 0 && e.Revision != revision:
		return Entry{}, ErrChanged
	}
	return e, nil
}

// check says why a webhook cannot be stored.
func (c *Catalogue) check(w webhook.Webhook) error {
	if _, err := c.compile(w); err != nil {
		return err
	}
	if c.nameTaken(w.Name, w.UUID) {
		return ErrNameTaken
	}
	return nil
}

// nameTaken tells whether a webhook other than that of the uuid has the name.
func (c *Catalogue) nameTaken(name, id string) bool {
	for _, e := range c.List() {
		if e.Webhook.Name == name && e.UUID != id {
			return true
		}
	}
	return false
}

// put writes a webhook; revision 0 is a new one.
func (c *Catalogue) put(ctx context.Context, w webhook.Webhook, revision uint64) (delivery.Document, error) {
	d, err := c.opt.Store.PutDocument(ctx, delivery.Document{
		Kind: Kind, Key: w.UUID, Revision: revision, Data: c.opt.Sealer.seal(Kind, w.UUID, w.Plain()),
	})
	switch {
	case errors.Is(err, delivery.ErrExists):
		return d, uuidTaken(w)
	case errors.Is(err, delivery.ErrBadDocument):
		return d, invalid(w, "", "is too large to be stored: at most %d bytes are allowed", delivery.MaxDocument)
	case err != nil:
		return d, fmt.Errorf("storing the webhook: %w", err)
	}
	return d, nil
}

// settle puts in force what was just stored. Two gateways may have stored the
// same name at the same time: whoever sees that after its own write gives way,
// so that of the two at most one stays.
func (c *Catalogue) settle(ctx context.Context, d delivery.Document) error {
	if err := c.refresh(ctx); err != nil {
		return err
	}
	e, ok := c.Find(d.Key)
	if ok && e.Revision == d.Revision && c.nameTaken(e.Webhook.Name, e.UUID) {
		return ErrNameTaken
	}
	return nil
}

// entry gives a webhook that was just stored.
func (c *Catalogue) entry(key string) (Entry, error) {
	e, ok := c.Find(key)
	if !ok {
		return Entry{}, ErrNotFound // removed meanwhile, at another gateway
	}
	return e, nil
}

// reseal stores documents again with the current key, that were stored without
// it. What others change meanwhile they seal themselves.
func (c *Catalogue) reseal(ctx context.Context) {
	stale := c.stale
	c.stale = nil
	for _, d := range stale {
		raw, _, err := c.opt.Sealer.open(d.Kind, d.Key, d.Data)
		if err != nil {
			continue
		}
		d.Data = c.opt.Sealer.seal(d.Kind, d.Key, raw)
		if _, err := c.opt.Store.PutDocument(ctx, d); err != nil && !errors.Is(err, ErrChanged) && !errors.Is(err, ErrNotFound) {
			c.opt.Report(fmt.Errorf("encrypting webhook %d of the store with the current key: %w", d.Number, err))
		}
	}
}
