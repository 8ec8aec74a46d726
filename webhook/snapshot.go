package webhook

import (
	"cmp"
	"slices"

	"github.com/voorpoort/voorpoort/event"
)

// Snapshot is one immutable state of a registry, with an index for each role,
// so that an event finds its candidates without looking at the others.
type Snapshot struct {
	all          []*Hook
	interceptors *index // enabled ones
	asynchronous *index
	subscribers  *index

	needsBefore, needsObject bool
}

func newSnapshot(hooks []*Hook) *Snapshot {
	s := &Snapshot{all: slices.Clone(hooks)}
	slices.SortStableFunc(s.all, func(a, b *Hook) int {
		return cmp.Or(cmp.Compare(a.Order, b.Order), cmp.Compare(a.Name, b.Name))
	})
	s.interceptors = s.indexOf(func(h *Hook) bool { return h.Intercepts && !h.Disabled })
	s.asynchronous = s.indexOf(func(h *Hook) bool { return h.Async })
	s.subscribers = s.indexOf(func(h *Hook) bool { return h.Subscribes })
	s.needsBefore = slices.ContainsFunc(s.subscribers.hooks, (*Hook).NeedsBefore)
	s.needsObject = slices.ContainsFunc(s.subscribers.hooks, (*Hook).NeedsObject)
	return s
}

// indexOf makes the index of the hooks of a role that are not in mode off.
func (s *Snapshot) indexOf(plays func(*Hook) bool) *index {
	var hooks []*Hook
	for _, h := range s.all {
		if h.Mode != Off && plays(h) {
			hooks = append(hooks, h)
		}
	}
	return newIndex(hooks)
}

// All gives every hook of the registry, also those that are disabled or in mode
// off, sorted by order and name. The list must not be changed.
func (s *Snapshot) All() []*Hook { return s.all }

// Hooks gives the interceptors that may be asked, sorted by order and name. The
// list must not be changed.
func (s *Snapshot) Hooks() []*Hook { return s.interceptors.hooks }

// Interceptors gives the hooks that may have to be asked about an event.
func (s *Snapshot) Interceptors(e *event.Event) Candidates { return s.interceptors.find(e) }

// Subscribers gives the hooks that may have to be told of an event through the
// queue, sorted by order and name: of an event after the write the subscribers,
// of one before it the asynchronous interceptors. Their filters have not been
// evaluated; [Hook.Matches] does that. Those with Disabled set are there so that
// their events can be kept as skipped. The list must not be changed.
func (s *Snapshot) Subscribers(e *event.Event) []*Hook {
	if e.Phase == event.Before {
		return s.asynchronous.find(e).Validating
	}
	return s.subscribers.find(e).Validating // the list of all that change nothing
}

// Wants tells whether some interceptor may want events of a type, whatever they
// hold.
func (s *Snapshot) Wants(t event.Type) bool { return s.interceptors.wants(t) }

// Follows tells whether some subscriber may want events of a type after the
// write, whatever they hold.
func (s *Snapshot) Follows(t event.Type) bool { return s.subscribers.wants(t) }

// NeedsBefore tells whether some subscriber has [Hook.NeedsBefore]: its events
// need the thing as it was before the write.
func (s *Snapshot) NeedsBefore() bool { return s.needsBefore }

// NeedsObject tells whether some subscriber has [Hook.NeedsObject]: its events
// need the thing as it was when the write deletes it.
func (s *Snapshot) NeedsObject() bool { return s.needsObject }

// FollowsBefore is Follows for asynchronous interceptors and types of events
// before the write.
func (s *Snapshot) FollowsBefore(t event.Type) bool { return s.asynchronous.wants(t) }
