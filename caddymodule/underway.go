package caddymodule

import "sync"

// underWay are the holds of requests that this gateway has not answered yet: no
// person may settle them, since the gateway will.
type underWay struct {
	mu  sync.Mutex
	ids map[string]struct{}
}

// enter notes a hold until the function it gives is called.
func (u *underWay) enter(id string) (leave func()) {
	u.mu.Lock()
	if u.ids == nil {
		u.ids = map[string]struct{}{}
	}
	u.ids[id] = struct{}{}
	u.mu.Unlock()
	return func() {
		u.mu.Lock()
		delete(u.ids, id)
		u.mu.Unlock()
	}
}

func (u *underWay) has(id string) bool {
	u.mu.Lock()
	defer u.mu.Unlock()
	_, ok := u.ids[id]
	return ok
}
