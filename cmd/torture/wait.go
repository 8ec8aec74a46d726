package main

import (
	"context"
	"time"
)

// How long nothing may arrive before a run stops waiting for writes of which no
// client heard that they were done: longer than a gateway takes to look for what
// a killed one has left, to ask the register, and to try a delivery once more.
// On a shared store it first has to be sure that the other is gone.
const (
	doubtWait       = 30 * time.Second
	sharedDoubtWait = 75 * time.Second
)

// waiter follows the records and knows which debts are open. It only decides
// how long a run waits: the verdict is the auditor's, from the whole records.
type waiter struct {
	hooks     []string
	register  follower[accepted]
	receivers follower[received]
	clients   follower[told]

	open    map[debt]bool
	removed map[string]number // by the object's id
	done    map[number]bool   // a client was told so
}

func newWaiter(p paths, hooks []string) *waiter {
	return &waiter{
		hooks:     hooks,
		register:  follower[accepted]{path: p.register},
		receivers: follower[received]{path: p.receivers},
		clients:   follower[told]{path: p.clients},
		open:      map[debt]bool{}, removed: map[string]number{},
		done: map[number]bool{},
	}
}

// look reads what is new and tells whether anything was.
func (w *waiter) look() (changed bool, err error) {
	// The receivers first: what is in their record is in the register's by then.
	arrivals, err := w.receivers.next()
	if err != nil {
		return false, err
	}
	writes, err := w.register.next()
	if err != nil {
		return false, err
	}
	answers, err := w.clients.next()
	if err != nil {
		return false, err
	}
	for _, a := range answers {
		if a.done() {
			w.done[a.Number] = true
		}
	}
	for _, write := range writes {
		w.owe(write)
	}
	for _, r := range arrivals {
		w.pay(r)
	}
	return len(arrivals)+len(writes) > 0, nil
}

func (w *waiter) owe(done accepted) {
	if done.Action == remove {
		w.removed[done.ID] = done.Number
	}
	for _, hook := range w.hooks {
		w.open[debt{hook, done.Number}] = true
	}
}

func (w *waiter) pay(r received) {
	n := r.Number
	if r.Action == remove {
		n = w.removed[r.Object]
	}
	delete(w.open, debt{r.Hook, n})
}

// promised counts the open debts of which a client was told that the write is
// done.
func (w *waiter) promised() int {
	count := 0
	for owed := range w.open {
		if w.done[owed.write] {
			count++
		}
	}
	return count
}

// wait returns when nothing is owed any more, when only doubtful writes are owed
// and nothing has happened for a while, or when the time is up. It gives the
// number of open debts.
func (w *waiter) wait(ctx context.Context, bound, quiet time.Duration) (int, error) {
	deadline, last := time.Now().Add(bound), time.Now()
	for {
		changed, err := w.look()
		if err != nil {
			return 0, err
		}
		now := time.Now()
		if changed {
			last = now
		}
		switch {
		case len(w.open) == 0, now.After(deadline), w.promised() == 0 && now.Sub(last) > quiet:
			return len(w.open), nil
		}
		select {
		case <-ctx.Done():
			return len(w.open), ctx.Err()
		case <-time.After(100 * time.Millisecond):
		}
	}
}
