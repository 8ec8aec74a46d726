package local

import (
	"context"
	"encoding/binary"
	"sync"
	"time"

	"go.etcd.io/bbolt"
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
	for _, l := range s.allLanes() {
		due, ok, err := l.first()
		if err != nil {
			return err
		}
		if ok {
			w.add(l, due)
		}
	}
	return nil
}

// first gives the earliest time without filling the window: there may be very
// many lanes.
func (l *lane) first() (due int64, ok bool, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if due, ok = l.peek(); ok || l.complete {
		return due, ok, nil
	}
	err = l.s.view(func(tx *bbolt.Tx) error {
		due, ok = l.behind(tx)
		return nil
	})
	if len(l.ends) > 0 && (!ok || l.ends[0].until < due) {
		due, ok = l.ends[0].until, true
	}
	return due, ok, err
}

// behind gives the first time behind the bound of the window.
func (l *lane) behind(tx *bbolt.Tx) (due int64, ok bool) {
	c := tx.Bucket(bucketDue).Cursor()
	k, _ := c.Seek(dueKey(l.id, l.bound))
	for ; k != nil && binary.BigEndian.Uint32(k) == l.id; k, _ = c.Next() {
		if s := slotOf(k); l.taken[s.seq] == nil {
			return s.due, true
		}
	}
	return 0, false
}
