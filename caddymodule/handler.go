package caddymodule

import (
	"errors"
	"fmt"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/caddyserver/caddy/v2"
	"github.com/caddyserver/caddy/v2/modules/caddyhttp"
	"go.uber.org/zap"

	"github.com/voorpoort/voorpoort/event"
	"github.com/voorpoort/voorpoort/request"
)

func init() {
	caddy.RegisterModule(Handler{})
}

// Handler stands in front of a register's API. Each request that a rule names
// becomes a CloudEvent; the webhooks that subscribed to it can block it or
// change its body before the next handler, usually reverse_proxy, sees it, and
// others are told of it when the register has acted. A request that no rule
// names, or no webhook wants, goes on untouched.
//
// It publishes these placeholders. They are empty on requests that no rule
// names or no webhook wants:
//
// Placeholder | Description
// ------------|-------------
// `{http.voorpoort.event.id}` | The id of the CloudEvent
// `{http.voorpoort.event.type}` | Its type, such as `object.creating`
// `{http.voorpoort.event.source}` | Its source
// `{http.voorpoort.event.subject}` | Its subject, which may be empty
// `{http.voorpoort.outcome}` | `untouched` (nobody was asked whose answer counts), `approved`, `modified`, `unchecked` (let through by the policy allow), `flagged`, `rejected` or `unavailable`
// `{http.voorpoort.webhook}` | The webhook that blocked the request, else empty
// `{http.voorpoort.changed}` | Which webhook changed which place of the body: `name:/json/pointer`, separated by commas
// `{http.voorpoort.flags}` | The webhooks that failed under the policy flag.
type Handler struct {
	// Presets are the rule sets of this handler: `openregister`, `open-klant`,
	// `open-klant-semantic`, `zgw`, `rest`. When neither presets nor rules are
	// given, those of the app `voorpoort` are used.
	Presets []string `json:"presets,omitempty"`

	// Rules are the operator's own. Where one of them and one of a preset have
	// the same path and method, the operator's comes first.
	Rules []event.Rule `json:"rules,omitempty"`

	// Aliases are added to those of the app.
	Aliases event.Aliases `json:"aliases,omitempty"`

	// Budget replaces the app's: what all webhooks together may cost one
	// request.
	Budget caddy.Duration `json:"budget,omitempty"`

	// MaxBody replaces the app's: the bytes of a body.
	MaxBody int64 `json:"max_body,omitempty"`

	// Unparsed says what happens to bodies that are neither JSON nor a form:
	// `reject` (415, the default) or `pass-as-base64`.
	Unparsed string `json:"unparsed,omitempty"`

	// MethodOverride says what happens to X-HTTP-Method-Override and its kin,
	// and to `_method` in queries and bodies: `strip` (the default: the
	// register sees what the wire method says), `honour` (the request becomes
	// what the override says) or `reject` (400).
	MethodOverride string `json:"method_override,omitempty"`

	// RelaxPath lists the kinds of odd paths that are let through on routes
	// that a rule names. Each opens a way round the gate if the register reads
	// such a path in another way; see the documentation before using one.
	RelaxPath []string `json:"relax_path,omitempty"`

	// Settings replace those of the app: values that presets leave to the
	// operator, such as `{"open-klant": {"object_types": ["zaak", "zgw-Zaak"]}}`.
	Settings event.Settings `json:"settings,omitempty"`

	// Guarantee says what is certain of events after the write. `at-least-once`
	// (the default): the intent of a write is stored durably before the register
	// is touched, so that nothing can be lost in between. `on-response`: events
	// are stored when the register has answered, which spares one durable write
	// per request and loses the event of a write during which the gateway dies.
	Guarantee string `json:"guarantee,omitempty"`

	// PublicURL replaces the app's: the base of links in events.
	PublicURL string `json:"public_url,omitempty"`

	// RecoverHeader are header fields of the requests with which the gateway asks
	// the register what became of a write whose answer was not seen. The
	// callers' own credentials are never kept, so a register that wants some
	// needs them here. The values accept placeholders.
	RecoverHeader map[string]string `json:"recover_header,omitempty"`

	recoverHeader map[string]string // expanded
	fingerprint   string            // of the rules, to find this gate again after a restart
	onResponse    bool

	app      *App
	budget   time.Duration
	view     *atomic.Pointer[view] // the one that was made last
	table    *event.Table
	body     request.BodyOptions
	override request.Override
	relax    request.Relax
	logger   *zap.Logger
}

