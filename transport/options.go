package transport

import (
	"context"
	"crypto/tls"
	"net"
	"net/http"
	"net/netip"
	"time"
)

// Defaults of Options.
const (
	DefaultDialTimeout         = 10 * time.Second
	DefaultTLSHandshakeTimeout = 10 * time.Second
	DefaultHeaderTimeout       = 60 * time.Second
	DefaultIdleTimeout         = 60 * time.Second
	DefaultMaxIdlePerHost      = 128
	DefaultMaxConnsPerHost     = 512

	// DefaultMaxHeadBytes stops a server from filling memory with header
	// fields that never end.
	DefaultMaxHeadBytes = 64 << 10

	// DefaultReadAhead is small enough to be read in one go from a client
	// that sends its body together with its head.
	DefaultReadAhead = 16 << 10
)

// Fixed limits.
const (
	// MaxInformational is how many 1xx answers may come before the final
	// one. It stops a server that keeps a caller busy with them.
	MaxInformational = 16

	// SmallBody is the largest request body, in bytes, that is put into one
	// buffer with its head and written on the caller's goroutine. It is below
	// what the kernel's socket buffers take, so that a server which answers
	// before it reads cannot block us for ever. Bodies that have a Len method,
	// as bytes.Reader has, count as being in memory; so do those within
	// Options.ReadAhead. All others are streamed.
	SmallBody = 64 << 10

	// MaxTrailerBytes bounds the trailer section of a chunked answer. It is
	// also the size of a connection's read buffer.
	MaxTrailerBytes = 4 << 10
)

// Options configures a Transport. The zero value works. In every duration and
// number zero means the default and a negative value switches the limit (or
// the feature) off.
type Options struct {
	// DialTimeout bounds name resolution plus connecting, for all addresses
	// of a name together. Default 10 s.
	DialTimeout time.Duration

	// TLSHandshakeTimeout bounds the handshake. Default 10 s.
	TLSHandshakeTimeout time.Duration

	// HeaderTimeout bounds the time between the request and the head of its
	// final answer. For a request that is written in one piece (see
	// SmallBody) it counts from the start of the write, for a streamed body
	// from the end of it. Default 60 s.
	HeaderTimeout time.Duration

	// IdleTimeout is how long an unused connection is kept. Default 60 s.
	IdleTimeout time.Duration

	// MaxIdlePerHost is how many unused connections are kept per target.
	// Default 128. Negative: none is kept, and each request asks the server
	// to close.
	MaxIdlePerHost int

	// MaxConnsPerHost is how many connections are open or being opened per
	// target. A request beyond that waits, as long as its context allows, in
	// order of arrival. Default 512.
	MaxConnsPerHost int

	// MaxHeadBytes bounds the heads of one exchange: all informational
	// answers and the final one together. Default 64 KiB.
	MaxHeadBytes int64

	// ReadAhead is the largest request body of known length that is read
	// whole before a connection is taken, although it is not in memory yet.
	// It costs a slow client no upstream connection, saves a goroutine and
	// makes the request repeatable. Default 16 KiB, at most SmallBody.
	// Negative: such bodies are streamed.
	ReadAhead int64

	// TLS is cloned for each connection. Its ServerName, when empty, becomes
	// the target's host; its NextProtos become "http/1.1".
	TLS *tls.Config

	// Guard, when set, is asked about each address after name resolution and
	// before connecting to it; an error rejects the address. IPv4-mapped IPv6
	// addresses are given as IPv4. With Dial it is asked about the remote
	// address of the new connection, before a byte is written. It is not
	// asked about Unix sockets. It may be called concurrently.
	Guard func(ctx context.Context, addr netip.AddrPort) error

	// Target, when set, says where a request goes, instead of the host and
	// port of its URL.
	Target func(*http.Request) (Target, error)

	// Dial, when set, connects instead of a net.Dialer. The context ends
	// after DialTimeout. For https the handshake follows on the connection.
	Dial func(ctx context.Context, network, address string) (net.Conn, error)

	// Replayable says that every request may be sent twice: the receiver
	// recognises repetitions, for example by an event id. It permits the one
	// retry after a stale connection for methods that are not idempotent.
	Replayable bool

	// Fallback takes the requests that this transport does not do: upgrades,
	// CONNECT and "Expect: 100-continue". Without it they fail with
	// ErrUnsupported.
	Fallback http.RoundTripper
}

// Target is where a request is sent. Connections are pooled by it.
type Target struct {
	// Network is "tcp" (also when empty), "tcp4", "tcp6" or "unix".
	Network string

	// Address is host:port or, for "unix", the socket's path. When the port
	// is missing it is that of the URL's scheme.
	Address string

	// ServerName is the name in the TLS handshake and in the verification of
	// the certificate. Empty means Options.TLS.ServerName or else the URL's
	// host.
	ServerName string
}

// withDefaults replaces zeros by defaults and negative values by zero, which
// from there on means "off".
func (o Options) withDefaults() Options {
	o.DialTimeout = orDefault(o.DialTimeout, DefaultDialTimeout)
	o.TLSHandshakeTimeout = orDefault(o.TLSHandshakeTimeout, DefaultTLSHandshakeTimeout)
	o.HeaderTimeout = orDefault(o.HeaderTimeout, DefaultHeaderTimeout)
	o.IdleTimeout = orDefault(o.IdleTimeout, DefaultIdleTimeout)
	o.MaxIdlePerHost = orDefault(o.MaxIdlePerHost, DefaultMaxIdlePerHost)
	o.MaxConnsPerHost = orDefault(o.MaxConnsPerHost, DefaultMaxConnsPerHost)
	o.MaxHeadBytes = orDefault(o.MaxHeadBytes, DefaultMaxHeadBytes)
	o.ReadAhead = min(orDefault(o.ReadAhead, DefaultReadAhead), SmallBody)

	return o
}

func orDefault[T time.Duration | int | int64](v, def T) T {
	if v == 0 {
		return def
	}

	return max(v, 0)
}
