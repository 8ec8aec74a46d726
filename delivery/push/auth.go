package push

import (
	"context"
	"time"
)

// authorizer gives the value of the field Authorization for one attempt.
type authorizer interface {
	// authorize may make a call of its own.
	authorize(ctx context.Context, at time.Time) (string, *failure)

	// renewable takes a value that the receiver has refused (401), and reports
	// whether asking again may give a better one.
	renewable(value string) bool

	close()
}

// open needs no Authorization of ours; a custom header field may hold one.
type open struct{}

func (open) authorize(context.Context, time.Time) (string, *failure) { return "", nil }
func (open) renewable(string) bool                                   { return false }
func (open) close()                                                  {}

func (z *ZGW) authorize(_ context.Context, at time.Time) (string, *failure) {
	return z.bearer(at), nil
}
func (z *ZGW) renewable(string) bool { return false }
func (z *ZGW) close()                {}

// granted uses tokens of an authorization server.
type granted struct {
	endpoint *tokenEndpoint
	cache    tokenCache
}

func (g *granted) authorize(ctx context.Context, _ time.Time) (string, *failure) {
	return g.cache.get(ctx)
}

func (g *granted) renewable(value string) bool {
	g.cache.drop(value)
	return true
}

func (g *granted) close() { g.endpoint.client.retire() }
