package caddymodule

import "sync"

// generation counts the requests of one configuration that use its queue. Caddy
// does not wait for them at a reload, so what they need is given back when the
// last of them has ended.
type generation struct {
	mu     sync.Mutex
	inUse  int
	ended  bool
	giveUp func()
}

// enter counts a request.
func (g *generation) enter() {
	g.mu.Lock()
	g.inUse++
	g.mu.Unlock()
}

// leave ends what enter began. It does not wait for what the last one gives up,
// which takes seconds: the client of that request waits for the end of its
// answer. What is given up ends within a time of its own.
func (g *generation) leave() {
	g.mu.Lock()
	g.inUse--
	giveUp := g.last()
	g.mu.Unlock()
	if giveUp != nil {
		go giveUp()
	}
}

// end says that the configuration is over: giveUp is called once, here or when
// the last request leaves.
func (g *generation) end(giveUp func()) {
	g.mu.Lock()
	g.ended, g.giveUp = true, giveUp
	giveUp = g.last()
	g.mu.Unlock()
	if giveUp != nil {
		giveUp()
	}
}

// last gives giveUp when its time has come.
func (g *generation) last() func() {
	if !g.ended || g.inUse > 0 {
		return nil
	}
	giveUp := g.giveUp
	g.giveUp = nil
	return giveUp
}
