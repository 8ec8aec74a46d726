package caddymodule

import (
	"context"
	"net/http"
	"net/http/httptrace"
	"sync/atomic"

	"github.com/caddyserver/caddy/v2"
)

// reach watches whether a request got a connection to the register. The error
// of a proxy is that of its last attempt: that this one found nobody does not
// mean that none before it did. Proxies repeat, and so does Go's own transport
// when a connection breaks.
type reach struct {
	asked     atomic.Bool // for a connection
	connected atomic.Bool
	sent      atomic.Int32 // how often the head of the request went out
}

// watch gives the context of the request to pass on.
func (c *reach) watch(ctx context.Context) context.Context {
	return httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		GetConn: func(string) { c.asked.Store(true) },
		GotConn: func(httptrace.GotConnInfo) { c.connected.Store(true) },

		WroteHeaders: func() { c.sent.Add(1) },
	})
}

// never tells, of a request whose last attempt found nobody, whether all did.
// Of a transport that cannot be watched only the last attempt is known.
func (c *reach) never(r *http.Request) bool {
	if c.connected.Load() {
		return false
	}
	return c.asked.Load() || !repeated(r)
}

// again tells whether the register may have got the request more than once. What
// it says of the last time tells nothing of those before: a thing that was removed
// is not there, and one that was made exists already. Of a transport that cannot
// be watched only the attempts of the proxy are known, of which some may have found
// nobody.
func (c *reach) again(r *http.Request) bool {
	if c.asked.Load() {
		return c.sent.Load() > 1
	}
	return repeated(r)
}

// reset forgets everything, before the gateway itself repeats the request.
func (c *reach) reset() {
	c.asked.Store(false)
	c.connected.Store(false)
	c.sent.Store(0)
}

// repeated tells whether Caddy's proxy made more than one attempt.
func repeated(r *http.Request) bool {
	replacer, ok := r.Context().Value(caddy.ReplacerCtxKey).(*caddy.Replacer)
	if !ok {
		return false
	}
	retries, _ := replacer.Get("http.reverse_proxy.retries")
	n, _ := retries.(int)
	return n > 0
}
