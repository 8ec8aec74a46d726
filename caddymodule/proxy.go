package caddymodule

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httputil"
	"strings"
	"sync"

	"github.com/caddyserver/caddy/v2"
	"github.com/caddyserver/caddy/v2/caddyconfig/caddyfile"
	"github.com/caddyserver/caddy/v2/modules/caddyhttp"
	"github.com/caddyserver/caddy/v2/modules/caddyhttp/reverseproxy"
	"go.uber.org/zap"
)

func init() {
	caddy.RegisterModule(Proxy{})
}

// Proxy passes requests on to one upstream, as `reverse_proxy` with `transport
// voorpoort` does, with less work: it has no load balancing, no health checks, no
// repetitions and no placeholders to keep. What needs any of those is for
// `reverse_proxy`.
//
// Header fields are what they are there: X-Forwarded-For, -Proto and -Host by the
// server's `trusted_proxies`, Via, no hop-by-hop fields; towards an https upstream
// Host is the upstream's. So are the errors, which `handle_errors` gets: 502 when
// the upstream cannot be reached or breaks off, 504 when it takes too long, 499
// when the client has gone.
type Proxy struct {
	// Upstream is where requests go: `host:port`, `http://host[:port]` or
	// `https://host[:port]`. Required. Placeholders such as {env.REGISTER} are
	// expanded when the configuration is loaded.
	Upstream string `json:"upstream,omitempty"`

	// Transport has the options of `transport voorpoort`, but for
	// `proxy_protocol`.
	Transport Transport `json:"transport,omitzero"`

	to      upstream
	forward *httputil.ReverseProxy
	unload  context.Context //nolint:containedctx // ends with the configuration; upgraded connections end with it
}

// CaddyModule returns the Caddy module information.
func (Proxy) CaddyModule() caddy.ModuleInfo {
	return caddy.ModuleInfo{
		ID:  "http.handlers.voorpoort_proxy",
		New: func() caddy.Module { return new(Proxy) },
	}
}

// Provision reads the address and sets up the transport.
func (p *Proxy) Provision(ctx caddy.Context) error {
	address, err := caddy.NewReplacer().ReplaceOrErr(p.Upstream, true, true)
	if err != nil {
		return fmt.Errorf("voorpoort_proxy: upstream: %w", err)
	}
	if p.to, err = parseUpstream(address); err != nil {
		return fmt.Errorf("voorpoort_proxy: %w", err)
	}
	if err := p.agree(); err != nil {
		return fmt.Errorf("voorpoort_proxy: %w", err)
	}
	if err := p.Transport.Provision(ctx); err != nil {
		return fmt.Errorf("voorpoort_proxy: transport: %w", err)
	}
	complaints, err := zap.NewStdLogAt(ctx.Logger(), zap.WarnLevel)
	if err != nil {
		return err
	}
	p.unload = ctx
	p.forward = &httputil.ReverseProxy{
		Rewrite:        p.rewrite,
		Transport:      &p.Transport,
		ModifyResponse: announce,
		ErrorHandler:   func(w http.ResponseWriter, _ *http.Request, err error) { w.(*passing).err = err },
		ErrorLog:       complaints,
		BufferPool:     copyBuffers,
	}
	return nil
}

// agree has the scheme of the address and the options of the transport say the
// same of TLS, and refuses what only reverse_proxy can do.
func (p *Proxy) agree() error {
	secure := p.Transport.TLSEnabled()
	switch {
	case p.Transport.ProxyProtocol != "":
		return errors.New("the PROXY protocol needs reverse_proxy, with transport voorpoort or http")
	case p.to.scheme == "http" && secure:
		return fmt.Errorf("upstream %q is http, but the transport has options of TLS; write https:// or take those away", p.to.address)
	case p.to.scheme == "https" && !secure:
		if err := p.Transport.EnableTLS(new(reverseproxy.TLSConfig)); err != nil {
			return err
		}
	case p.to.scheme == "" && secure:
		p.to.scheme = "https"
	case p.to.scheme == "":
		p.to.scheme = "http"
	}
	p.to.complete()
	return nil
}

