package storetest

import (
	"bytes"
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/voorpoort/voorpoort/delivery"
)

// The load of the suite: as many producers as consumers.
const (
	loadMessages = 4000
	loadWorkers  = 20
)

var loadClauses = []clause{
	{"4,000 messages by 20 producers and 20 consumers arrive once each", func(h *harness) {
		l := newLoad(h)
		l.run(func(i int) delivery.Message { return message(fmt.Sprint("m", i), "a") })
		l.once(loadMessages)
	}},
	{"and in two lanes, with keys, in order", func(h *harness) {
		l := newLoad(h)
		l.run(func(i int) delivery.Message {
			m := message(fmt.Sprint("m", i))
			key := fmt.Sprint("key", i%97)
			m.Targets = []delivery.Target{{Lane: "a", Key: key}, {Lane: "b", Key: key}}
			return m
		}, "a", "b")
		l.once(loadMessages)
		for key, seqs := range l.order {
			require.IsIncreasing(h, seqs, "lane and key %s", key)
		}
	}},
}

// load is producers that append and consumers that deliver.
type load struct {
	h         *harness
	delivered atomic.Int64

	mu    sync.Mutex
	seen  map[string]int      // by lane and message
	order map[string][]uint64 // by lane and key
	wrong []string
}

func newLoad(h *harness) *load {
	return &load{h: h, seen: map[string]int{}, order: map[string][]uint64{}}
}

func (l *load) run(make func(i int) delivery.Message, lanes ...string) {
	l.h.Helper()
	if len(lanes) == 0 {
		lanes = []string{"a"}
	}
	all := int64(loadMessages * len(lanes))
	ctx, cancel := context.WithTimeout(l.h.ctx, 12*l.h.suite.wait)
	defer cancel()
	l.h.each(2*loadWorkers, func(w int) error {
		if w < loadWorkers {
			return l.produce(ctx, w, make)
		}
		lane := lanes[w%len(lanes)]
		for l.delivered.Load() < all && ctx.Err() == nil {
			if err := l.consume(ctx, lane); err != nil {
				return err
			}
		}
		return ctx.Err()
	})
}

func (l *load) produce(ctx context.Context, w int, make func(i int) delivery.Message) error {
	for i := w; i < loadMessages; i += loadWorkers {
		m := make(i)
		if i%3 > 0 {
			if err := l.h.Append(ctx, m); err != nil {
				return err
			}
			continue
		}
		if err := l.h.Hold(ctx, delivery.Hold{ID: "h-" + m.ID, Created: time.Now(), Intent: []byte(`{}`)}); err != nil {
			return err
		}
		if err := l.h.Release(ctx, "h-"+m.ID, m); err != nil {
			return err
		}
	}
	return nil
}

func (l *load) consume(ctx context.Context, lane string) error {
	leases, _, err := l.h.Lease(ctx, lane, 16, soon())
	if err != nil {
		return err
	}
	if len(leases) == 0 {
		time.Sleep(time.Millisecond)
		return nil
	}
	outcomes := make([]delivery.Outcome, len(leases))
	l.mu.Lock()
	for i, lease := range leases {
		outcomes[i] = done(lease)
		l.note(lease)
	}
	l.mu.Unlock()
	if err := l.h.Finish(ctx, outcomes...); err != nil {
		return err
	}
	l.delivered.Add(int64(len(leases)))
	return nil
}

func (l *load) note(lease delivery.Lease) {
	m := lease.Message
	l.seen[lease.Lane+" "+m.ID]++
	if want := message(m.ID).Event; !bytes.Equal(want, m.Event) || m.Subject != "subject-"+m.ID {
		l.wrong = append(l.wrong, m.ID)
	}
	var n int
	_, _ = fmt.Sscanf(m.ID, "m%d", &n)
	key := fmt.Sprint(lease.Lane, " key", n%97)
	l.order[key] = append(l.order[key], m.Seq)
}

// once is that each delivery was made once, with the bytes that were appended.
func (l *load) once(messages int) {
	l.h.Helper()
	require.Empty(l.h, l.wrong, "messages with other bytes")
	lanes := map[string]int{}
	for what, times := range l.seen {
		require.Equal(l.h, 1, times, what)
		lanes[what[:1]]++
	}
	for lane, n := range lanes {
		require.Equal(l.h, messages, n, "messages of lane %s", lane)
		l.h.none(lane)
		st := l.h.stats(lane)
		require.EqualValues(l.h, messages, st.Successful)
		require.Zero(l.h, st.Pending)
		_, total := l.h.rows(delivery.AttemptQuery{Lane: lane})
		require.EqualValues(l.h, messages, total)
	}
	require.Empty(l.h, l.h.holds(10))
}
