package storetest

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/voorpoort/voorpoort/delivery"
)

var errClosed = errors.New("storetest: the store is closed")

// Memory is a [delivery.Store] that loses everything when it is closed: the
// contract written down as plainly as possible, with no regard for speed. It is
// what [Run] compares other stores with, and serves tests of what uses a store.
type Memory struct {
	mu         sync.Mutex
	closed     bool
	seq, log   uint64
	token      uint64
	holds      []delivery.Hold
	messages   []*memoryMessage
	names      map[[2]string]*memoryMessage // by source and id
	deliveries map[string][]*memoryDelivery // by lane, in the order of Seq
	rows       []memoryRow
	stats      map[string]*delivery.Stats
	watchers   map[*memoryWatcher]bool
	documents  memoryDocuments
}

type memoryRow struct {
	delivery.Attempt
	written time.Time
}

type memoryMessage struct {
	*delivery.Message
	stored time.Time
}

type memoryDelivery struct {
	delivery.Delivery
	first    time.Time
	replayed bool
	failed   bool
	parked   bool
	token    uint64 // of the lease; 0 for none
	until    time.Time
}

// NewMemory gives an empty store.
func NewMemory() *Memory {
	return &Memory{
		names:      map[[2]string]*memoryMessage{},
		deliveries: map[string][]*memoryDelivery{},
		stats:      map[string]*delivery.Stats{},
		watchers:   map[*memoryWatcher]bool{},
		documents:  memoryDocuments{numbers: map[string]uint64{}, watchers: map[chan struct{}]bool{}},
	}
}

var _ delivery.Store = (*Memory)(nil)

// enter begins a method: the store is locked if there is no error.
func (m *Memory) enter(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	m.mu.Lock()
	if m.closed {
		m.mu.Unlock()
		return errClosed
	}
	return nil
}

// Close implements [delivery.Store].
func (m *Memory) Close() error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.closed = true
	return nil
}

// Hold implements [delivery.Journal].
func (m *Memory) Hold(ctx context.Context, h delivery.Hold) error {
	if err := m.enter(ctx); err != nil {
		return err
	}
	defer m.mu.Unlock()
	h.Intent = slices.Clone(h.Intent)
	m.holds = append(m.holds, h)
	return nil
}

// Release implements [delivery.Journal].
func (m *Memory) Release(ctx context.Context, hold string, messages ...delivery.Message) error {
	if err := m.enter(ctx); err != nil {
		return err
	}
	defer m.mu.Unlock()
	i := slices.IndexFunc(m.holds, func(h delivery.Hold) bool { return h.ID == hold })
	if i < 0 {
		return delivery.ErrNoHold
	}
	m.holds = slices.Delete(m.holds, i, i+1)
	m.append(messages)
	return nil
}

// Append implements [delivery.Journal].
func (m *Memory) Append(ctx context.Context, messages ...delivery.Message) error {
	if err := m.enter(ctx); err != nil {
		return err
	}
	defer m.mu.Unlock()
	m.append(messages)
	return nil
}

// Orphans implements [delivery.Journal]: nothing outlives a Memory.
func (m *Memory) Orphans(ctx context.Context, _ int) ([]delivery.Hold, error) {
	if err := m.enter(ctx); err != nil {
		return nil, err
	}
	defer m.mu.Unlock()
	return nil, nil
}

func (m *Memory) append(messages []delivery.Message) {
	for _, msg := range messages {
		name := [2]string{msg.Source, msg.ID}
		if m.names[name] != nil {
			continue
		}
		m.seq++
		msg.Seq, msg.Event = m.seq, slices.Clone(msg.Event)
		targets := msg.Targets
		msg.Targets = nil
		now := time.Now()
		m.names[name] = &memoryMessage{Message: &msg, stored: now}
		m.messages = append(m.messages, m.names[name])
		for _, t := range targets {
			d := &memoryDelivery{first: later(t.Due, now)}
			d.Delivery = delivery.Delivery{
				Lane: t.Lane, Seq: msg.Seq, Message: &msg, State: delivery.Pending,
				Due: d.first, Key: t.Key, Changed: now,
			}
			switch {
			case t.Skip != "":
				d.State, d.Reason = delivery.Skipped, t.Skip
			case t.Dead != "":
				d.State, d.Reason = delivery.Dead, t.Dead
			}
			m.deliveries[t.Lane] = append(m.deliveries[t.Lane], d)
			m.tell(t.Lane)
		}
	}
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

func (m *Memory) at(lane string, seq uint64) *memoryDelivery {
	for _, d := range m.deliveries[lane] {
		if d.Seq == seq {
			return d
		}
	}
	return nil
}

// waiting is whether a pending delivery waits for another of its key.
func (m *Memory) waiting(d *memoryDelivery) bool {
	if d.Key == "" || d.token != 0 {
		return false
	}
	for _, e := range m.deliveries[d.Lane] {
		if e == d || e.Key != d.Key {
			continue
		}
		before := e.Seq < d.Seq && (e.State == delivery.Pending || e.State == delivery.Dead && e.parked)
		if e.token != 0 || before {
			return true
		}
	}
	return false
}

// ready gives what is or will be due in a lane, earliest first.
func (m *Memory) ready(lane string) []*memoryDelivery {
	var all []*memoryDelivery
	for _, d := range m.deliveries[lane] {
		if d.State == delivery.Pending && !m.waiting(d) {
			all = append(all, d)
		}
	}
	slices.SortStableFunc(all, func(a, b *memoryDelivery) int {
		return cmp.Or(a.time().Compare(b.time()), cmp.Compare(a.Seq, b.Seq))
	})
	return all
}

// time is when a delivery may be leased: when it is due or its lease ends.
func (d *memoryDelivery) time() time.Time {
	if d.token != 0 {
		return d.until
	}
	return d.Due
}

// Message implements [delivery.Archive].
func (m *Memory) Message(ctx context.Context, source, id string) (*delivery.Message, []delivery.Delivery, error) {
	if err := m.enter(ctx); err != nil {
		return nil, nil, err
	}
	defer m.mu.Unlock()
	msg := m.names[[2]string{source, id}]
	if msg == nil {
		return nil, nil, delivery.ErrNotFound
	}
	var all []delivery.Delivery
	for lane := range m.deliveries {
		if d := m.at(lane, msg.Seq); d != nil {
			all = append(all, m.show(d))
		}
	}
	slices.SortFunc(all, byPlace)
	return msg.Message, all, nil
}

func (m *Memory) show(d *memoryDelivery) delivery.Delivery {
	out := d.Delivery
	out.Due, out.Stamp = time.Time{}, out.Changed.UnixNano()
	if out.State == delivery.Pending {
		out.Due, out.Waiting = d.time(), m.waiting(d)
	}
	return out
}

func byPlace(a, b delivery.Delivery) int {
	return cmp.Or(strings.Compare(a.Lane, b.Lane), cmp.Compare(a.Seq, b.Seq))
}
