package caddymodule

import (
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/caddyserver/caddy/v2"
	"github.com/caddyserver/caddy/v2/caddyconfig/caddyfile"
	"github.com/caddyserver/caddy/v2/modules/caddyhttp/reverseproxy"

	"github.com/voorpoort/voorpoort/transport"
)

func init() {
	caddy.RegisterModule(Transport{})
}

// Transport is a transport for `reverse_proxy` that speaks HTTP/1.1 to the
// upstream on the request's own goroutine, which costs less per request than
// the standard one. It takes every option of `transport http`.
//
// Where a request or an option needs more than HTTP/1.1 on one connection, the
// standard transport does it with the same options: HTTP/2 and 3 and h2c, a
// forward proxy, the PROXY protocol, a server name with placeholders, and
// upgrades such as WebSocket. Unlike there, the default for `versions` is 1.1.
type Transport struct {
	reverseproxy.HTTPTransport

	direct *transport.Transport // nil: every request is for the standard transport
}

// CaddyModule returns the Caddy module information.
func (Transport) CaddyModule() caddy.ModuleInfo {
	return caddy.ModuleInfo{
		ID:  "http.reverse_proxy.transport.voorpoort",
		New: func() caddy.Module { return new(Transport) },
	}
}

// UnmarshalCaddyfile reads the options of `transport http`.
func (t *Transport) UnmarshalCaddyfile(d *caddyfile.Dispenser) error {
	return t.HTTPTransport.UnmarshalCaddyfile(d)
}

// Provision sets up both transports.
func (t *Transport) Provision(ctx caddy.Context) error {
	if len(t.Versions) == 0 {
		t.Versions = []string{"1.1"}
	}
	if err := t.HTTPTransport.Provision(ctx); err != nil {
		return err
	}
	if !t.plain() {
		return nil
	}
	t.direct = transport.New(transport.Options{
		DialTimeout:         time.Duration(t.DialTimeout),
		TLSHandshakeTimeout: limit(t.Transport.TLSHandshakeTimeout),
		HeaderTimeout:       limit(time.Duration(t.ResponseHeaderTimeout)),
		IdleTimeout:         time.Duration(t.KeepAlive.IdleConnTimeout),
		MaxIdlePerHost:      t.KeepAlive.MaxIdleConnsPerHost,
		MaxConnsPerHost:     limit(t.MaxConnsPerHost),
		MaxHeadBytes:        orElse(t.MaxResponseHeaderSize, defaultMaxHead),
		ReadAhead:           readAhead(ctx.Modules()),
		TLS:                 t.Transport.TLSClientConfig,
		Target:              target,
		Dial:                t.Transport.DialContext,
		Fallback:            &t.HTTPTransport,
	})
	return nil
}

// defaultMaxHead is the standard transport's bound on an answer's head.
const defaultMaxHead = 10 << 20

// plain tells whether the options can be met by HTTP/1.1 on one connection.
func (t *Transport) plain() bool {
	keepAlive := t.KeepAlive.Enabled == nil || *t.KeepAlive.Enabled
	placeholder := t.TLS != nil && strings.Contains(t.TLS.ServerName, "{")
	return keepAlive && !placeholder && slices.Equal(t.Versions, []string{"1.1"}) &&
		t.ProxyProtocol == "" && len(t.NetworkProxyRaw) == 0
}

// readAhead is the transport's own default, except below a proxy that may try
// another upstream: a body that was read before the connection failed would be
// lost to the next try.
func readAhead(lineage []caddy.Module) int64 {
	for _, m := range lineage {
		proxy, ok := m.(*reverseproxy.Handler)
		if ok && proxy.LoadBalancing != nil && (proxy.LoadBalancing.TryDuration > 0 || proxy.LoadBalancing.Retries > 0) {
			return -1
		}
	}
	return 0
}

// limit translates a zero, which means no limit in the standard transport.
func limit[T time.Duration | int](value T) T {
	if value == 0 {
		return -1
	}
	return value
}

func orElse(value, otherwise int64) int64 {
	if value == 0 {
		return otherwise
	}
	return value
}

// target is where reverse_proxy wants the request to go, which its URL cannot
// say for a Unix socket.
func target(r *http.Request) (transport.Target, error) {
	info, ok := reverseproxy.GetDialInfo(r.Context())
	if !ok { // a health check
		return transport.Target{Address: r.URL.Host}, nil
	}
	return transport.Target{Network: info.Network, Address: info.Address}, nil
}

// RoundTrip implements http.RoundTripper.
func (t *Transport) RoundTrip(r *http.Request) (*http.Response, error) {
	if t.direct == nil {
		return t.HTTPTransport.RoundTrip(r)
	}
	t.SetScheme(r)
	if proxy, err := t.Transport.Proxy(r); proxy != nil || err != nil {
		return t.HTTPTransport.RoundTrip(r)
	}
	return t.direct.RoundTrip(r)
}

// Cleanup closes the connections that are idle, and keeps none of those in use
// when their requests end. Requests of this configuration may still be under
// way, and are served.
func (t *Transport) Cleanup() error {
	if t.direct != nil {
		t.direct.Retire()
	}
	return t.HTTPTransport.Cleanup()
}

// Interface guards.
var (
	_ caddy.Provisioner                                = (*Transport)(nil)
	_ caddy.CleanerUpper                               = (*Transport)(nil)
	_ caddyfile.Unmarshaler                            = (*Transport)(nil)
	_ http.RoundTripper                                = (*Transport)(nil)
	_ reverseproxy.TLSTransport                        = (*Transport)(nil)
	_ reverseproxy.H2CTransport                        = (*Transport)(nil)
	_ reverseproxy.HealthCheckSchemeOverriderTransport = (*Transport)(nil)
	_ reverseproxy.ProxyProtocolTransport              = (*Transport)(nil)
	_ reverseproxy.RequestHeaderOpsTransport           = (*Transport)(nil)
)
