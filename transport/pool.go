package transport

import (
	"context"
	"sync"
	"time"
)

// key tells which connections serve a request. Its strings are taken from the
// request as they are, so that looking one up allocates nothing.
type key struct {
	scheme, network, address, serverName string
}

// pool holds the connections of a Transport.
type pool struct {
	maxIdle, maxConns int // per host; maxConns 0: no limit
	idleTimeout       time.Duration

	mu      sync.Mutex // guards all below, and every host
	hosts   map[key]*host
	retired bool // no connection is kept any more
	closed  bool
	timer   *time.Timer // the only one; runs while armed
	armed   bool
}

func newPool(o Options) *pool {
	return &pool{
		maxIdle:     o.MaxIdlePerHost,
		maxConns:    o.MaxConnsPerHost,
		idleTimeout: o.IdleTimeout,
		hosts:       make(map[key]*host),
	}
}

// get returns a connection that was used before or, as nil, the right to open
// one for the host. Either must be given back: with put, drop or release.
func (p *pool) get(ctx context.Context, k key) (*host, *conn, error) {
	p.mu.Lock()
	if p.closed {
		p.mu.Unlock()

		return nil, nil, ErrClosed
	}
	h := p.hosts[k]
	if h == nil {
		h = &host{key: k}
		p.hosts[k] = h
	}
	if c := h.pop(); c != nil {
		p.mu.Unlock()

		return h, p.checked(c), nil
	}
	if p.maxConns == 0 || h.open < p.maxConns {
		h.open++
		p.mu.Unlock()

		return h, nil, nil
	}
	w := &waiter{granted: make(chan grant, 1)}
	h.waiters = append(h.waiters, w)
	p.mu.Unlock()

	return p.wait(ctx, h, w)
}

// takeIdle is get for the common case, which never waits: it finds an unused
// connection or nothing.
func (p *pool) takeIdle(k key) (h *host, c *conn, found bool) {
	p.mu.Lock()
	if h = p.hosts[k]; h != nil {
		c = h.pop()
	}
	p.mu.Unlock()

	return h, p.checked(c), c != nil
}

// checked returns the connection, or nil if it is not fit for use: then it is
// closed and its place may be taken by a new one.
func (p *pool) checked(c *conn) *conn {
	if c == nil {
		return nil
	}
	now := time.Now()
	expired := p.idleTimeout > 0 && now.Sub(c.idleSince) > p.idleTimeout
	if expired || c.stale() {
		c.close()

		return nil
	}
	c.reused = true

	return c
}

// put keeps a connection for the next request, if there is room.
func (p *pool) put(c *conn) {
	h := c.host
	c.idleSince = time.Now()
	p.mu.Lock()
	if p.closed || p.maxIdle == 0 {
		p.mu.Unlock()
		p.drop(c)

		return
	}
	if h.grant(grant{conn: c}) {
		p.mu.Unlock()

		return
	}
	if p.retired || len(h.idle) >= p.maxIdle {
		p.mu.Unlock()
		p.drop(c)

		return
	}
	h.idle = append(h.idle, c)
	p.arm(p.idleTimeout)
	p.mu.Unlock()
}

// drop closes a connection and frees its place.
func (p *pool) drop(c *conn) {
	c.close()
	p.release(c.host)
}

// release frees the place of a connection that is closed or never came to be.
func (p *pool) release(h *host) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.closed && h.grant(grant{}) {
		return
	}
	h.open--
	p.forget(h)
}

// forget removes a host that nobody uses, so that a process that calls many
// hosts over time does not keep them all. The lock is held.
func (p *pool) forget(h *host) {
	if h.open == 0 && len(h.waiters) == 0 && p.hosts[h.key] == h {
		delete(p.hosts, h.key)
	}
}

// arm starts the timer if it is not running. The lock is held.
func (p *pool) arm(after time.Duration) {
	if p.armed || p.idleTimeout == 0 {
		return
	}
	p.armed = true
	if p.timer == nil {
		p.timer = time.AfterFunc(after, p.prune)
	} else {
		p.timer.Reset(after)
	}
}

// prune closes what has been idle for too long, and runs again when the next
// connection will have been.
func (p *pool) prune() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.armed = false
	if p.closed {
		return
	}
	now := time.Now()
	next := time.Duration(0)
	for _, h := range p.hosts {
		n := 0
		for n < len(h.idle) && now.Sub(h.idle[n].idleSince) >= p.idleTimeout {
			n++
		}
		if n < len(h.idle) {
			if left := p.idleTimeout - now.Sub(h.idle[n].idleSince); next == 0 || left < next {
				next = left
			}
		}
		p.closeOldest(h, n)
	}
	if next > 0 {
		p.arm(next)
	}
}

// closeOldest closes the first n idle connections. The lock is held.
func (p *pool) closeOldest(h *host, n int) {
	for _, c := range h.idle[:n] {
		c.close()
	}
	rest := copy(h.idle, h.idle[n:])
	clear(h.idle[rest:])
	h.idle = h.idle[:rest]
	h.open -= n
	p.forget(h)
}

func (p *pool) closeIdle() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, h := range p.hosts {
		p.closeOldest(h, len(h.idle))
	}
}

func (p *pool) retire() {
	p.mu.Lock()
	p.retired = true
	p.mu.Unlock()
	p.closeIdle()
}

func (p *pool) close() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.closed = true
	if p.timer != nil {
		p.timer.Stop()
	}
	for _, h := range p.hosts {
		p.closeOldest(h, len(h.idle))
		for h.grant(grant{err: ErrClosed}) {
		}
		p.forget(h)
	}
}
