package redis

import (
	"context"
	"errors"
	"sync"
	"time"

	goredis "github.com/redis/go-redis/v9"
)

// documentPoll is how often WatchDocuments looks by itself at most: what a lost
// notification costs is to be less than a second.
const documentPoll = 500 * time.Millisecond

// news passes the latest revision of all documents to those of this store that
// watch them.
type news struct {
	mu       sync.Mutex
	watchers map[*documentWatcher]bool
}

// documentWatcher is one WatchDocuments. It holds the latest revision that
// something told of.
type documentWatcher chan string

func (n *news) tell(revision string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	for w := range n.watchers {
		w.note(revision)
	}
}

// note replaces what has not been looked at yet.
func (w *documentWatcher) note(revision string) {
	for {
		select {
		case *w <- revision:
			return
		default:
		}
		select {
		case <-*w:
		default:
		}
	}
}

func (n *news) add(w *documentWatcher) (remove func()) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.watchers == nil {
		n.watchers = map[*documentWatcher]bool{}
	}
	n.watchers[w] = true
	return func() {
		n.mu.Lock()
		defer n.mu.Unlock()
		delete(n.watchers, w)
	}
}

// WatchDocuments implements [delivery.Documents]: it hears of this gateway's
// changes directly, of others' by a subscription, and looks by itself twice a
// second.
func (s *Store) WatchDocuments(ctx context.Context, changed func()) error {
	leave, err := s.enter(ctx)
	if err != nil {
		return err
	}
	leave()
	w := make(documentWatcher, 1)
	defer s.documents.news.add(&w)()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(s.ctx, cancel)() //nolint:contextcheck // the end of the store ends it too
	var subscription sync.WaitGroup
	subscription.Go(func() { s.subscribe(ctx, "docs", w.note) })
	defer subscription.Wait()
	defer cancel()
	return s.watchDocuments(ctx, &w, changed)
}

func (s *Store) watchDocuments(ctx context.Context, w *documentWatcher, changed func()) error {
	known, err := s.revision(ctx)
	lost := err != nil // what has happened since is not known
	changed()
	look := func(revision string, err error) {
		if err != nil {
			lost = true
			return
		}
		if lost || revision != known {
			lost, known = false, revision
			changed()
		}
	}
	ticker := time.NewTicker(min(s.options.Poll, documentPoll))
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			if s.ctx.Err() != nil {
				return ErrClosed
			}
			return ctx.Err()
		case revision := <-*w:
			look(revision, nil)
		case <-ticker.C:
			look(s.revision(ctx))
		}
	}
}

// revision gives the latest revision of all documents; "" if there never was
// one.
func (s *Store) revision(ctx context.Context) (string, error) {
	revision, err := s.client.HGet(ctx, s.anchor+"meta", "docs").Result()
	if errors.Is(err, goredis.Nil) {
		return "", nil
	}
	return revision, err
}
