package caddymodule

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/caddyserver/caddy/v2"
	"go.uber.org/zap"

	"github.com/voorpoort/voorpoort/catalogue"
	"github.com/voorpoort/voorpoort/delivery"
	"github.com/voorpoort/voorpoort/delivery/push"
	"github.com/voorpoort/voorpoort/event"
	"github.com/voorpoort/voorpoort/interceptor"
	"github.com/voorpoort/voorpoort/request"
	"github.com/voorpoort/voorpoort/webhook"
)

const appName = "voorpoort"

func init() {
	caddy.RegisterModule(App{})
}

// App holds what all sites of a configuration share: the webhooks, the limits,
// and the rules for handlers that name none of their own.
type App struct {
	// Source is the CloudEvents source of all events but those of rules with one
	// of their own, a URI reference such as
	// `urn:nld:oin:00000099000000001000:systeem:register`. Default: the
	// preset's own (`/apps/openregister` for openregister), else `/voorpoort`.
	// The presets for Open Klant give no events without it.
	Source string `json:"source,omitempty"`

	// Presets are the rule sets for handlers that have neither presets nor rules
	// of their own: `openregister`, `open-klant`, `open-klant-semantic`, `zgw`,
	// `rest`.
	Presets []string `json:"presets,omitempty"`

	// Rules are the operator's own, for the same handlers. Where one of them and
	// one of a preset have the same path and method, the operator's comes first.
	Rules []event.Rule `json:"rules,omitempty"`

	// Aliases are groups of names that the register takes for the same thing,
	// by path parameter: `{"schema": [["cat-schema", "12"]]}`. A filter on one
	// of them matches a request that uses another.
	Aliases event.Aliases `json:"aliases,omitempty"`

	// Settings are values that presets leave to the operator, by preset and name,
	// for handlers that have none of their own:
	// `{"open-klant": {"object_types": ["zaak", "zgw-Zaak"]}}`.
	Settings event.Settings `json:"settings,omitempty"`

	// Headers are the request headers that go into events, all others stay
	// out. Default: content and client information without credentials; an
	// empty list: none. To pass on Authorization or Cookie they must be named
	// here.
	Headers []string `json:"headers,omitempty"`

	// Webhooks are the webhooks in OpenRegister's JSON form. Placeholders such
	// as `{env.NAME}` and `{file./path}` are replaced in url, proxy, header
	// values, secrets and the files of tls.
	Webhooks []json.RawMessage `json:"webhooks,omitempty"`

	// Budget bounds what all webhooks together may cost one request.
	// Default: 10s.
	Budget caddy.Duration `json:"budget,omitempty"`

	// MaxBody bounds the body of a write of which some webhook may be asked or
	// told, before and after changes, in bytes. A larger one is refused with 413.
	// Default: 8 MiB.
	MaxBody int64 `json:"max_body,omitempty"`

	// MaxAnswer bounds the answer of a webhook, in bytes. Default: 8 MiB.
	MaxAnswer int64 `json:"max_answer,omitempty"`

	// MaxDepth bounds the nesting of JSON bodies and answers. Default: 128.
	MaxDepth int `json:"max_depth,omitempty"`

	// MaxBuffered bounds the bytes of all such bodies held at the same time. A body counts three times: as it came, in the event, and as it was
	// changed. A request that finds no room waits within its budget, then gets
	// 503. Default: 256 MiB; negative: no bound.
	MaxBuffered int64 `json:"max_buffered,omitempty"`

	// MaxShadow bounds the shadow calls in flight; one more is dropped and
	// counted. Default: 256.
	MaxShadow int `json:"max_shadow,omitempty"`

	// StoreRaw is where events after writes are kept until they are delivered: a
	// module of the namespace voorpoort.stores. Default: `local`.
	StoreRaw json.RawMessage `json:"store,omitempty" caddy:"namespace=voorpoort.stores inline_key=type"`

	// OnStoreDown says what happens to writes while the store cannot keep their
	// events: `reject` (503, the default), `spool` (a shared store's events are
	// kept in a local one and told to it when it is back) or `allow` (the write
	// goes on; what is lost is logged and counted).
	OnStoreDown string `json:"on_store_down,omitempty"`

	// Spool is where `spool` keeps them.
	Spool *Spool `json:"spool,omitempty"`

	// Retention bounds how long settled messages and the log are kept. Default:
	// 30 days.
	Retention *Retention `json:"retention,omitempty"`

	// EgressAllow are networks in CIDR form, and addresses, that deliveries may
	// go to although they are not public. Webhooks of this configuration may go
	// anywhere unless this list is given.
	EgressAllow []string `json:"egress_allow,omitempty"`

	// PublicURL is the base of links in events, such as
	// `https://register.example.nl`.
	PublicURL string `json:"public_url,omitempty"`

	// Profile says what happens to events after writes that break a rule of the
	// NL GOV profile for CloudEvents: `off` (the default), `warn` (logged) or
	// `strict` (they become dead letters).
	Profile string `json:"profile,omitempty"`

	// RecoverAfter is how old a write must be before the register is asked what
	// became of it. Default: 15s.
	RecoverAfter caddy.Duration `json:"recover_after,omitempty"`

	// RecoverHorizon is how long after a write the register is asked what became
	// of it while it cannot be asked, or its rules or server are not in the
	// configuration. Then it is a dead letter. Default: 24h.
	RecoverHorizon caddy.Duration `json:"recover_horizon,omitempty"`

	// Operator names webhooks that are told, as CloudEvents, what becomes of the
	// deliveries to others: `voorpoort.webhook.failing`, `.recovered`,
	// `.disabled`, and `voorpoort.delivery.exhausted`.
	Operator []string `json:"operator,omitempty"`

	// EncryptionKey is the key with which webhooks that are made through the API
	// are encrypted in the store (AES-256-GCM), 32 bytes in hexadecimal or base64,
	// and after it the keys before, with which they can still be read. All
	// gateways on a store need the same. Default: they are stored in the clear. It
	// accepts placeholders.
	EncryptionKey []string `json:"encryption_key,omitempty"`

	ctx      caddy.Context
	storage  Storage // nil: nobody is told of anything
	profile  event.Profile
	lanes    map[*webhook.Hook]delivery.Lane // of the configuration's webhooks
	queue    *queue                          // once started is closed
	started  chan struct{}                   // closed when the queue is open
	detach   func()
	acquired bool
	requests *generation
	gates    *gates
	asking   chan struct{} // has a place for each question to the register

	hooks       *webhook.Registry // of the configuration
	fixed       map[*webhook.Hook]bool
	written     []catalogue.Fixed
	catalogue   *catalogue.Catalogue // once started is closed; of these, and those of the store
	sealer      *catalogue.Sealer    // nil: secrets are stored in the clear
	fixedGuard  push.Guard           // of deliveries to webhooks of the configuration; nil allows all
	storedGuard push.Guard           // of webhooks of the store
	managed     bool                 // webhooks can be made while the gateway runs

	*lineup // nil before Provision

	buffers *request.Buffers
	metrics *metrics
	logger  *zap.Logger
}

