package storetest

import (
	"context"
	"slices"
	"time"

	"github.com/voorpoort/voorpoort/delivery"
)

// Messages implements [delivery.Inspector].
func (m *Memory) Messages(ctx context.Context, q delivery.MessageQuery) (page []delivery.Message, next uint64, err error) {
	if err := m.enter(ctx); err != nil {
		return nil, 0, err
	}
	defer m.mu.Unlock()
	all := slices.Clone(m.messages)
	if q.Newest {
		slices.Reverse(all)
	}
	looked := 0
	for _, msg := range all {
		if msg.Seq <= q.After || q.Before > 0 && msg.Seq >= q.Before {
			continue
		}
		if len(page) == pageSize(q.Limit) || looked == delivery.MaxScan {
			return page, next, nil
		}
		looked++
		next = msg.Seq
		if msg.selected(q) {
			page = append(page, *msg.Message)
		}
	}
	return page, 0, nil
}

func (msg *memoryMessage) selected(q delivery.MessageQuery) bool {
	return like(q.Type, msg.Type) && like(q.Subject, msg.Subject) && like(q.Source, msg.Source) &&
		like(q.ID, msg.ID) && between(q.Since, q.Until, msg.stored)
}

// like is whether a field is the one that is asked for, if one is.
func like(want, got string) bool { return want == "" || want == got }

func between(since, until, t time.Time) bool {
	return (since.IsZero() || !t.Before(since)) && (until.IsZero() || t.Before(until))
}

// AllStats implements [delivery.Inspector].
func (m *Memory) AllStats(ctx context.Context) (map[string]delivery.Stats, error) {
	if err := m.enter(ctx); err != nil {
		return nil, err
	}
	defer m.mu.Unlock()
	all := map[string]delivery.Stats{}
	for lane := range m.deliveries {
		all[lane] = m.sum(lane)
	}
	for lane := range m.stats {
		if st := m.sum(lane); st != (delivery.Stats{}) {
			all[lane] = st
		}
	}
	return all, nil
}

// HoldCount implements [delivery.Inspector].
func (m *Memory) HoldCount(ctx context.Context) (int, error) {
	if err := m.enter(ctx); err != nil {
		return 0, err
	}
	defer m.mu.Unlock()
	return len(m.holds), nil
}

// HoldByID implements [delivery.Inspector].
func (m *Memory) HoldByID(ctx context.Context, id string) (delivery.Hold, error) {
	if err := m.enter(ctx); err != nil {
		return delivery.Hold{}, err
	}
	defer m.mu.Unlock()
	for _, h := range m.holds {
		if h.ID == id {
			return h, nil
		}
	}
	return delivery.Hold{}, delivery.ErrNotFound
}

// Settle implements [delivery.Puller].
func (m *Memory) Settle(ctx context.Context, lane string, seq uint64) error {
	if err := m.enter(ctx); err != nil {
		return err
	}
	defer m.mu.Unlock()
	d := m.at(lane, seq)
	if d == nil {
		return delivery.ErrNotFound
	}
	if d.State == delivery.Pending {
		d.State, d.Changed, d.token, d.failed = delivery.Delivered, time.Now(), 0, false
		m.tell(lane)
	}
	return nil
}
