package manage

import (
	"cmp"
	"context"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"

	"github.com/voorpoort/voorpoort/catalogue"
	"github.com/voorpoort/voorpoort/delivery"
	"github.com/voorpoort/voorpoort/webhook"
)

// shelf is a catalogue in memory.
type shelf struct {
	mu      sync.Mutex
	next    uint64
	entries []catalogue.Entry
}

func (s *shelf) List() []catalogue.Entry {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.entries)
}

func (s *shelf) find(id string) int {
	return slices.IndexFunc(s.entries, func(e catalogue.Entry) bool {
		return id == strconv.FormatUint(e.Number, 10) || strings.EqualFold(id, e.UUID)
	})
}

func (s *shelf) Find(id string) (catalogue.Entry, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if i := s.find(id); i >= 0 {
		return s.entries[i], true
	}
	return catalogue.Entry{}, false
}

func (s *shelf) Create(_ context.Context, w webhook.Webhook) (catalogue.Entry, error) {
	w.UUID = cmp.Or(w.UUID, uuid.NewString())
	hook, err := webhook.Compile(w, webhook.Defaults{})
	if err != nil {
		return catalogue.Entry{}, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if slices.ContainsFunc(s.entries, func(e catalogue.Entry) bool { return e.Webhook.Name == w.Name }) {
		return catalogue.Entry{}, catalogue.ErrNameTaken
	}
	s.next++
	now := time.Now()
	e := catalogue.Entry{Number: s.next, UUID: w.UUID, Webhook: w, Hook: hook, Revision: s.next, Created: now, Updated: now}
	s.entries = append(s.entries, e)
	return e, nil
}

func (s *shelf) Update(_ context.Context, id string, revision uint64, change func(webhook.Webhook) (webhook.Webhook, error)) (catalogue.Entry, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	i := s.find(id)
	if i < 0 {
		return catalogue.Entry{}, catalogue.ErrNotFound
	}
	if revision != 0 && revision != s.entries[i].Revision {
		return catalogue.Entry{}, catalogue.ErrChanged
	}
	w, err := change(s.entries[i].Webhook)
	if err != nil {
		return catalogue.Entry{}, err
	}
	hook, err := webhook.Compile(w, webhook.Defaults{})
	if err != nil {
		return catalogue.Entry{}, err
	}
	s.entries[i].Webhook, s.entries[i].Hook = w, hook
	s.entries[i].Revision++
	return s.entries[i], nil
}

func (s *shelf) Delete(_ context.Context, id string, _ uint64) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	i := s.find(id)
	if i < 0 {
		return catalogue.ErrNotFound
	}
	s.entries = slices.Delete(s.entries, i, i+1)
	return nil
}

// stubEngine says what it is told to say.
type stubEngine struct {
	lanes   []delivery.LaneStatus
	failing error
}

func (e *stubEngine) Lanes() []delivery.LaneStatus { return e.lanes }
func (e *stubEngine) Resume(string) bool           { return true }

func (e *stubEngine) Status(lane string) (delivery.LaneStatus, bool) {
	for _, s := range e.lanes {
		if s.Lane == lane {
			return s, true
		}
	}
	return delivery.LaneStatus{}, false
}

func (e *stubEngine) Failing() error { return e.failing }