// CaddyModule returns the Caddy module information.
func (Handler) CaddyModule() caddy.ModuleInfo {
	return caddy.ModuleInfo{
		ID:  "http.handlers.voorpoort",
		New: func() caddy.Module { return new(Handler) },
	}
}

// Provision compiles the rules.
func (h *Handler) Provision(ctx caddy.Context) error {
	h.logger = ctx.Logger()
	shared, err := ctx.App(appName)
	if err != nil {
		return fmt.Errorf("getting the app %s: %w", appName, err)
	}
	app, ok := shared.(*App)
	if !ok {
		return fmt.Errorf("the app %s is a %T, which is not Voorpoort's", appName, shared)
	}
	h.app = app
	if err := h.settings(); err != nil {
		return err
	}
	rules := h.ruleSet()
	if len(rules.Presets)+len(rules.Rules) == 0 {
		return errNoRules
	}
	h.table, err = event.Compile(rules)
	if err != nil {
		return err
	}
	if err := h.provisionDelivery(rules); err != nil {
		return err
	}
	h.warnDoubts()
	return nil
}

// errNoRules: a gate that lets everything pass must not look like one that
// works.
var errNoRules = errors.New("voorpoort has no rules here: name a preset (voorpoort openregister), " +
	"give it a rule, or put preset or rule into the global option voorpoort")

// settings turns the words of the configuration into values.
func (h *Handler) settings() error {
	var faults [3]error
	h.override, faults[0] = request.ParseOverride(h.MethodOverride)
	h.body.Unparsed, faults[1] = request.ParseUnparsed(h.Unparsed)
	h.relax, faults[2] = request.ParseRelax(h.RelaxPath)
	if err := errors.Join(faults[:]...); err != nil {
		return err
	}
	budget, maxBody := h.Budget, h.MaxBody
	orDefault(&budget, h.app.Budget)
	orDefault(&maxBody, h.app.MaxBody)
	if err := checkRequestLimits(budget, maxBody, h.app.MaxBuffered); err != nil {
		return err
	}
	h.body.MaxBody, h.body.MaxDepth = maxBody, h.app.MaxDepth
	h.body.Buffers, h.body.Weight = h.app.buffers, copiesOfABody
	h.view = new(atomic.Pointer[view])
	h.budget = time.Duration(budget)
	return nil
}

// copiesOfABody is how often a body is in memory when it is largest: as it came,
// in the event, and as the webhooks have changed it.
const copiesOfABody = 3

// ruleSet is the handler's own rules, or the app's when it has none.
func (h *Handler) ruleSet() event.Config {
	config := event.Config{
		Presets: h.Presets,
		Rules:   h.Rules,
		Source:  h.app.Source,
		Headers: h.app.Headers,
		Aliases: event.Aliases{},

		Settings: h.Settings,
	}
	if len(h.Presets)+len(h.Rules) == 0 {
		config.Presets, config.Rules = h.app.Presets, h.app.Rules
	}
	if config.Settings == nil {
		config.Settings = h.app.Settings
	}
	for _, aliases := range []event.Aliases{h.app.Aliases, h.Aliases} {
		for parameter, groups := range aliases {
			config.Aliases[parameter] = append(config.Aliases[parameter], groups...)
		}
	}
	return config
}

// ServeHTTP is the way of one request: match, read, intercept, hold, proxy,
// settle. The first step stands in match.go, the next in passage.go, and what is
// done for webhooks that are told afterwards in follow.go.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request, next caddyhttp.Handler) error {
	h.receive(r)
	head, concerned, problem := h.match(r)
	if problem != nil {
		publishNothing(r)
		return h.refuse(w, r, problem)
	}
	if !concerned {
		publishNothing(r)
		return next.ServeHTTP(w, r)
	}
	h.app.requests.enter()
	defer h.app.requests.leave()
	p := passage{h: h, w: w, r: r, next: next, head: head}
	p.publish()
	return p.read()
}

// Interface guards.
var (
	_ caddy.Provisioner           = (*Handler)(nil)
	_ caddyhttp.MiddlewareHandler = (*Handler)(nil)
)
