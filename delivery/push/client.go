package push

import (
	"context"
	"crypto/tls"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"syscall"
	"time"

	"github.com/voorpoort/voorpoort/transport"
	"github.com/voorpoort/voorpoort/webhook"
)

// Guard is asked about each address after name resolution and before a
// connection to it is made; an error rejects the address. transport.Egress has
// one. A webhook behind a proxy is guarded by the proxy: asked is about the
// proxy's address.
type Guard func(ctx context.Context, address netip.AddrPort) error

// client makes calls and keeps connections open.
type client struct {
	http.RoundTripper

	// until makes a round trip that ends at a time, which costs less than a
	// context with a deadline; nil if the client has none.
	until func(r *http.Request, at time.Time, cause error) (*http.Response, error)

	// copies tells that the client may still read a request body when its
	// round trip is over, so that the body must not be used again.
	copies bool

	// retire closes the connections that are not in use, and keeps none of the
	// others when their calls are over.
	retire func()
}

// newClient makes the client that a webhook asks for.
func newClient(kind webhook.Client, proxy *url.URL, config *tls.Config, guard Guard) client {
	if kind == webhook.ClientNetHTTP || proxy != nil {
		t := standardTransport(proxy, config, guard)
		return client{RoundTripper: t, copies: true, retire: t.CloseIdleConnections}
	}
	t := transport.New(transport.Options{
		TLS:           config,
		Guard:         guard,
		HeaderTimeout: off, // the call's own deadline covers the whole answer
		Replayable:    true,
	})
	return client{RoundTripper: t, until: t.RoundTripUntil, retire: t.Retire}
}

// roundTrip makes a call that ends at a time.
func (c *client) roundTrip(r *http.Request, until time.Time) (*http.Response, error) {
	if c.until == nil {
		return c.RoundTrip(r) // the request's context ends it
	}
	return c.until(r, until, context.DeadlineExceeded)
}

const (
	off       = -1
	keepAlive = 30 * time.Second
)

// standardTransport is net/http's, for webhooks behind a proxy or that speak
// only HTTP/2. It never asks the environment for a proxy.
func standardTransport(proxy *url.URL, config *tls.Config, guard Guard) *http.Transport {
	t := &http.Transport{
		TLSClientConfig:        config.Clone(), // net/http adds its protocols to it
		ForceAttemptHTTP2:      true,
		DisableCompression:     true,
		MaxIdleConnsPerHost:    transport.DefaultMaxIdlePerHost,
		MaxConnsPerHost:        transport.DefaultMaxConnsPerHost,
		IdleConnTimeout:        transport.DefaultIdleTimeout,
		TLSHandshakeTimeout:    transport.DefaultTLSHandshakeTimeout,
		MaxResponseHeaderBytes: transport.DefaultMaxHeadBytes,
	}
	if proxy != nil {
		t.Proxy = http.ProxyURL(proxy)
	}
	dialer := &net.Dialer{Timeout: transport.DefaultDialTimeout, KeepAlive: keepAlive}
	if guard != nil {
		dialer.ControlContext = control(guard)
	}
	t.DialContext = dialer.DialContext
	return t
}

// control asks the guard about the address that is about to be connected to,
// which is after DNS: a name cannot be rebound in between.
func control(guard Guard) func(context.Context, string, string, syscall.RawConn) error {
	return func(ctx context.Context, _, address string, _ syscall.RawConn) error {
		addr, err := netip.ParseAddrPort(address)
		if err != nil {
			return transport.ErrGuarded
		}
		if err := guard(ctx, netip.AddrPortFrom(addr.Addr().Unmap(), addr.Port())); err != nil {
			return fmt.Errorf("%w: %w", transport.ErrGuarded, err)
		}
		return nil
	}
}