// ServeHTTP implements caddyhttp.MiddlewareHandler. It is the last of its chain.
func (p *Proxy) ServeHTTP(w http.ResponseWriter, r *http.Request, _ caddyhttp.Handler) error {
	ctx, end := p.lifetime(r.Context(), len(r.Header["Upgrade"]) > 0)
	defer end()
	if ctx != r.Context() {
		r = r.WithContext(ctx)
	}
	answer := newPassing(w)
	defer answer.flushAborted()
	p.forward.ServeHTTP(answer, r)
	return answer.failure()
}

// lifetime is the context to pass a request on with: that of the request, unless
// it may become a connection without an end, which the configuration ends.
func (p *Proxy) lifetime(ctx context.Context, upgrade bool) (context.Context, func()) {
	if ctx.Value(http.ServerContextKey) == nil {
		// A request of the gateway's own. An answer that broke off would pass for
		// a whole one: only where it sees a server is the proxy sure to abort.
		ctx = context.WithValue(ctx, http.ServerContextKey, &http.Server{}) //nolint:gosec // serves nothing
	}
	if !upgrade {
		return ctx, func() {}
	}
	ctx, cancel := context.WithCancel(ctx)
	stop := context.AfterFunc(p.unload, cancel)
	return ctx, func() { stop(); cancel() }
}

// rewrite makes the request that the upstream gets. Hop-by-hop fields and those
// with what came before the client are off it already.
func (p *Proxy) rewrite(r *httputil.ProxyRequest) {
	in, out := r.In, r.Out
	out.URL.Scheme, out.URL.Host = p.to.scheme, p.to.address
	out.URL.RawQuery = in.URL.RawQuery                                    // the register reads what the gate has read
	if out.Trailer = in.Trailer; len(in.Trailer) > 0 && out.Body != nil { // filled in when the body ends
		out.ContentLength = -1 // HTTP/2 may say a length as well; in HTTP/1.1 trailers need chunks
		delete(out.Header, "Content-Length")
	}
	if p.to.scheme == "https" {
		out.Host = p.to.host()
	}
	addForwarded(in, out.Header)
	addVia(out.Header, in.ProtoMajor, in.ProtoMinor)
	if in.TLS != nil && !in.TLS.HandshakeComplete {
		out.Header["Early-Data"] = []string{"1"} // RFC 8470, 5.1
	}
}

// announce marks an answer as one that came through here.
func announce(answer *http.Response) error {
	if answer.StatusCode != http.StatusSwitchingProtocols {
		addVia(answer.Header, answer.ProtoMajor, answer.ProtoMinor)
	}
	return nil
}

// Cleanup lets go of the connections that are idle.
func (p *Proxy) Cleanup() error {
	if p.forward == nil {
		return nil
	}
	return p.Transport.Cleanup()
}

// failed is the error of a handler for what the transport says, with the status
// that reverse_proxy would give it.
func failed(err error) error {
	status := http.StatusBadGateway
	if timeout, ok := errors.AsType[net.Error](err); ok && timeout.Timeout() {
		status = http.StatusGatewayTimeout
	}
	if errors.Is(err, context.Canceled) || strings.Contains(err.Error(), "operation was canceled") {
		status = statusClientClosed
	}
	return caddyhttp.Error(status, err)
}

// buffers are what answers are copied through.
type buffers struct{ pool sync.Pool }

const copyBufferBytes = 32 << 10

var copyBuffers = &buffers{sync.Pool{New: func() any { return new([copyBufferBytes]byte) }}}

func (b *buffers) Get() []byte { return b.pool.Get().(*[copyBufferBytes]byte)[:] }

func (b *buffers) Put(p []byte) { b.pool.Put((*[copyBufferBytes]byte)(p)) }

// UnmarshalCaddyfile reads the directive; the grammar stands at parseProxy.
func (p *Proxy) UnmarshalCaddyfile(d *caddyfile.Dispenser) error {
	for d.Next() {
		if !d.AllArgs(&p.Upstream) {
			return d.Err("voorpoort_proxy takes one upstream, such as localhost:9000 or https://register.example; reverse_proxy takes more")
		}
		if err := proxyWords.parseBlock(d, "voorpoort_proxy", p); err != nil {
			return err
		}
	}
	return nil
}

// Interface guards.
var (
	_ caddy.Provisioner           = (*Proxy)(nil)
	_ caddy.CleanerUpper          = (*Proxy)(nil)
	_ caddyfile.Unmarshaler       = (*Proxy)(nil)
	_ caddyhttp.MiddlewareHandler = (*Proxy)(nil)
)
