package interceptor

import (
	"context"
	"fmt"
	"iter"
	"time"

	"github.com/voorpoort/voorpoort/event"
	"github.com/voorpoort/voorpoort/request"
	"github.com/voorpoort/voorpoort/strictjson"
	"github.com/voorpoort/voorpoort/webhook"
)

// Defaults of [Config].
const (
	// DefaultBudget bounds what all webhooks together may cost one request. It
	// stays well below the minute after which servers give up on a request that
	// shows no life.
	DefaultBudget = 10 * time.Second

	// DefaultMaxAnswer bounds the bytes read of one answer. It stops a webhook
	// from filling the gateway's memory.
	DefaultMaxAnswer = 8 << 20

	// DefaultMaxBody bounds the bytes of a body after a change, as it does before.
	DefaultMaxBody = request.DefaultMaxBody

	// DefaultMaxShadow bounds the shadow calls in flight. One more is dropped
	// and counted: shadow traffic never costs the real traffic its memory.
	DefaultMaxShadow = 256
)

// Config is what a [Gate] needs to know. Zero values mean the defaults.
type Config struct {
	Hooks     *webhook.Registry
	Budget    time.Duration             // for all webhooks of one request together
	MaxAnswer int64                     // bytes of one answer; a webhook may have its own
	MaxBody   int64                     // bytes of the body after a change
	MaxDepth  int                       // nesting of answers and changed bodies
	MaxShadow int                       // shadow calls in flight
	Guard     Guard                     // asked for each address before it is dialed; nil allows all
	GuardOf   func(*webhook.Hook) Guard // the guard of a webhook; nil: Guard is that of all
	UserAgent string                    // default "Voorpoort"
	Observer  Observer                  // default: nobody
}

func (c Config) withDefaults() Config {
	setDefault(&c.Budget, DefaultBudget)
	setDefault(&c.MaxAnswer, DefaultMaxAnswer)
	setDefault(&c.MaxBody, DefaultMaxBody)
	setDefault(&c.MaxDepth, strictjson.DefaultMaxDepth)
	setDefault(&c.MaxShadow, DefaultMaxShadow)
	setDefault(&c.UserAgent, "Voorpoort")
	setDefault(&c.Observer, Observer(nobody{}))
	return c
}

func setDefault[T comparable](field *T, value T) {
	var zero T
	if *field == zero {
		*field = value
	}
}

// Gate decides about writes. It is safe for concurrent use. It owns one client
// per webhook, and the shadow calls in flight: Close ends both.
type Gate struct {
	config  Config
	hooks   *webhook.Snapshot // those that there are callers for
	callers map[*webhook.Hook]*caller
	shadows *shadows
}

// New makes a gate for the webhooks that are in the registry now; it does not
// see later changes of the registry. It opens no connection.
// The error names the webhook and the setting that cannot be used.
func New(config Config) (*Gate, error) {
	config = config.withDefaults()
	g := &Gate{config: config, hooks: config.Hooks.Snapshot(), shadows: newShadows(config.MaxShadow)}
	var err error
	g.callers, err = callersOf(g.hooks.Hooks(), config, nil)
	if err != nil {
		return nil, err
	}
	return g, nil
}

// callersOf makes the callers of webhooks, but for those that are there.
func callersOf(hooks []*webhook.Hook, config Config, there map[*webhook.Hook]*caller) (map[*webhook.Hook]*caller, error) {
	callers := make(map[*webhook.Hook]*caller, len(hooks))
	for _, h := range hooks {
		if c := there[h]; c != nil {
			callers[h] = c
			continue
		}
		c, err := newCaller(h, config)
		if err != nil {
			return nil, fmt.Errorf("webhook %q: %w", h.Name, err)
		}
		callers[h] = c
	}
	return callers, nil
}

// Renew gives a gate for the webhooks that are in another registry now, in the
// place of g. Of webhooks that both have, which are the same pointers, it has the
// connections, and the breakers as they stand. g can still decide, for requests
// that came before, but keeps no connection to webhooks that it alone has. Only
// the newest gate is to be closed. After an error g is as it was.
func (g *Gate) Renew(hooks *webhook.Registry) (*Gate, error) {
	next := *g
	next.config.Hooks, next.hooks = hooks, hooks.Snapshot()
	var err error
	if next.callers, err = callersOf(next.hooks.Hooks(), next.config, g.callers); err != nil {
		return nil, err
	}
	for h, c := range g.callers {
		if next.callers[h] == nil {
			c.client.retire()
		}
	}
	return &next, nil
}

// Close ends the shadow calls and closes the connections that are idle. The
// gate can still decide, for requests that came before it was replaced, and
// keeps no connection of theirs.
func (g *Gate) Close() {
	g.shadows.stop()
	for _, c := range g.callers {
		c.client.retire()
	}
}

// Intercept asks the webhooks that want this event and decides. The only error
// is that the request itself ended (ctx was canceled); any failure of a webhook
// is part of the decision, by that webhook's policy.
func (g *Gate) Intercept(ctx context.Context, e *event.Event) (Decision, error) {
	d := Decision{Body: e.Request.Body}
	hooks := g.hooks.Interceptors(e)
	if hooks.Empty() {
		return d, nil
	}
	end := time.Now().Add(g.config.Budget)
	d.Shadowed = g.shadow(ctx, e, hooks.Shadow, end)
	g.mutate(ctx, e, hooks.Mutating, end, &d)
	if d.Block == nil {
		g.validate(ctx, e, hooks.Validating, end, &d)
	}
	return d, ctx.Err()
}

// Breakers gives the webhooks that there are, and of each whether its breaker is
// open: it failed too often a moment ago, and is not asked.
func (g *Gate) Breakers() iter.Seq2[*webhook.Hook, bool] {
	return func(yield func(*webhook.Hook, bool) bool) {
		for h, c := range g.callers {
			if !yield(h, c.breaker.open()) {
				return
			}
		}
	}
}

// With gives a gate for requests with other limits. It shares everything else
// with g, and ends with it: only g is to be closed.
func (g *Gate) With(budget time.Duration, maxBody int64) *Gate {
	other := *g
	other.config.Budget, other.config.MaxBody = budget, maxBody
	return &other
}
