package transport

import (
	"context"
	"net"
	"time"
)

// slowDial connects and then waits, so that what the server sends at once has
// arrived.
func slowDial(wait time.Duration) func(context.Context, string, string) (net.Conn, error) {
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		c, err := new(net.Dialer).DialContext(ctx, network, address)
		time.Sleep(wait)

		return c, err
	}
}
