package caddymodule

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"time"

	"github.com/caddyserver/caddy/v2"
	"go.uber.org/zap"

	"github.com/voorpoort/voorpoort/event"
	"github.com/voorpoort/voorpoort/request"
	"github.com/voorpoort/voorpoort/webhook"
)

// errNoPublicURL: a receiver cannot follow a link without host.
var errNoPublicURL = errors.New("a preset or rule puts links into events: public_url is needed, " +
	"in the site or in the global option voorpoort, such as public_url https://register.example.nl")

// What happens to writes while the store cannot keep their events.
const (
	storeDownReject = "reject"
	storeDownSpool  = "spool"
	storeDownAllow  = "allow"
)

var storeDownPolicies = []string{storeDownReject, storeDownSpool, storeDownAllow}

// The guarantees of a handler.
const (
	guaranteeAtLeastOnce = "at-least-once"
	guaranteeOnResponse  = "on-response"
)

var guarantees = []string{guaranteeAtLeastOnce, guaranteeOnResponse}

// storageKey is the member of a store's JSON that names its module.
const storageKey = "type"

// defaultRecoverAfter is longer than a register usually works on a write after
// its connection has broken.
const defaultRecoverAfter = 15 * time.Second

// retryAfter is what a client is told whose write was refused for a reason of
// the gateway's own.
const retryAfter = 5 * time.Second

// provisionDelivery settles where events are kept and how they are delivered. It
// opens nothing.
func (a *App) provisionDelivery(ctx caddy.Context) (err error) {
	a.ctx, a.started = ctx, make(chan struct{})
	a.requests, a.gates = new(generation), new(gates)
	a.asking = make(chan struct{}, askingAtOnce)
	if err := a.checkDelivery(); err != nil {
		return err
	}
	if a.profile, err = event.ParseProfile(a.Profile); err != nil {
		return fmt.Errorf("profile: %w", err)
	}
	guard, stored, err := egressGuards(a.EgressAllow)
	if err != nil {
		return err
	}
	a.fixedGuard, a.storedGuard = guard, stored
	all := a.hooks.Snapshot().All()
	if a.lanes, err = newLanes(all, guard); err != nil {
		return err
	}
	if err := checkOperator(a.Operator, all); err != nil {
		return err
	}
	if a.StoreRaw == nil && !slices.ContainsFunc(all, (*webhook.Hook).Delivers) {
		return nil
	}
	return a.loadStorage(ctx)
}

// loadStorage makes the store's module; the default is local.
func (a *App) loadStorage(ctx caddy.Context) error {
	if a.StoreRaw == nil {
		a.StoreRaw = []byte(`{"` + storageKey + `":"local"}`)
	}
	module, err := ctx.LoadModule(a, "StoreRaw")
	if err != nil {
		return fmt.Errorf("store: %w", err)
	}
	storage, ok := module.(Storage)
	if !ok {
		return fmt.Errorf("store: %T is no store", module)
	}
	a.storage = storage
	if a.OnStoreDown == storeDownReject {
		return nil
	}
	if _, here := storage.(*LocalStorage); !here {
		a.storage = &lateStorage{Storage: storage, policy: a.OnStoreDown}
	}
	if a.OnStoreDown == storeDownSpool {
		a.storage, err = spooled(a.Spool, a.storage)
	}
	return err
}

func (a *App) checkDelivery() error {
	if !slices.Contains(storeDownPolicies, a.OnStoreDown) {
		return fmt.Errorf("on_store_down %q is not known; it is one of %v", a.OnStoreDown, storeDownPolicies)
	}
	if a.RecoverAfter < 0 {
		return errors.New("recover_after cannot be negative")
	}
	if a.RecoverHorizon <= a.RecoverAfter {
		return errHorizon
	}
	if a.Spool != nil && a.OnStoreDown != storeDownSpool {
		return errSpoolUnused
	}
	return errors.Join(checkRetention(a.Retention), checkPublicURL(a.PublicURL))
}

// checkPublicURL accepts the base of absolute links.
func checkPublicURL(text string) error {
	if text == "" {
		return nil
	}
	u, err := url.Parse(text)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.RawQuery != "" || u.Fragment != "" || u.User != nil {
		return errors.New("public_url must be an absolute http or https URL without query, such as https://register.example.nl")
	}
	return nil
}

// provisionDelivery settles what a gate needs for events after the write.
func (h *Handler) provisionDelivery(rules event.Config) error {
	orDefault(&h.Guarantee, guaranteeAtLeastOnce)
	if !slices.Contains(guarantees, h.Guarantee) {
		return fmt.Errorf("guarantee %q is not known; it is one of %v", h.Guarantee, guarantees)
	}
	h.onResponse = h.Guarantee == guaranteeOnResponse
	if err := checkPublicURL(h.PublicURL); err != nil {
		return err
	}
	h.recoverHeader = make(map[string]string, len(h.RecoverHeader))
	for name, value := range h.RecoverHeader {
		expanded, err := caddy.NewReplacer().ReplaceOrErr(value, true, true)
		if err != nil {
			return fmt.Errorf("recover_header %s: %w", name, err)
		}
		h.recoverHeader[name] = expanded
	}
	document, err := json.Marshal(rules)
	if err != nil {
		return fmt.Errorf("the rules: %w", err)
	}
	digest := sha256.Sum256(document)
	h.fingerprint = hex.EncodeToString(digest[:8])
	h.app.gates.add(h)
	for _, warning := range h.table.Warnings() {
		h.logger.Warn("the rules", zap.String("warning", warning))
	}
	if h.table.NeedsPublicURL() && h.publicURL() == "" {
		return errNoPublicURL
	}
	return nil
}

// storeProblem refuses a write whose event could not be kept.
func (h *Handler) storeProblem(err error) *request.Problem {
	h.logger.Error("a write was refused because its event could not be kept", zap.Error(err))
	return &request.Problem{
		Status:     http.StatusServiceUnavailable,
		Reason:     "store_unavailable",
		Title:      "The write could not be recorded",
		Detail:     "The gateway cannot keep what has to be told about this write, so it was not passed on.",
		RetryAfter: retryAfter,
	}
}
