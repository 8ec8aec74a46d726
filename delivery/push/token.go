package push

import (
	"context"
	"sync"
	"time"
)

// tokenCache keeps one token until shortly before it expires. However many calls
// need a token at once, one of them fetches it and the others wait.
type tokenCache struct {
	fetch func(context.Context) (token, *failure)
	now   func() time.Time

	mu      sync.Mutex
	current token
	flight  *flight // nil when nobody is fetching
}

// flight is one request for a token that is under way.
type flight struct {
	done   chan struct{} // closed when the rest is set
	token  token
	failed *failure
	left   bool // whoever fetched was told to stop: the others try for themselves
}

// get gives the value of Authorization, and an error when there is none to be
// had before ctx ends. The fetch runs in the goroutine of the caller.
func (c *tokenCache) get(ctx context.Context) (string, *failure) {
	for {
		value, mine, theirs := c.enter()
		switch {
		case value != "":
			return value, nil
		case mine != nil:
			c.lead(ctx, mine)
			return mine.token.authorization, mine.failed
		}
		select {
		case <-theirs.done:
		case <-ctx.Done():
			return "", noToken("the token endpoint did not answer in time", 0)
		}
		if !theirs.left {
			return theirs.token.authorization, theirs.failed
		}
	}
}

// enter gives the token, or a flight to lead, or one to wait for.
func (c *tokenCache) enter() (value string, mine, theirs *flight) {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case c.current.authorization != "" && c.now().Before(c.current.expires):
		return c.current.authorization, nil, nil
	case c.flight != nil:
		return "", nil, c.flight
	}
	c.flight = &flight{done: make(chan struct{})}
	return "", c.flight, nil
}

func (c *tokenCache) lead(ctx context.Context, f *flight) {
	f.token, f.failed = c.fetch(ctx)
	f.left = f.failed != nil && ctx.Err() != nil
	c.mu.Lock()
	if f.failed == nil {
		c.current = f.token
	}
	c.flight = nil
	c.mu.Unlock()
	close(f.done)
}

// drop forgets a token that a receiver has refused, unless there is a newer one
// already.
func (c *tokenCache) drop(value string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.current.authorization == value {
		c.current = token{}
	}
}
