package local

import (
	"context"
	"maps"
	"slices"
	"sync"
	"time"
)

// watchers are those that are told of lanes.
type watchers struct {
	mu  sync.Mutex
	all map[*watcher]bool
}

// watcher collects news until its goroutine has time for them.
type watcher struct {
	mu   sync.Mutex
	news map[*lane]int64
	wake chan struct{}
}

func (w *watcher) add(l *lane, due int64) {
	w.mu.Lock()
	if old, ok := w.news[l]; !ok || due < old {
		w.news[l] = due
	}
	w.mu.Unlock()
	signal(w.wake)
}

func (w *watcher) take() map[*lane]int64 {
	w.mu.Lock()
	defer w.mu.Unlock()
	news := w.news
	w.news = map[*lane]int64{}
	return news
}

// tell follows changes of schedules in memory and tells the watchers.
func (s *Store) tell(changes []change) {
	news := map[*lane]int64{}
	for _, c := range changes {
		if !c.lane.commit(c) {
			continue
		}
		if old, ok := news[c.lane]; !ok || c.slot.due < old {
			news[c.lane] = c.slot.due
		}
	}
	s.watchers.mu.Lock()
	defer s.watchers.mu.Unlock()
	for w := range s.watchers.all {
		for l, due := range news {
			w.add(l, due)
		}
	}
}

func (s *Store) allWatchers() []*watcher {
	s.watchers.mu.Lock()
	defer s.watchers.mu.Unlock()
	return slices.Collect(maps.Keys(s.watchers.all))
}

// Watch implements [delivery.Queue].
func (s *Store) Watch(ctx context.Context, found func(lane string, due time.Time)) error {
	if err := s.enter(ctx); err != nil {
		return err
	}
	w := &watcher{news: map[*lane]int64{}, wake: make(chan struct{}, 1)}
	s.watchers.mu.Lock()
	s.watchers.all[w] = true
	s.watchers.mu.Unlock()
	defer func() {
		s.watchers.mu.Lock()
		defer s.watchers.mu.Unlock()
		delete(s.watchers.all, w)
	}()
	err := s.survey(w)
	s.leave()
	if err != nil {
		return err
	}
	for {
		for l, due := range w.take() {
			found(l.name, fromNanos(due))
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-w.wake:
		}
	}
}

// survey tells a watcher of all lanes that have something.
func (s *Store) survey(w *watcher) error {
	lanes := s.allLanes()
	return s.reading(func(r *reader) {
		for _, l := range lanes {
			if due, ok := l.first(r); ok {
				w.add(l, due)
			}
		}
	})
}

// first gives the earliest time without filling the window: there may be very
// many lanes.
func (l *lane) first(r *reader) (due int64, ok bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if due, ok = l.peek(); ok || l.complete {
		return due, ok
	}
	due, ok = l.behind(r)
	if len(l.ends) > 0 && (!ok || l.ends[0].until < due) {
		due, ok = l.ends[0].until, true
	}
	return due, ok
}

// behind gives the first time behind the bound of the window.
func (l *lane) behind(r *reader) (due int64, ok bool) {
	next, _ := l.filed(r, len(l.taken)+1)
	for _, e := range r.moved(l.id) {
		if e.scheduled() {
			next = append(next, e.slot())
		}
	}
	for _, s := range next {
		if s.compare(l.bound) > 0 && l.taken[s.seq] == nil && (!ok || s.due < due) {
			due, ok = s.due, true
		}
	}
	return due, ok
}
