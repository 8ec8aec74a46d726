package local

import (
	"context"
	"sync"
)

// documentWatchers are those that are told of changes of documents. The folder
// has one owner, so that all changes are its own.
type documentWatchers struct {
	mu  sync.Mutex
	all map[chan struct{}]bool
}

func (w *documentWatchers) tell() {
	w.mu.Lock()
	defer w.mu.Unlock()
	for wake := range w.all {
		signal(wake)
	}
}

func (w *documentWatchers) add() (wake chan struct{}) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.all == nil {
		w.all = map[chan struct{}]bool{}
	}
	wake = make(chan struct{}, 1)
	w.all[wake] = true
	return wake
}

func (w *documentWatchers) remove(wake chan struct{}) {
	w.mu.Lock()
	defer w.mu.Unlock()
	delete(w.all, wake)
}

// WatchDocuments implements [delivery.Documents].
func (s *Store) WatchDocuments(ctx context.Context, changed func()) error {
	if err := s.enter(ctx); err != nil {
		return err
	}
	wake := s.documents.add()
	s.leave()
	defer s.documents.remove(wake)
	for {
		changed()
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-wake:
		}
	}
}
