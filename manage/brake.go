package manage

import (
	"net"
	"net/http"
	"net/netip"
	"sync"
	"time"
)

// Limits of guessing: with 10 tries a minute nobody finds a token, and whoever
// has mistyped one waits a minute at most.
const (
	maxFailures    = 10
	failureWindow  = time.Minute
	maxGuessers    = 4096 // addresses that are remembered: somebody with many must not fill the memory
	guesserIPv6Len = 64   // bits of an IPv6 address that one subscriber has to himself
)

// brake counts wrong tokens by address.
type brake struct {
	mu       sync.Mutex
	guessers map[string]*guesser
}

// guesser is an address that has sent wrong tokens.
type guesser struct {
	failures int
	since    time.Time // of the first in this window
}

func newBrake() *brake { return &brake{guessers: make(map[string]*guesser)} }

// wait is how long an address is not answered; 0 if it is.
func (b *brake) wait(client string, now time.Time) time.Duration {
	b.mu.Lock()
	defer b.mu.Unlock()
	g := b.guessers[client]
	if g == nil || g.failures < maxFailures {
		return 0
	}
	return max(g.since.Add(failureWindow).Sub(now), 0)
}

// failed counts a wrong token.
func (b *brake) failed(client string, now time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	g := b.guessers[client]
	if g == nil || now.Sub(g.since) >= failureWindow {
		b.makeRoom(now)
		g = &guesser{since: now}
		b.guessers[client] = g
	}
	g.failures++
}

// makeRoom forgets whose window is over, and when that is not enough the one
// that has guessed least.
func (b *brake) makeRoom(now time.Time) {
	if len(b.guessers) < maxGuessers {
		return
	}
	var least string
	for client, g := range b.guessers {
		if now.Sub(g.since) >= failureWindow {
			delete(b.guessers, client)
			continue
		}
		if least == "" || g.failures < b.guessers[least].failures {
			least = client
		}
	}
	if len(b.guessers) >= maxGuessers {
		delete(b.guessers, least)
	}
}

// clientOf is the address that wrong tokens are counted for: of IPv6 only what
// its owner cannot change at will.
func clientOf(r *http.Request) string {
	address, given := r.Context().Value(clientKey{}).(string)
	if !given {
		address = r.RemoteAddr
	}
	if host, _, err := net.SplitHostPort(address); err == nil {
		address = host
	}
	ip, err := netip.ParseAddr(address)
	if err != nil {
		return "unknown"
	}
	ip = ip.Unmap().WithZone("")
	if ip.Is4() {
		return ip.String()
	}
	prefix, _ := ip.Prefix(guesserIPv6Len) // 64 fits every IPv6 address
	return prefix.String()
}
