package delivery

import "sync"

// news passes on what observers are told in order: tell is called with other
// locks held, deliver without any. Whoever finds nobody delivering does it.
type news struct {
	mu         sync.Mutex
	queue      []func()
	delivering bool
}

func (n *news) tell(f func()) {
	n.mu.Lock()
	n.queue = append(n.queue, f)
	n.mu.Unlock()
}

func (n *news) deliver() {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.delivering {
		return
	}
	n.delivering = true
	for len(n.queue) > 0 {
		queue := n.queue
		n.queue = nil
		n.mu.Unlock()
		for _, f := range queue {
			f()
		}
		n.mu.Lock()
	}
	n.delivering = false
}
