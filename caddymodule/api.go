package caddymodule

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"runtime/debug"
	"slices"
	"strings"
	"sync"

	"github.com/caddyserver/caddy/v2"
	"github.com/caddyserver/caddy/v2/modules/caddyhttp"
	"go.uber.org/zap"

	"github.com/voorpoort/voorpoort/dashboard"
	"github.com/voorpoort/voorpoort/delivery/spool"
	"github.com/voorpoort/voorpoort/manage"
)

func init() {
	caddy.RegisterModule(new(API))
}

// API serves the management API and the dashboard: everything that a person or a
// program uses to see and change what the gateway does. It finds its own root in
// the path, so it can be mounted anywhere, with or without `handle_path`.
//
// Nobody gets in without credentials: it needs at least one token or user.
type API struct {
	// Tokens are what callers know.
	Tokens []APIToken `json:"tokens,omitempty"`

	// Users are what those may do whom an authentication handler in front of
	// this one has let in, such as `basic_auth`.
	Users []APIUser `json:"users,omitempty"`

	// Redact are places in bodies that nobody is shown, as JSON Pointers (RFC
	// 6901) in which `*` is any one key or index: `/data/object/bsn`. A body that
	// is not JSON is then not shown at all.
	Redact []string `json:"redact,omitempty"`

	// Contact is whom `openapi.json` says to turn to about this API. Default: the
	// project.
	Contact APIContact `json:"contact,omitzero"`

	// DashboardOff leaves the dashboard away.
	DashboardOff bool `json:"dashboard_off,omitempty"`

	access *manage.Access
	users  []apiUser
	app    *App
	logger *zap.Logger

	making  sync.Mutex
	handler *manage.Handler // once the app has started
	closed  bool
}

// APIToken is a token and what it is good for.
type APIToken struct {
	// Scopes are `read`, `write`, `replay` and `read:payload`.
	Scopes []string `json:"scopes,omitempty"`

	// SHA256 is the SHA-256 of the token, 64 hexadecimal digits. It accepts
	// placeholders. `voorpoort token new` makes one.
	SHA256 string `json:"sha256,omitempty"`

	// Name is what the log calls who knows the token, at most 64 bytes. Default:
	// `token` and its number in the list, from 1.
	Name string `json:"name,omitempty"`
}

// APIUser are users and what they may do.
type APIUser struct {
	// Scopes are `read`, `write`, `replay` and `read:payload`.
	Scopes []string `json:"scopes,omitempty"`

	// Names are those of the users. Default: all.
	Names []string `json:"names,omitempty"`
}

// APIContact is whom to turn to. The NLgov REST API Design Rules want all three.
type APIContact struct {
	// Name is that of a person or an organisation.
	Name string `json:"name,omitempty"`

	// Email is an e-mail address that somebody reads.
	Email string `json:"email,omitempty"`

	// URL is that of a page, with `http` or `https`.
	URL string `json:"url,omitempty"`
}

// apiUser is an APIUser with its scopes read.
type apiUser struct {
	names  []string
	scopes manage.Scopes
}

// errNoAccess shows how somebody gets in.
var errNoAccess = errors.New("voorpoort_api: nobody could use it: give a token (your program's command voorpoort token new makes one, with its line for the Caddyfile), " +
	"or with user the users that an authentication handler in front has let in")

// CaddyModule returns the Caddy module information.
func (*API) CaddyModule() caddy.ModuleInfo {
	return caddy.ModuleInfo{ID: "http.handlers.voorpoort_api", New: func() caddy.Module { return new(API) }}
}

// Provision reads who may use it, and has the app open a store.
func (a *API) Provision(ctx caddy.Context) error {
	a.logger = ctx.Logger()
	if err := a.provisionAccess(); err != nil {
		return err
	}
	if err := manage.CheckRedact(a.Redact); err != nil {
		return fmt.Errorf("redact: %w", err)
	}
	if err := manage.Contact(a.Contact).Validate(); err != nil {
		return err
	}
	app, err := ctx.App(appName)
	if err != nil {
		return err
	}
	a.app = app.(*App) //nolint:forcetypeassert // it is registered under that name
	return a.app.openStore()
}

func (a *API) provisionAccess() error {
	if len(a.Tokens) == 0 && len(a.Users) == 0 {
		return errNoAccess
	}
	tokens := make([]manage.Token, len(a.Tokens))
	for i, t := range a.Tokens {
		hash, err := caddy.NewReplacer().ReplaceOrErr(t.SHA256, true, true)
		if err != nil {
			return fmt.Errorf("token %d: %w", i+1, err)
		}
		if tokens[i], err = manage.ParseToken(strings.Join(t.Scopes, ","), strings.TrimSpace(hash), t.Name); err != nil {
			return fmt.Errorf("token %d: %w", i+1, err)
		}
	}
	for i, u := range a.Users {
		scopes, err := manage.ParseScopes(strings.Join(u.Scopes, ","))
		if err != nil {
			return fmt.Errorf("user %d: %w", i+1, err)
		}
		a.users = append(a.users, apiUser{names: u.Names, scopes: scopes})
	}
	var err error
	a.access, err = manage.NewAccess(tokens, len(a.users) > 0)
	return err
}

