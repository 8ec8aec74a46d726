package e2e_test

import (
	"net"
	"net/http"
	"sync/atomic"
)

// connections counts those of a server. Its watch is for http.Server.ConnState.
type connections struct{ accepted, open atomic.Int64 }

func (c *connections) watch(_ net.Conn, state http.ConnState) {
	switch state {
	case http.StateNew:
		c.accepted.Add(1)
		c.open.Add(1)
	case http.StateClosed, http.StateHijacked:
		c.open.Add(-1)
	case http.StateActive, http.StateIdle:
	}
}
