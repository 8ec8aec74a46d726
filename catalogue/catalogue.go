package catalogue

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/voorpoort/voorpoort/delivery"
	"github.com/voorpoort/voorpoort/webhook"
)

// Kind is that of the documents in which webhooks are stored.
const Kind = "webhook"

// defaultMaxStored is more than anybody has subscribers, and less than what a loop
// would make that somebody forgot.
const defaultMaxStored = 100_000

// again is how long a catalogue waits before it reads a store again that failed.
const again = time.Second

// Options are what a catalogue is made of.
type Options struct {
	// Fixed are the webhooks of the configuration, their names unique.
	Fixed []Fixed

	// Store has the other webhooks.
	Store delivery.Documents

	// Compile makes a stored webhook ready for use, or says why it cannot be
	// used. What it has let pass Apply can put in force.
	Compile func(webhook.Webhook) (*webhook.Hook, error)

	// Sealer encrypts what is stored; nil: nothing is.
	Sealer *Sealer

	// Apply puts webhooks in force instead of those before; those that have not
	// changed are the same pointers. Calls do not overlap. After an error it is
	// tried again.
	Apply func(hooks []*webhook.Hook) error

	// NeedAll has Load fail when a document cannot be decrypted: it may be that of
	// a webhook that has to be asked before a write passes.
	NeedAll bool

	// MaxStored bounds the webhooks of the store: Create makes no more. It is no
	// bound on what is read. Default: 100,000, which are 100 MB or so in memory.
	MaxStored int

	// Report is told what went wrong that nobody waits for; may be nil.
	Report func(error)
}

// Catalogue is the list of all webhooks. It is safe for concurrent use; readers
// never wait.
type Catalogue struct {
	opt     Options
	fixed   []Entry
	current atomic.Pointer[list]

	changing sync.Mutex       // held from before the store is read until Apply is done
	read     map[string]Entry // of the documents as they were read last, by key
	applied  []*webhook.Hook  // nil: nothing yet

	stale []delivery.Document // read, and not sealed with the current key: Run seals them
}

// list is one state of the catalogue.
type list struct {
	entries  []Entry
	byUUID   map[string]int
	byNumber map[uint64]int
}

// New makes a catalogue that has the webhooks of the configuration so far. It
// reads nothing: that is done by Load and Run.
func New(opt Options) *Catalogue {
	c := &Catalogue{opt: opt, read: map[string]Entry{}}
	if c.opt.MaxStored == 0 {
		c.opt.MaxStored = defaultMaxStored
	}
	if c.opt.Report == nil {
		c.opt.Report = func(error) {}
	}
	for _, f := range opt.Fixed {
		c.fixed = append(c.fixed, newFixed(f))
	}
	c.publish(nil)
	return c
}

// Run keeps the catalogue up to date until ctx ends, and gives its error. A store
// that fails is read again until it answers; what is in force stays so meanwhile.
func (c *Catalogue) Run(ctx context.Context) error {
	changed := make(chan struct{}, 1)
	var watching sync.WaitGroup
	defer watching.Wait()
	watching.Go(func() { c.watch(ctx, changed) })
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-changed:
		}
		for c.keepUp(ctx) != nil {
			if !pause(ctx, again) {
				return ctx.Err()
			}
		}
	}
}

// watch notes that something has changed.
func (c *Catalogue) watch(ctx context.Context, changed chan<- struct{}) {
	for {
		err := c.opt.Store.WatchDocuments(ctx, func() {
			select {
			case changed <- struct{}{}:
			default:
			}
		})
		if !pause(ctx, again) {
			return
		}
		c.opt.Report(fmt.Errorf("watching the webhooks of the store: %w", err))
	}
}

