package local

import (
	"context"
	"sync"
)

// backlog bounds what waits for the index, in bytes.
type backlog struct {
	mu    sync.Mutex
	used  int64
	limit int64
	freed chan struct{} // closed when there is room again; nil when nobody waits
}

// take waits for room. The last to get in may go over the limit, so that
// something larger than it gets in too.
func (b *backlog) take(ctx context.Context, n int64, closed <-chan struct{}) error {
	for {
		b.mu.Lock()
		if b.used < b.limit {
			b.used += n
			b.mu.Unlock()
			return nil
		}
		if b.freed == nil {
			b.freed = make(chan struct{})
		}
		freed := b.freed
		b.mu.Unlock()
		select {
		case <-freed:
		case <-closed:
			return ErrClosed
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

func (b *backlog) give(n int64) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.used -= n; b.freed != nil && b.used < b.limit {
		close(b.freed)
		b.freed = nil
	}
}

// half is whether at least half of the backlog is used.
func (b *backlog) half() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.used >= b.limit/2
}
