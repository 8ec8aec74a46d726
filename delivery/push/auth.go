package push

import (
	"context"
	"crypto/tls"
	"time"

	"github.com/voorpoort/voorpoort/webhook"
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

// selfMade makes a token for every attempt.
type selfMade struct{ claims *webhook.ZGWJWT }

func (s selfMade) authorize(_ context.Context, at time.Time) (string, *failure) {
	return zgwBearer(s.claims, at), nil
}
func (selfMade) renewable(string) bool { return false }
func (selfMade) close()                {}

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

// newAuthorizer makes what gives Authorization.
func newAuthorizer(h *webhook.Hook, o Options) (authorizer, error) {
	switch {
	case h.ZGW != nil:
		return selfMade{h.ZGW}, nil
	case h.OAuth2 == nil:
		return open{}, nil
	}
	// The webhook's certificates count for the token endpoint too, but the
	// name to verify is the endpoint's own.
	var config *tls.Config
	if h.TLS != nil {
		config = h.TLS.Clone()
		config.ServerName = ""
	}
	c := newClient(h.Client, h.Proxy, config, o.Guard)
	endpoint, err := newTokenEndpoint(h.OAuth2, c, h.Timeout, o.Now)
	if err != nil {
		return nil, err
	}
	return &granted{endpoint: endpoint, cache: tokenCache{fetch: endpoint.fetch, now: o.Now}}, nil
}
