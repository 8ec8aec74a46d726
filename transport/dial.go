package transport

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/http/httptrace"
	"net/netip"
	"strings"
	"syscall"

	"golang.org/x/net/http/httpguts"
)

// dial opens a connection to the target and finishes the TLS handshake.
func (t *Transport) dial(ctx context.Context, k key) (*conn, error) {
	network, address, err := k.endpoint()
	if err != nil {
		return nil, &DialError{Op: DialDNS, Host: address, Err: err}
	}
	nc, err := t.connect(ctx, network, address)
	if err != nil {
		return nil, dialError(ctx, dialOp(err), address, err)
	}
	sock := &socket{Conn: nc}
	if k.scheme != "https" {
		return newConn(sock, sock), nil
	}
	tc, err := t.handshake(ctx, sock, k)
	if err != nil {
		_ = sock.Close()

		return nil, dialError(ctx, DialTLS, address, err)
	}

	return newConn(tc, sock), nil
}

func (t *Transport) connect(ctx context.Context, network, address string) (net.Conn, error) {
	if t.opt.DialTimeout > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, t.opt.DialTimeout)
		defer cancel()
	}
	if t.opt.Dial != nil {
		return t.connectCustom(ctx, network, address)
	}
	d := net.Dialer{}
	if t.opt.Guard != nil {
		d.ControlContext = func(ctx context.Context, network, address string, _ syscall.RawConn) error {
			return t.guard(ctx, network, address)
		}
	}

	return d.DialContext(ctx, network, address)
}

func (t *Transport) connectCustom(ctx context.Context, network, address string) (net.Conn, error) {
	nc, err := t.opt.Dial(ctx, network, address)
	if err != nil || t.opt.Guard == nil {
		return nc, err
	}
	if err := t.guard(ctx, nc.RemoteAddr().Network(), nc.RemoteAddr().String()); err != nil {
		_ = nc.Close()

		return nil, err
	}

	return nc, nil
}

// guard asks Options.Guard. An address that cannot be read is rejected, since
// nobody can say that it is allowed.
func (t *Transport) guard(ctx context.Context, network, address string) error {
	if strings.HasPrefix(network, "unix") {
		return nil
	}
	addr, err := netip.ParseAddrPort(address)
	if err != nil {
		return &guardError{err: errors.New("address is not an IP address with a port")}
	}
	addr = netip.AddrPortFrom(addr.Addr().Unmap(), addr.Port())
	if err := t.opt.Guard(ctx, addr); err != nil {
		return &guardError{err: err}
	}

	return nil
}

func (t *Transport) handshake(ctx context.Context, sock *socket, k key) (*tls.Conn, error) {
	cfg := &tls.Config{}
	if t.opt.TLS != nil {
		cfg = t.opt.TLS.Clone()
	}
	cfg.ServerName = k.serverName
	if cfg.ServerName == "" {
		cfg.ServerName = t.serverName(k.address)
	}
	cfg.NextProtos = []string{"http/1.1"}
	if t.opt.TLSHandshakeTimeout > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, t.opt.TLSHandshakeTimeout)
		defer cancel()
	}
	trace := httptrace.ContextClientTrace(ctx)
	if trace != nil && trace.TLSHandshakeStart != nil {
		trace.TLSHandshakeStart()
	}
	tc := tls.Client(sock, cfg)
	err := tc.HandshakeContext(ctx)
	if trace != nil && trace.TLSHandshakeDone != nil {
		trace.TLSHandshakeDone(tc.ConnectionState(), err)
	}

	return tc, err
}

// dialError blames the target, unless it was the request that was given up.
func dialError(ctx context.Context, op DialOp, host string, err error) error {
	switch {
	case errors.Is(ctx.Err(), context.Canceled):
		return newContextError(ctx)
	case ctx.Err() != nil:
		return &DialError{Op: DialTimeout, Host: host, Err: newContextError(ctx)}
	}

	return &DialError{Op: op, Host: host, Err: err}
}

// dialOp names the step of connecting that failed.
func dialOp(err error) DialOp {
	var dns *net.DNSError
	switch {
	case errors.Is(err, ErrGuarded):
		return DialGuard
	case errors.As(err, &dns):
		return DialDNS
	case errors.Is(err, syscall.ECONNREFUSED):
		return DialRefused
	case isTimeout(err):
		return DialTimeout
	}

	return DialConnect
}

// endpoint returns what to connect to, with the scheme's port if none is
// given.
func (k key) endpoint() (network, address string, err error) {
	if strings.HasPrefix(k.network, "unix") {
		return k.network, k.address, nil
	}
	network = k.network
	if network == "" {
		network = "tcp"
	}
	address, err = httpguts.PunycodeHostPort(k.address)
	if err != nil {
		return network, k.address, errors.New("host name is not valid")
	}
	if _, port, err := net.SplitHostPort(address); err == nil && port != "" {
		return network, address, nil
	}
	port := "80"
	if k.scheme == "https" {
		port = "443"
	}

	return network, net.JoinHostPort(bareHost(address), port), nil
}

// serverName returns the name to verify when the target gives none.
func (t *Transport) serverName(host string) string {
	if t.opt.TLS != nil && t.opt.TLS.ServerName != "" {
		return t.opt.TLS.ServerName
	}
	host = bareHost(host)
	if ascii, err := httpguts.PunycodeHostPort(host); err == nil {
		return ascii
	}

	return host
}

// bareHost drops the port and the brackets of an IPv6 literal.
func bareHost(address string) string {
	if host, _, err := net.SplitHostPort(address); err == nil {
		return host
	}

	return strings.Trim(strings.TrimSuffix(address, ":"), "[]")
}
