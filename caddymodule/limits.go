package caddymodule

import (
	"fmt"

	"github.com/caddyserver/caddy/v2"

	"github.com/voorpoort/voorpoort/event"
	"github.com/voorpoort/voorpoort/interceptor"
	"github.com/voorpoort/voorpoort/request"
	"github.com/voorpoort/voorpoort/strictjson"
)

// Defaults of the app's limits.
const (
	defaultMaxBody     = interceptor.DefaultMaxBody
	defaultMaxBuffered = request.DefaultMaxBuffered
)

func (a *App) setDefaults() {
	orDefault(&a.Budget, caddy.Duration(interceptor.DefaultBudget))
	orDefault(&a.MaxBody, defaultMaxBody)
	orDefault(&a.MaxAnswer, interceptor.DefaultMaxAnswer)
	orDefault(&a.MaxDepth, strictjson.DefaultMaxDepth)
	orDefault(&a.MaxShadow, interceptor.DefaultMaxShadow)
	orDefault(&a.MaxBuffered, defaultMaxBuffered)
	orDefault(&a.OnStoreDown, storeDownReject)
	orDefault(&a.Profile, event.ProfileOff.String())
	orDefault(&a.RecoverAfter, caddy.Duration(defaultRecoverAfter))
	orDefault(&a.RecoverHorizon, caddy.Duration(defaultRecoverHorizon))
}

func orDefault[T comparable](field *T, value T) {
	var zero T
	if *field == zero {
		*field = value
	}
}

func (a *App) checkLimits() error {
	switch {
	case a.MaxAnswer < 0:
		return fmt.Errorf("max_answer %d is negative; give a number of bytes", a.MaxAnswer)
	case a.MaxDepth < 0 || a.MaxDepth > 10_000:
		return fmt.Errorf("max_depth %d is outside 1 to 10000", a.MaxDepth)
	case a.MaxShadow < 0:
		return fmt.Errorf("max_shadow %d is negative", a.MaxShadow)
	}
	return checkRequestLimits(a.Budget, a.MaxBody, a.MaxBuffered)
}