// Retention bounds what is kept of messages that are settled, and of the log.
// Messages that are not settled and dead letters stay, whatever their age.
type Retention struct {
	// Age is how long it is kept.
	Age caddy.Duration `json:"age,omitempty"`

	// Size bounds the store, in bytes. Default: no bound.
	Size int64 `json:"size,omitempty"`
}

// CaddyModule returns the Caddy module information.
func (App) CaddyModule() caddy.ModuleInfo {
	return caddy.ModuleInfo{ID: appName, New: func() caddy.Module { return new(App) }}
}

// Provision compiles the webhooks. It opens nothing and calls nobody.
func (a *App) Provision(ctx caddy.Context) error {
	a.logger = ctx.Logger()
	a.metrics = registerMetrics(ctx.GetMetricsRegistry())
	a.setDefaults()
	if err := a.checkLimits(); err != nil {
		return err
	}
	var err error
	if a.written, err = compileWebhooks(a.Webhooks); err != nil {
		return err
	}
	a.takeOver(a.written)
	if err := ctx.GetMetricsRegistry().Register(breakers{a}); err != nil {
		return fmt.Errorf("registering the metrics of interceptors: %w", err)
	}
	if a.sealer, err = newSealer(a.EncryptionKey); err != nil {
		return err
	}
	if err := a.provisionDelivery(ctx); err != nil {
		return err
	}
	if a.MaxBuffered > 0 {
		a.buffers = request.NewBuffers(a.MaxBuffered, time.Duration(a.Budget))
	}
	a.gate, err = interceptor.New(interceptor.Config{
		Hooks:     a.hooks,
		Budget:    time.Duration(a.Budget),
		MaxAnswer: a.MaxAnswer,
		MaxBody:   a.MaxBody,
		MaxDepth:  a.MaxDepth,
		MaxShadow: a.MaxShadow,
		GuardOf:   a.guardOf,
		Observer:  &observer{metrics: a.metrics, logger: a.logger, activity: a.activity},
	})
	if err == nil && a.storage == nil {
		a.putInForce(&live{hooks: a.hooks.Snapshot(), gate: a.gate})
	}
	return err
}

// takeOver notes the webhooks of the configuration.
func (a *App) takeOver(written []catalogue.Fixed) {
	a.lineup = &lineup{attached: map[*webhook.Hook]func(){}, known: make(chan struct{})}
	a.fixed = map[*webhook.Hook]bool{}
	hooks := make([]*webhook.Hook, len(written))
	for i, w := range written {
		hooks[i] = w.Hook
		a.fixed[w.Hook] = true
	}
	a.hooks = webhook.NewRegistry(hooks)
}

// Interface guards.
var (
	_ caddy.App          = (*App)(nil)
	_ caddy.Provisioner  = (*App)(nil)
	_ caddy.CleanerUpper = (*App)(nil)
)
