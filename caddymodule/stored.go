package caddymodule

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"net/url"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/caddyserver/caddy/v2"
	"go.uber.org/zap"

	"github.com/voorpoort/voorpoort/catalogue"
	"github.com/voorpoort/voorpoort/delivery"
	"github.com/voorpoort/voorpoort/interceptor"
	"github.com/voorpoort/voorpoort/manage"
	"github.com/voorpoort/voorpoort/webhook"
)

// newSealer reads the keys for secrets in the store; nil when there are none.
func newSealer(keys []string) (*catalogue.Sealer, error) {
	if len(keys) == 0 {
		return nil, nil
	}
	expanded := make([]string, len(keys))
	for i, key := range keys {
		var err error
		if expanded[i], err = caddy.NewReplacer().ReplaceOrErr(key, true, true); err != nil {
			return nil, fmt.Errorf("encryption_key: %w", err)
		}
	}
	sealer, err := catalogue.NewSealer(expanded[0], expanded[1:]...)
	if err != nil {
		return nil, fmt.Errorf("encryption_key: %w", err)
	}
	return sealer, nil
}

// compileStored makes a webhook of the store ready for use. Nothing in it is a
// placeholder: whoever makes it may not read the gateway's environment.
func (a *App) compileStored(w webhook.Webhook) (*webhook.Hook, error) {
	h, err := webhook.Compile(w, webhook.Defaults{})
	if err != nil {
		return nil, err
	}
	if err := a.checkAddress(h.URL); err != nil {
		return nil, invalidWebhook(w, "/url", err)
	}
	if err := interceptor.Check(h); err != nil {
		return nil, invalidWebhook(w, "/configuration/responseProcessing", err)
	}
	if !h.Delivers() {
		return h, nil
	}
	lane, err := newLane(h, a.storedGuard)
	if err != nil {
		return nil, invalidWebhook(w, "", err)
	}
	defer closeAll([]delivery.Lane{lane})
	if err := lane.Validate(); err != nil {
		return nil, invalidWebhook(w, "", err)
	}
	return h, nil
}

// checkAddress says of an address what the guard would say of each call. What a
// name stands for is only known then.
func (a *App) checkAddress(u *url.URL) error {
	address, err := netip.ParseAddr(u.Hostname())
	if err != nil {
		return nil
	}
	return a.storedGuard(context.Background(), netip.AddrPortFrom(address, 0))
}

func invalidWebhook(w webhook.Webhook, pointer string, err error) error {
	return &webhook.ValidationError{Webhook: w.Name, Fields: []webhook.FieldError{{Pointer: pointer, Detail: err.Error()}}}
}

// guardOf is the guard of an interceptor: those of the configuration may be
// anywhere.
func (a *App) guardOf(h *webhook.Hook) interceptor.Guard {
	if a.fixed[h] {
		return nil
	}
	return interceptor.Guard(a.storedGuard)
}

// openCatalogue reads the webhooks of the store, puts them in force, and keeps
// them up to date until the function it gives is called.
func (a *App) openCatalogue() (closed func(), err error) {
	store := &documents{documentStore: a.queue.store, queue: a.queue}
	a.catalogue = catalogue.New(catalogue.Options{
		Fixed: a.written, Store: store, Compile: a.compileStored, Sealer: a.sealer, Apply: a.apply, Report: a.report,
		NeedAll: a.OnStoreDown == storeDownReject,
	})
	if err := a.loadCatalogue(store); err != nil {
		return func() {}, err
	}
	a.warnOfSecrets()
	ctx, cancel := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() { _ = a.catalogue.Run(ctx) })
	return func() {
		cancel()
		running.Wait()
	}, nil
}

// loadCatalogue reads the store for the first time. When it does not answer the
// webhooks of the configuration before are taken. When there are none the policy
// decides: without the webhooks of the store, writes might pass that they would
// have blocked. So it is with one of them that cannot be decrypted.
func (a *App) loadCatalogue(store *documents) error {
	ctx, cancel := context.WithTimeout(context.Background(), storePatience)
	defer cancel()
	store.starting.Store(true)
	defer store.starting.Store(false)
	err := a.catalogue.Load(ctx)
	if err == nil || a.OnStoreDown == storeDownReject {
		return err
	}
	a.logger.Error("the webhooks of the store are not in force until it answers", zap.Error(err))
	return a.enforce(a.hooks.Snapshot().All(), true)
}

// warnOfSecrets tells how to encrypt what is stored.
func (a *App) warnOfSecrets() {
	stored := slices.ContainsFunc(a.catalogue.List(), func(e catalogue.Entry) bool { return !e.Fixed })
	if a.sealer == nil && (a.managed || stored) {
		a.logger.Warn("secrets of webhooks in the store are not encrypted; encryption_key mends it")
	}
}

// documents are those of a store, and what was last read of them while another
// configuration was in force: a reload must not put webhooks out of force because
// the store does not answer just then.
type documents struct {
	documentStore

	queue    *queue
	starting atomic.Bool
}

// documentStore has the name of a field that its method leaves free.
type documentStore = delivery.Documents

// Documents implements [delivery.Documents].
func (d *documents) Documents(ctx context.Context, kind string) ([]delivery.Document, error) {
	timed, cancel := context.WithTimeout(ctx, storePatience)
	defer cancel()
	all, err := d.documentStore.Documents(timed, kind)
	if kind != catalogue.Kind {
		return all, err
	}
	if err == nil {
		d.queue.webhooks.Store(&all)
		return all, nil
	}
	if last := d.queue.webhooks.Load(); last != nil && d.starting.Load() {
		return *last, nil
	}
	return nil, err
}

// errNotManaged: the app has no store.
var errNotManaged = errors.New("there is no store, so there is nothing to manage")

// openStore has the app open a store although no webhook needs one yet. It is
// called while the configuration is provisioned, by what manages webhooks.
func (a *App) openStore() error {
	a.managed = true
	if a.storage != nil {
		return nil
	}
	a.live.Store(nil) // what is in force has to be read first
	a.known = make(chan struct{})
	return a.loadStorage(a.ctx)
}

// cockpit is what an app lets people see and do.
type cockpit struct {
	app       *App
	catalogue *catalogue.Catalogue
	store     delivery.Store
	engine    *delivery.Engine
	activity  *manage.Activity
}

// activity is where viewers look; nil before the app has started.
func (a *App) activity() *manage.Activity {
	if a.live.Load() == nil || a.queue == nil {
		return nil
	}
	return a.queue.activity
}

// cockpit waits until the app has started. It is the app's to the end of requests
// that are under way then.
func (a *App) cockpit(ctx context.Context) (*cockpit, error) {
	if a.storage == nil {
		return nil, errNotManaged
	}
	q, err := a.ready(ctx)
	if err != nil {
		return nil, err
	}
	return &cockpit{app: a, catalogue: a.catalogue, store: q.store, engine: q.engine, activity: q.activity}, nil
}