// ServeHTTP serves a request once the app has started. What it does not know is
// its own 404: a management API passes nothing on.
func (a *API) ServeHTTP(w http.ResponseWriter, r *http.Request, _ caddyhttp.Handler) error {
	handler, err := a.ready(r.Context())
	if err != nil {
		a.logger.Error("the management API is not ready", zap.Error(err))
		return caddyhttp.Error(http.StatusServiceUnavailable, err)
	}
	handler.ServeHTTP(w, r.WithContext(a.known(r.Context())))
	return nil
}

// known tells the API what Caddy knows of the caller: the user that was
// authenticated, and the address behind trusted proxies.
func (a *API) known(ctx context.Context) context.Context {
	if address, ok := caddyhttp.GetVar(ctx, caddyhttp.ClientIPVarKey).(string); ok && address != "" {
		ctx = manage.WithClientAddress(ctx, address)
	}
	replacer, ok := ctx.Value(caddy.ReplacerCtxKey).(*caddy.Replacer)
	if !ok {
		return ctx
	}
	name, _ := replacer.GetString("http.auth.user.id")
	if scopes := a.scopesOf(name); scopes != 0 {
		ctx = manage.WithUser(ctx, name, scopes)
	}
	return ctx
}

// scopesOf is what a user may do: what all lines together say.
func (a *API) scopesOf(name string) (scopes manage.Scopes) {
	if name == "" {
		return 0
	}
	for _, u := range a.users {
		if len(u.names) == 0 || slices.Contains(u.names, name) {
			scopes |= u.scopes
		}
	}
	return scopes
}

// ready gives the API. It is made at the first request: only then the app has
// certainly started.
func (a *API) ready(ctx context.Context) (*manage.Handler, error) {
	a.making.Lock()
	defer a.making.Unlock()
	if a.handler != nil {
		return a.handler, nil
	}
	c, err := a.app.cockpit(ctx)
	if err != nil {
		return nil, err
	}
	handler, err := manage.New(a.config(c))
	if err != nil {
		return nil, err
	}
	if a.closed { // of a configuration that is gone: it answers what is under way
		_ = handler.Close()
	}
	a.handler = handler
	return handler, nil
}

func (a *API) config(c *cockpit) manage.Config {
	gateway, _ := caddy.InstanceID()
	info, _ := debug.ReadBuildInfo()
	caddyVersion, _ := caddy.Version()
	config := manage.Config{
		Store: c.store, Engine: c.engine, Webhooks: c.catalogue, Activity: c.activity, Access: a.access,
		Test: c.test, Resend: c.resend, Check: c.check, Settle: c.settleHold, UnderWay: c.app.queue.underWay.has, Types: c.types, Sources: c.sources,
		Redact: a.Redact, StoreKind: c.storeKind(), Gateway: gateway.String(),
		Version: ownVersion(info), CaddyVersion: caddyVersion,
		Contact: manage.Contact(a.Contact), Away: storeAway, Known: c.app.unread,
		Tell:   a.tell,
		Report: func(err error) { a.logger.Error("the management API could not do what it was asked", zap.Error(err)) },
	}
	if !a.DashboardOff {
		config.Dashboard = dashboard.Handler()
	}
	return config
}

// tell writes down who did what.
func (a *API) tell(d manage.Deed) {
	kind := "token"
	if d.User {
		kind = "user"
	}
	fields := []zap.Field{
		zap.String("caller", d.Caller), zap.String("known_by", kind), zap.String("client_ip", d.Client),
		zap.String("operation", d.Operation), zap.String("method", d.Method), zap.String("route", d.Route), zap.Int("status", d.Status),
	}
	if d.Target != "" {
		fields = append(fields, zap.String("target", d.Target))
	}
	if d.UUID != "" {
		fields = append(fields, zap.Uint64("webhook", d.Webhook), zap.String("webhook_uuid", d.UUID))
	}
	if d.Change {
		a.logger.Info("somebody used the management API to change something", fields...)
	} else {
		a.logger.Info("somebody used the management API to read bodies", fields...)
	}
}

// storeAway tells errors of a store that cannot be reached at the moment, or that
// was never reached, from those that are a fault of the gateway.
func storeAway(err error) bool {
	return unavailable(err) || errors.Is(err, spool.ErrAway) || errors.Is(err, errLateClosed) || errors.Is(err, errUnread)
}

// Cleanup ends streams and jobs. Viewers come back to the configuration that
// follows.
func (a *API) Cleanup() error {
	a.making.Lock()
	defer a.making.Unlock()
	a.closed = true
	if a.handler == nil {
		return nil
	}
	return a.handler.Close()
}

// Interface guards.
var (
	_ caddy.Provisioner           = (*API)(nil)
	_ caddy.CleanerUpper          = (*API)(nil)
	_ caddyhttp.MiddlewareHandler = (*API)(nil)
)
