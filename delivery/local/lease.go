package local

import (
	"bytes"
	"container/heap"
	"context"
	"time"

	"go.etcd.io/bbolt"

	"github.com/voorpoort/voorpoort/delivery"
)

// Lease implements [delivery.Queue]. What was acknowledged a moment ago may not
// be applied yet; Lease waits for it when it would give nothing otherwise.
func (s *Store) Lease(ctx context.Context, name string, limit int, until time.Time) ([]delivery.Lease, time.Time, error) {
	if err := s.enter(ctx); err != nil {
		return nil, time.Time{}, err
	}
	defer s.leave()
	idle := s.applier.idle()
	leases, next, err := s.lease(name, limit, until)
	if err != nil || len(leases) > 0 || idle {
		return leases, next, err
	}
	if err := s.applied(ctx); err != nil {
		return nil, time.Time{}, err
	}
	return s.lease(name, limit, until)
}

func (s *Store) lease(name string, limit int, until time.Time) (leases []delivery.Lease, next time.Time, err error) {
	now := nanos(s.time())
	l := s.lane(name)
	if l == nil {
		return nil, time.Time{}, nil
	}
	err = s.reading(func(r *reader) {
		l.mu.Lock()
		defer l.mu.Unlock()
		if l.complete && len(l.window) == 0 && len(l.ends) == 0 {
			return
		}
		leases = l.lease(r, limit, now, until)
		if earliest, ok := l.earliest(r); ok {
			next = fromNanos(earliest)
		}
	})
	return leases, next, err
}

// lease takes what is due, earliest first: leases that have ended and the
// beginning of the window.
func (l *lane) lease(r *reader, limit int, now int64, until time.Time) []delivery.Lease {
	var leases []delivery.Lease
	ended := l.ended(limit, now)
	given := make([]*taken, 0, min(limit, len(ended)+len(l.window)))
	// What is given may end in the past: it is no candidate for this call.
	defer func() {
		for _, t := range append(given, ended...) {
			heap.Push(&l.ends, t)
		}
	}()
	for len(leases) < limit {
		l.fill(r)
		var t *taken
		switch due := len(l.window) > 0 && l.window[0].due <= now; {
		case len(ended) > 0 && (!due || slot{ended[0].until, ended[0].seq}.compare(l.window[0]) < 0):
			t, ended = ended[0], ended[1:]
		case due:
			t = &taken{seq: l.window[0].seq, state: leased, until: l.window[0].due}
			l.window = l.window[1:]
			l.taken[t.seq] = t
		default:
			return leases
		}
		lease, ok := l.give(r, t, until)
		if r.err != nil {
			given = append(given, t)
			return leases
		}
		if !ok {
			delete(l.taken, t.seq) // settled in the meantime
			continue
		}
		given = append(given, t)
		leases = append(leases, lease)
	}
	return leases
}

// ended takes at most limit leases that have ended out of the heap.
func (l *lane) ended(limit int, now int64) []*taken {
	var all []*taken
	for len(all) < limit && len(l.ends) > 0 && l.ends[0].until <= now {
		all = append(all, heap.Pop(&l.ends).(*taken)) //nolint:forcetypeassert // the heap has nothing else
	}
	return all
}

// give makes a lease; it is false if the delivery is not pending any more.
func (l *lane) give(r *reader, t *taken, until time.Time) (delivery.Lease, bool) {
	rec, state := r.delivery(place{l.id, t.seq})
	if state != delivery.Pending {
		return delivery.Lease{}, false
	}
	m := r.message(t.seq)
	if m == nil {
		return delivery.Lease{}, false
	}
	t.attempt = max(t.attempt, rec.attempts) + 1
	t.token = l.s.tokens.Add(1)
	t.until = nanos(until)
	return delivery.Lease{
		Lane: l.name, Message: m, Attempt: t.attempt, First: fromNanos(rec.first),
		Until: until, Replayed: rec.flags.has(flagReplayed), Token: t.token,
	}, true
}

// message gives a message of the index, with its own bytes; nil if there is none.
func (s *Store) message(tx *bbolt.Tx, seq uint64) (*delivery.Message, error) {
	if m := s.cache.get(seq); m != nil {
		return m, nil
	}
	raw := tx.Bucket(bucketMessages).Get(seqKey(seq))
	if raw == nil {
		return nil, nil //nolint:nilnil // nil is for none
	}
	stored, err := decodeStored(raw)
	if err != nil {
		return nil, err
	}
	m, err := decodeMessage(bytes.Clone(stored.body))
	if err != nil {
		return nil, err
	}
	m.Seq = seq
	s.cache.put(m)
	return m, nil
}

// Extend implements [delivery.Queue].
func (s *Store) Extend(ctx context.Context, until time.Time, leases ...delivery.Lease) ([]delivery.Lease, error) {
	if err := s.enter(ctx); err != nil {
		return nil, err
	}
	defer s.leave()
	s.time()
	var lost []delivery.Lease
	for _, lease := range leases {
		if l := s.lane(lease.Lane); l == nil || !l.extend(lease, nanos(until)) {
			lost = append(lost, lease)
		}
	}
	return lost, nil
}

func (l *lane) extend(lease delivery.Lease, until int64) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	t := l.current(lease)
	if t == nil {
		return false
	}
	t.until = until
	heap.Fix(&l.ends, t.place)
	return true
}

// current gives what is taken by a lease; nil if the lease was lost.
func (l *lane) current(lease delivery.Lease) *taken {
	t := l.taken[lease.Message.Seq]
	if t == nil || t.state != leased || t.token != lease.Token {
		return nil
	}
	return t
}

// end ends a lease whose outcome goes to the index. It is false for a lost one.
func (l *lane) end(lease delivery.Lease) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	t := l.current(lease)
	if t == nil {
		return false
	}
	heap.Remove(&l.ends, t.place)
	t.state = finishing
	return true
}
