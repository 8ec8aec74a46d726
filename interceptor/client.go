package interceptor

import (
	"context"
	"errors"
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
// connection to it is made; an error rejects the address.
type Guard func(ctx context.Context, address netip.AddrPort) error

// guard is the one that a webhook's addresses have to pass.
func (c *Config) guard(h *webhook.Hook) Guard {
	if c.GuardOf != nil {
		return c.GuardOf(h)
	}
	return c.Guard
}

// client makes the calls of one webhook and keeps its connections open. One of
// own and standard is set.
type client struct {
	own *transport.Transport

	// standard goes by the deadline of the request's context. It may still read
	// a request body when its round trip is over, so that the body must not be
	// used again.
	standard *http.Transport

	// retire closes the connections that are not in use, and keeps none of
	// the others when their calls are over. Calls can still be made: requests
	// of a configuration that was replaced are still under way.
	retire func()
}

// newClient makes the client that the webhook asks for.
func newClient(h *webhook.Hook, guard Guard) client {
	if h.Client == webhook.ClientNetHTTP || h.Proxy != nil {
		t := standardTransport(h, guard)
		return client{standard: t, retire: t.CloseIdleConnections}
	}
	t := transport.New(transport.Options{
		TLS:           h.TLS,
		Guard:         guard,
		HeaderTimeout: off, // the call's own deadline covers the whole answer
		Replayable:    true,
	})
	return client{own: t, retire: t.Retire}
}

// send makes one call.
func (c *client) send(r *http.Request, d deadline) (*http.Response, error) {
	if c.own == nil {
		return c.standard.RoundTrip(r)
	}
	return c.own.RoundTripUntil(r, d.at, d.cause)
}

// deadline is when a call ends, and why.
type deadline struct {
	at    time.Time
	cause error // errTimeout or errBudget
}

// causeOf is why the call has ended before it was done: the cause of its
// context, or the deadline; nil when neither has ended it.
func (d deadline) causeOf(ctx context.Context) error {
	if cause := context.Cause(ctx); cause != nil || time.Now().Before(d.at) {
		return cause
	}
	return d.cause
}

const off = -1

// standardTransport is net/http's, for webhooks behind a proxy or that speak only
// HTTP/2. It never asks the environment for a proxy.
func standardTransport(h *webhook.Hook, guard Guard) *http.Transport {
	t := &http.Transport{
		TLSClientConfig:        h.TLS.Clone(), // net/http adds its protocols to it
		ForceAttemptHTTP2:      true,
		DisableCompression:     true,
		MaxIdleConnsPerHost:    transport.DefaultMaxIdlePerHost,
		MaxConnsPerHost:        transport.DefaultMaxConnsPerHost,
		IdleConnTimeout:        transport.DefaultIdleTimeout,
		TLSHandshakeTimeout:    transport.DefaultTLSHandshakeTimeout,
		MaxResponseHeaderBytes: transport.DefaultMaxHeadBytes,
	}
	if h.Proxy != nil {
		t.Proxy = http.ProxyURL(h.Proxy)
	}
	dialer := &net.Dialer{Timeout: transport.DefaultDialTimeout, KeepAlive: keepAlive}
	if guard != nil {
		dialer.ControlContext = control(guard)
	}
	t.DialContext = dialer.DialContext
	return t
}

const keepAlive = 30 * time.Second

// control asks the guard about the address that is about to be connected to,
// which is after DNS: a name cannot be rebound in between.
func control(guard Guard) func(context.Context, string, string, syscall.RawConn) error {
	return func(ctx context.Context, _, address string, _ syscall.RawConn) error {
		addr, err := netip.ParseAddrPort(address)
		if err != nil {
			return fmt.Errorf("checking an address: %w", err)
		}
		return guard(ctx, netip.AddrPortFrom(addr.Addr().Unmap(), addr.Port()))
	}
}

// bare strips the address from an error: net/url and net/http put the whole
// URL, query included, into theirs.
func bare(err error) error {
	if withURL, ok := errors.AsType[*url.Error](err); ok {
		return withURL.Err
	}
	return err
}
