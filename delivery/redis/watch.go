package redis

import (
	"context"
	"errors"
	"net"
	"sync"
	"time"

	goredis "github.com/redis/go-redis/v9"
)

// wakes passes news of lanes to the watchers of this store.
type wakes struct {
	mu       sync.Mutex
	watchers map[*watcher]bool
}

// watcher is one Watch.
type watcher struct {
	mu   sync.Mutex
	news map[string]int64 // lane -> the server's time
	wake chan struct{}

	found func(lane string, due time.Time)
	told  map[string]int64 // what polls have told, to tell changes only
}

// tell passes on what a script has moved forward: lane, time, lane, time.
func (s *Store) tell(moved any) {
	pairs := rows(moved, 2)
	if len(pairs) == 0 {
		return
	}
	s.wakes.mu.Lock()
	defer s.wakes.mu.Unlock()
	for w := range s.wakes.watchers {
		for _, p := range pairs {
			w.note(text(p[0]), number(p[1]))
		}
	}
}

func (w *watcher) note(lane string, due int64) {
	w.mu.Lock()
	if old, ok := w.news[lane]; !ok || due < old {
		w.news[lane] = due
	}
	w.mu.Unlock()
	select {
	case w.wake <- struct{}{}:
	default:
	}
}

func (w *watcher) take() map[string]int64 {
	w.mu.Lock()
	defer w.mu.Unlock()
	news := w.news
	w.news = map[string]int64{}
	return news
}

// Watch implements [delivery.Queue]: it hears of this gateway's writes directly,
// of others' by a subscription on a connection of its own, and looks by itself
// every [Options.Poll], which is what a lost notification costs.
func (s *Store) Watch(ctx context.Context, found func(lane string, due time.Time)) error {
	leave, err := s.enter(ctx)
	if err != nil {
		return err
	}
	leave()
	w := &watcher{news: map[string]int64{}, wake: make(chan struct{}, 1), found: found, told: map[string]int64{}}
	s.wakes.add(w)
	defer s.wakes.remove(w)

	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(s.ctx, cancel)() //nolint:contextcheck // the end of the store ends it too
	var subscription sync.WaitGroup
	subscription.Go(func() { s.subscribe(ctx, "due", w.hear) })
	defer subscription.Wait()
	defer cancel()

	s.poll(ctx, w)
	ticker := time.NewTicker(s.options.Poll)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			if s.ctx.Err() != nil {
				return ErrClosed
			}
			return ctx.Err()
		case <-w.wake:
			for lane, due := range w.take() {
				w.told[lane] = due
				w.found(lane, s.clock.local(due))
			}
		case <-ticker.C:
			s.poll(ctx, w)
		}
	}
}

func (k *wakes) add(w *watcher) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.watchers == nil {
		k.watchers = map[*watcher]bool{}
	}
	k.watchers[w] = true
}

func (k *wakes) remove(w *watcher) {
	k.mu.Lock()
	defer k.mu.Unlock()
	delete(k.watchers, w)
}

// poll looks at all lanes and tells what is new or due. Without an answer the
// next poll will tell.
func (s *Store) poll(ctx context.Context, w *watcher) {
	answer, err := s.once(ctx, lanesScript, s.arguments(0))
	if err != nil {
		return
	}
	now := number(answer[0])
	told := make(map[string]int64, len(w.told))
	for _, row := range rows(element(answer, 1), 2) {
		lane, due := text(row[0]), number(row[1])
		if old, ok := w.told[lane]; !ok || old != due || due <= now {
			w.found(lane, s.clock.local(due))
		}
		told[lane] = due
	}
	w.told = told
}

// Silence on the subscription is broken by a ping; a connection that does not
// answer it is given up.
const (
	pingAfter  = 5 * time.Second
	deafAfter  = 15 * time.Second
	maxSubWait = lastPause
)

// subscribe listens to a channel until ctx ends. It never gives up: after a
// failure it subscribes again, with growing pauses.
func (s *Store) subscribe(ctx context.Context, channel string, heard func(payload string)) {
	for n := 1; ; n++ {
		if s.listen(ctx, channel, heard) {
			n = 1
		}
		if pause(ctx, n, maxSubWait) != nil {
			return
		}
	}
}

// listen is one subscription; it gives whether it worked for a while.
func (s *Store) listen(ctx context.Context, channel string, heard func(payload string)) (worked bool) {
	sub := s.client.Subscribe(ctx, s.anchor+channel)
	// A read is not ended by its context: closing ends it.
	defer context.AfterFunc(ctx, func() { _ = sub.Close() })()
	defer func() { _ = sub.Close() }()
	last := time.Now()
	for {
		m, err := sub.ReceiveTimeout(ctx, pingAfter)
		var network net.Error
		switch {
		case ctx.Err() != nil:
			return worked
		case err == nil:
			last, worked = time.Now(), true
		case errors.As(err, &network) && network.Timeout() && time.Since(last) < deafAfter && sub.Ping(ctx) == nil:
			continue
		default:
			return worked
		}
		if m, ok := m.(*goredis.Message); ok {
			heard(m.Payload)
		}
	}
}

// hear takes in a notification.
func (w *watcher) hear(payload string) {
	for lane, due := range decodeNews(payload) {
		w.note(lane, due)
	}
}

// decodeNews reads a notification: for each lane its length (1 byte), the time
// (7), its name. What is broken off is left out: the poll will tell.
func decodeNews(payload string) map[string]int64 {
	news := map[string]int64{}
	for r := (&reader{rest: payload}); r.rest != ""; {
		n := int(r.byte())
		due := r.time()
		if lane := r.take(n); r.err == nil && lane != "" {
			news[lane] = due
		}
	}
	return news
}
