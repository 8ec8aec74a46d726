package storetest

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/voorpoort/voorpoort/delivery"
)

// pageSize is how many rows a query with this limit asks for.
func pageSize(limit int) int {
	if limit == 0 {
		limit = 50
	}
	return min(limit, 1000)
}

// Deliveries implements [delivery.Archive].
func (m *Memory) Deliveries(ctx context.Context, q delivery.DeliveryQuery) ([]delivery.Delivery, error) {
	if err := m.enter(ctx); err != nil {
		return nil, err
	}
	defer m.mu.Unlock()
	var all []delivery.Delivery
	for lane, deliveries := range m.deliveries {
		for _, d := range deliveries {
			if like(q.Lane, lane) && (q.State == 0 || d.State == q.State) && (q.Seq == 0 || d.Seq == q.Seq) {
				all = append(all, m.show(d))
			}
		}
	}
	slices.SortFunc(all, order(q.Newest))
	if q.After != nil {
		after := delivery.Delivery{Lane: q.After.Lane, Seq: q.After.Seq}
		all = slices.DeleteFunc(all, func(d delivery.Delivery) bool { return order(q.Newest)(d, after) <= 0 })
	}
	return all[:min(len(all), pageSize(q.Limit))], nil
}

// Attempts implements [delivery.Archive].
func (m *Memory) Attempts(ctx context.Context, q delivery.AttemptQuery) ([]delivery.Attempt, uint64, error) {
	if err := m.enter(ctx); err != nil {
		return nil, 0, err
	}
	defer m.mu.Unlock()
	total := len(m.selectRows(q, 0))
	if q.Type != "" || !q.Since.IsZero() || !q.Until.IsZero() {
		total = min(total, delivery.MaxScan)
	}
	all := m.selectRows(q, q.Before)
	all = all[min(len(all), max(q.Offset, 0)):]
	return all[:min(len(all), pageSize(q.Limit))], uint64(total), nil
}

// selectRows gives the rows of a query before an id, newest first.
func (m *Memory) selectRows(q delivery.AttemptQuery, before uint64) (all []delivery.Attempt) {
	looked := 0
	for _, r := range slices.Backward(m.rows) {
		if before > 0 && r.ID >= before || q.ID > 0 && r.ID != q.ID || !like(q.Lane, r.Lane) || !like(q.Message, r.Message) ||
			q.Success != nil && r.Success != *q.Success || !between(q.Since, q.Until, r.written) {
			continue
		}
		if looked++; q.Type != "" && looked > delivery.MaxScan {
			break
		}
		if like(q.Type, r.Type) {
			all = append(all, r.Attempt)
		}
	}
	return all
}

// Stats implements [delivery.Archive].
func (m *Memory) Stats(ctx context.Context, lane string) (delivery.Stats, error) {
	if err := m.enter(ctx); err != nil {
		return delivery.Stats{}, err
	}
	defer m.mu.Unlock()
	return m.sum(lane), nil
}

func (m *Memory) sum(lane string) delivery.Stats {
	st := *m.counters(lane)
	for _, d := range m.deliveries[lane] {
		switch d.State {
		case delivery.Pending:
			st.Pending++
			if d.failed {
				st.Retrying++
			}
		case delivery.Dead:
			st.Dead++
		case delivery.Skipped:
			st.Skipped++
		default:
		}
	}
	return st
}

// Replay implements [delivery.Archive].
func (m *Memory) Replay(ctx context.Context, lane string, seq uint64, due time.Time) error {
	if err := m.enter(ctx); err != nil {
		return err
	}
	defer m.mu.Unlock()
	i := slices.IndexFunc(m.messages, func(msg *memoryMessage) bool { return msg.Seq == seq })
	if i < 0 {
		return delivery.ErrNotFound
	}
	now := time.Now()
	d := m.at(lane, seq)
	if d == nil {
		d = &memoryDelivery{Delivery: delivery.Delivery{Lane: lane, Seq: seq, Message: m.messages[i].Message}}
		m.deliveries[lane] = append(m.deliveries[lane], d)
		slices.SortFunc(m.deliveries[lane], func(a, b *memoryDelivery) int { return cmp.Compare(a.Seq, b.Seq) })
	}
	switch {
	case d.State != delivery.Pending:
		key := d.Key
		d.Delivery = delivery.Delivery{
			Lane: lane, Seq: seq, Message: d.Message, Key: key,
			State: delivery.Pending, Due: later(due, now), Changed: now,
		}
		d.first, d.replayed, d.failed, d.parked = d.Due, true, false, false
	case d.token == 0:
		d.Due = later(due, now)
	}
	m.tell(lane)
	return nil
}

// Discard implements [delivery.Archive].
func (m *Memory) Discard(ctx context.Context, lane string, seq uint64, reason string) error {
	if err := m.enter(ctx); err != nil {
		return err
	}
	defer m.mu.Unlock()
	d := m.at(lane, seq)
	if d == nil {
		return delivery.ErrNotFound
	}
	if d.State == delivery.Pending || d.State == delivery.Dead {
		d.State, d.Changed, d.Reason = delivery.Discarded, time.Now(), reason
		d.token, d.parked, d.failed = 0, false, false
		m.tell(lane)
	}
	return nil
}

// Holds implements [delivery.Archive].
func (m *Memory) Holds(ctx context.Context, limit int) ([]delivery.Hold, error) {
	if err := m.enter(ctx); err != nil {
		return nil, err
	}
	defer m.mu.Unlock()
	all := slices.Clone(m.holds)
	slices.SortStableFunc(all, func(a, b delivery.Hold) int { return a.Created.Compare(b.Created) })
	return all[:min(len(all), limit)], nil
}

// Purge implements [delivery.Archive].
func (m *Memory) Purge(ctx context.Context, before time.Time, maxBytes int64) (int, error) {
	if err := m.enter(ctx); err != nil {
		return 0, err
	}
	defer m.mu.Unlock()
	m.rows = slices.DeleteFunc(m.rows, func(r memoryRow) bool { return r.Time.Before(before) })
	var size int64
	for _, msg := range m.messages {
		size += int64(len(msg.Event))
	}
	removed := 0
	m.messages = slices.DeleteFunc(m.messages, func(msg *memoryMessage) bool {
		large := maxBytes > 0 && size > maxBytes
		if m.needed(msg.Seq) || !msg.stored.Before(before) && !large {
			return false
		}
		size -= int64(len(msg.Event))
		for lane, all := range m.deliveries {
			m.deliveries[lane] = slices.DeleteFunc(all, func(d *memoryDelivery) bool { return d.Seq == msg.Seq })
		}
		delete(m.names, [2]string{msg.Source, msg.ID})
		removed++
		return true
	})
	return removed, nil
}

// needed is whether a message has a delivery that is pending or dead.
func (m *Memory) needed(seq uint64) bool {
	for lane := range m.deliveries {
		if d := m.at(lane, seq); d != nil && (d.State == delivery.Pending || d.State == delivery.Dead) {
			return true
		}
	}
	return false
}