// pause is false when ctx ends first.
func pause(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// keepUp is Load, with its error reported, and documents that were stored without
// the current key stored again with it.
func (c *Catalogue) keepUp(ctx context.Context) error {
	c.changing.Lock()
	defer c.changing.Unlock()
	if err := c.refresh(ctx); err != nil {
		if ctx.Err() == nil {
			c.opt.Report(err)
		}
		return err
	}
	c.reseal(ctx)
	return nil
}

// Load reads the store once and puts what it has in force. It changes nothing in
// the store.
func (c *Catalogue) Load(ctx context.Context) error {
	c.changing.Lock()
	defer c.changing.Unlock()
	return c.refreshWith(ctx, c.opt.NeedAll)
}

// refresh reads the store and puts in force what has changed.
func (c *Catalogue) refresh(ctx context.Context) error { return c.refreshWith(ctx, false) }

func (c *Catalogue) refreshWith(ctx context.Context, needAll bool) error {
	documents, err := c.opt.Store.Documents(ctx, Kind)
	if err != nil {
		return fmt.Errorf("reading the webhooks of the store: %w", err)
	}
	read := make(map[string]Entry, len(documents))
	stored := make([]Entry, len(documents))
	for i, d := range documents {
		e, known := c.read[d.Key]
		if !known || e.Revision != d.Revision {
			var current bool
			if e, current = c.entryOf(d); !current {
				c.stale = append(c.stale, d)
			}
		}
		if needAll && e.Sealed && e.Hook == nil {
			return fmt.Errorf("webhook %d of the store (%s): %s; without it writes might pass that it blocks", e.Number, e.UUID, e.Fault)
		}
		read[d.Key], stored[i] = e, e
	}
	c.read = read
	c.findDoubles(stored)
	hooks := c.hooks(stored)
	if c.applied == nil || !slices.Equal(hooks, c.applied) {
		if err := c.opt.Apply(hooks); err != nil {
			return fmt.Errorf("putting webhooks in force: %w", err)
		}
		c.applied = hooks
	}
	c.publish(stored)
	return nil
}

// entryOf reads a document.
func (c *Catalogue) entryOf(d delivery.Document) (e Entry, current bool) {
	e = Entry{
		Number: d.Number, UUID: d.Key, Revision: d.Revision, Created: d.Created, Updated: d.Updated,
		Webhook: webhook.Webhook{UUID: d.Key},
	}
	raw, current, err := c.opt.Sealer.open(d.Kind, d.Key, d.Data)
	if err != nil {
		return c.unopened(e, err), true // nothing better can be made of it
	}
	w, err := webhook.Parse(raw)
	if err != nil {
		return c.faulty(e, err), current
	}
	w.UUID = d.Key
	e.Webhook = w
	if e.Hook, err = c.compile(w); err != nil {
		return c.faulty(e, err), current
	}
	return e, current
}

// unopened is a document that cannot be decrypted. What was in force of it stays
// so: another gateway may have a key already that this one gets later, and until
// then a webhook that blocks writes has to go on.
func (c *Catalogue) unopened(e Entry, err error) Entry {
	before := c.read[e.UUID]
	e = c.faulty(e, err)
	e.Sealed = true
	if before.Hook != nil {
		e.Webhook, e.Hook = before.Webhook, before.Hook
	}
	return e
}

func (c *Catalogue) faulty(e Entry, err error) Entry {
	e.Fault, e.Hook = err.Error(), nil
	c.opt.Report(fmt.Errorf("webhook %d of the store (%s) cannot be used: %w", e.Number, e.UUID, err))
	return e
}

// findDoubles sets the fault of stored webhooks whose name or UUID another one
// has already: of the configuration, or one with a lower number, which is the
// same one at every gateway.
func (c *Catalogue) findDoubles(stored []Entry) {
	names := make(map[string]bool, len(stored)+len(c.fixed))
	ids := make(map[string]bool, len(c.fixed))
	for i := range c.fixed {
		names[c.fixed[i].Webhook.Name], ids[c.fixed[i].UUID], ids[c.fixed[i].Hook.Lane()] = true, true, true
	}
	for i := range stored {
		e := &stored[i]
		switch name := e.Webhook.Name; {
		case name == "":
		case ids[e.UUID]:
			e.Fault, e.Hook = "a webhook of the configuration has this uuid", nil
		case names[name]:
			e.Fault, e.Hook = "another webhook has this name", nil
		default:
			names[name] = true
		}
	}
}

// hooks are those that can be used. The result is never nil.
func (c *Catalogue) hooks(stored []Entry) []*webhook.Hook {
	hooks := make([]*webhook.Hook, 0, len(stored)+len(c.fixed))
	for _, entries := range [][]Entry{stored, c.fixed} {
		for i := range entries {
			if entries[i].Hook != nil {
				hooks = append(hooks, entries[i].Hook)
			}
		}
	}
	return hooks
}

func (c *Catalogue) publish(stored []Entry) {
	l := &list{entries: slices.Concat(stored, c.fixed)}
	l.byUUID = make(map[string]int, len(l.entries))
	l.byNumber = make(map[uint64]int, len(l.entries))
	for i, e := range slices.Backward(l.entries) { // the first of two with the same counts
		l.byUUID[e.UUID], l.byNumber[e.Number] = i, i
	}
	c.current.Store(l)
}

// List gives all webhooks by number: those of the store, then those of the
// configuration in its order. The list is shared and must not be changed.
func (c *Catalogue) List() []Entry { return c.current.Load().entries }

// Find gives a webhook by its number or UUID.
func (c *Catalogue) Find(id string) (Entry, bool) {
	l := c.current.Load()
	at, ok := l.byUUID[strings.ToLower(id)]
	if !ok {
		number, err := strconv.ParseUint(id, 10, 64)
		if err != nil {
			return Entry{}, false
		}
		if at, ok = l.byNumber[number]; !ok {
			return Entry{}, false
		}
	}
	return l.entries[at], true
}
