package transport

import "context"

// host is the connections to one target.
type host struct {
	key  key
	idle []*conn // the most recently used last
	open int     // idle, in use and being dialled

	waiters []*waiter // in order of arrival
}

// waiter is a request that waits for a connection, or for the right to open
// one.
type waiter struct {
	granted chan grant // of capacity 1, so that granting never blocks
}

type grant struct {
	conn *conn // nil: a connection may be opened
	err  error
}

// pop takes the connection that was used last, or nil. The pool's lock is held.
func (h *host) pop() *conn {
	last := len(h.idle) - 1
	if last < 0 {
		return nil
	}
	c := h.idle[last]
	h.idle[last] = nil
	h.idle = h.idle[:last]

	return c
}

// grant serves the waiter that came first. The pool's lock is held.
func (h *host) grant(g grant) bool {
	if len(h.waiters) == 0 {
		return false
	}
	w := h.waiters[0]
	h.waiters[0] = nil
	h.waiters = h.waiters[1:]
	w.granted <- g

	return true
}

func (p *pool) wait(ctx context.Context, h *host, w *waiter) (*host, *conn, error) {
	select {
	case g := <-w.granted:
		if g.err != nil {
			return nil, nil, g.err
		}

		return h, p.checked(g.conn), nil
	case <-ctx.Done():
		p.giveUp(h, w)

		return nil, nil, newContextError(ctx)
	}
}

// giveUp takes a waiter out of the queue, and passes on what it was granted in
// the meantime.
func (p *pool) giveUp(h *host, w *waiter) {
	p.mu.Lock()
	for i, other := range h.waiters {
		if other == w {
			h.waiters = append(h.waiters[:i], h.waiters[i+1:]...)

			break
		}
	}
	p.mu.Unlock()
	select {
	case g := <-w.granted:
		switch {
		case g.conn != nil:
			p.put(g.conn)
		case g.err == nil:
			p.release(h)
		}
	default:
	}
}
