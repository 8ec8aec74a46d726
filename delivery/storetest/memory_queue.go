package storetest

import (
	"context"
	"time"

	"github.com/voorpoort/voorpoort/delivery"
)

// Lease implements [delivery.Queue].
func (m *Memory) Lease(ctx context.Context, lane string, limit int, until time.Time) ([]delivery.Lease, time.Time, error) {
	if err := m.enter(ctx); err != nil {
		return nil, time.Time{}, err
	}
	defer m.mu.Unlock()
	var leases []delivery.Lease
	for now := time.Now(); len(leases) < limit; {
		d := m.first(lane, now, leases)
		if d == nil {
			break
		}
		m.token++
		d.token, d.until = m.token, until
		d.Attempts++
		leases = append(leases, delivery.Lease{
			Lane: lane, Message: d.Message, Attempt: d.Attempts, First: d.first,
			Until: until, Replayed: d.replayed, Token: d.token,
		})
	}
	return leases, m.next(lane), nil
}

// first gives what is due earliest and is not among the leases of this call,
// whose end may be past already.
func (m *Memory) first(lane string, now time.Time, given []delivery.Lease) *memoryDelivery {
next:
	for _, d := range m.ready(lane) {
		if d.time().After(now) {
			return nil
		}
		for _, l := range given {
			if l.Message.Seq == d.Seq {
				continue next
			}
		}
		return d
	}
	return nil
}

func (m *Memory) next(lane string) time.Time {
	if r := m.ready(lane); len(r) > 0 {
		return r[0].time()
	}
	return time.Time{}
}

// leased gives the delivery of a lease that is not lost.
func (m *Memory) leased(l delivery.Lease) *memoryDelivery {
	d := m.at(l.Lane, l.Message.Seq)
	if d == nil || d.token != l.Token {
		return nil
	}
	return d
}

// Extend implements [delivery.Queue].
func (m *Memory) Extend(ctx context.Context, until time.Time, leases ...delivery.Lease) ([]delivery.Lease, error) {
	if err := m.enter(ctx); err != nil {
		return nil, err
	}
	defer m.mu.Unlock()
	var lost []delivery.Lease
	for _, l := range leases {
		if d := m.leased(l); d != nil {
			d.until = until
			continue
		}
		lost = append(lost, l)
	}
	return lost, nil
}

// Finish implements [delivery.Queue].
func (m *Memory) Finish(ctx context.Context, outcomes ...delivery.Outcome) error {
	if err := m.enter(ctx); err != nil {
		return err
	}
	defer m.mu.Unlock()
	for _, o := range outcomes {
		m.write(o.Attempt)
		if d := m.leased(o.Lease); d != nil {
			m.settle(d, o)
		}
	}
	return nil
}

func (m *Memory) settle(d *memoryDelivery, o delivery.Outcome) {
	now := time.Now()
	d.token = 0
	switch o.Verdict {
	case delivery.Done:
		d.State, d.Changed = delivery.Delivered, now
	case delivery.Retry:
		d.Due, d.failed = later(o.Due, now), true
	case delivery.Restore:
		d.Due = later(o.Due, now)
		d.Attempts--
	case delivery.Bury:
		d.State, d.Changed = delivery.Dead, now
		d.Reason = o.Reason[:min(len(o.Reason), 1024)]
		d.parked = o.Park && d.Key != ""
	}
	m.tell(d.Lane)
}

func (m *Memory) write(a *delivery.Attempt) {
	if a == nil {
		return
	}
	m.log++
	r := *a
	r.ID = m.log
	r.Error = r.Error[:min(len(r.Error), delivery.MaxErrorText)]
	r.Response = r.Response[:min(len(r.Response), delivery.MaxResponseText)]
	r.Request = r.Request[:min(len(r.Request), delivery.MaxRequestText)]
	m.rows = append(m.rows, memoryRow{r, time.Now()})
	st := m.counters(a.Lane)
	st.Total++
	st.LastAttempt = later(st.LastAttempt, a.Time)
	if a.Success {
		st.Successful++
		st.LastSuccess = later(st.LastSuccess, a.Time)
		return
	}
	st.Failed++
	st.LastFailure = later(st.LastFailure, a.Time)
}

func (m *Memory) counters(lane string) *delivery.Stats {
	st := m.stats[lane]
	if st == nil {
		st = &delivery.Stats{}
		m.stats[lane] = st
	}
	return st
}

type memoryWatcher struct {
	found map[string]time.Time
	wake  chan struct{}
}

// tell tells the watchers of a lane in which something changed.
func (m *Memory) tell(lane string) {
	due := m.next(lane)
	if due.IsZero() {
		return
	}
	for w := range m.watchers {
		w.found[lane] = due
		select {
		case w.wake <- struct{}{}:
		default:
		}
	}
}

// Watch implements [delivery.Queue].
func (m *Memory) Watch(ctx context.Context, found func(lane string, due time.Time)) error {
	if err := m.enter(ctx); err != nil {
		return err
	}
	w := &memoryWatcher{found: map[string]time.Time{}, wake: make(chan struct{}, 1)}
	m.watchers[w] = true
	for lane := range m.deliveries {
		m.tell(lane)
	}
	m.mu.Unlock()
	for {
		select {
		case <-ctx.Done():
			m.mu.Lock()
			delete(m.watchers, w)
			m.mu.Unlock()
			return ctx.Err()
		case <-w.wake:
		}
		m.mu.Lock()
		news := w.found
		w.found = map[string]time.Time{}
		m.mu.Unlock()
		for lane, due := range news {
			found(lane, due)
		}
	}
}
