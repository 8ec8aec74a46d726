package delivery_test

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/voorpoort/voorpoort/delivery"
)

// receiver is a sender that answers by itself, and keeps what it was sent.
type receiver struct {
	// answer gives the result of a call; nil answers 204.
	answer func(ctx context.Context, leases []delivery.Lease) delivery.Result

	mu      sync.Mutex
	begun   time.Time
	calls   []received
	running int
	most    int // calls at the same time
	closed  int
}

type received struct {
	after   time.Duration // since the receiver was made
	ids     []string
	attempt int
}

func newReceiver(answer func(ctx context.Context, leases []delivery.Lease) delivery.Result) *receiver {
	return &receiver{answer: answer, begun: time.Now()}
}

// answers is a receiver that gives these statuses, the last for ever.
func answers(statuses ...int) *receiver {
	var mu sync.Mutex
	return newReceiver(func(context.Context, []delivery.Lease) delivery.Result {
		mu.Lock()
		defer mu.Unlock()
		s := statuses[0]
		if len(statuses) > 1 {
			statuses = statuses[1:]
		}
		return status(s)
	})
}

// takes is a receiver that takes everything after a while.
func takes(d time.Duration) *receiver {
	return newReceiver(func(ctx context.Context, _ []delivery.Lease) delivery.Result {
		return after(ctx, d, status(204))
	})
}

// hangs is a receiver that never answers.
func hangs() *receiver { return takes(1 << 60) }

// after gives a result after a while, or that of a timeout.
func after(ctx context.Context, d time.Duration, r delivery.Result) delivery.Result {
	select {
	case <-time.After(d):
		return r
	case <-ctx.Done():
		return delivery.Result{Reason: delivery.ReasonTimeout, Error: "no answer in time"}
	}
}

// status is the result of an answer without anything else.
func status(s int) delivery.Result {
	r := delivery.Result{Status: s, Started: time.Now(), URL: "https://a.example/", Method: "POST"}
	switch {
	case s >= 500:
		r.Reason = delivery.ReasonServer
	case s == 429:
		r.Reason = delivery.ReasonThrottled
	case s == 410:
		r.Reason = delivery.ReasonGone
	case s >= 400:
		r.Reason = delivery.ReasonClient
	case s >= 300:
		r.Reason = delivery.ReasonRedirect
	}
	return r
}

func (r *receiver) Send(ctx context.Context, leases []delivery.Lease) delivery.Result {
	r.mu.Lock()
	c := received{after: time.Since(r.begun), attempt: leases[0].Attempt}
	for _, l := range leases {
		c.ids = append(c.ids, l.Message.ID)
	}
	r.calls = append(r.calls, c)
	r.running++
	r.most = max(r.most, r.running)
	r.mu.Unlock()
	defer func() {
		r.mu.Lock()
		r.running--
		r.mu.Unlock()
	}()
	if r.answer == nil {
		return status(204)
	}
	return r.answer(ctx, leases)
}

func (r *receiver) Close() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.closed++
}

func (r *receiver) isClosed() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.closed
}

// count is the number of calls.
func (r *receiver) count() int { return len(r.log()) }

func (r *receiver) log() []received {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clip(r.calls)
}

// times gives when the calls came.
func (r *receiver) times() (times []time.Duration) {
	for _, c := range r.log() {
		times = append(times, c.after)
	}
	return times
}

// perMessage counts the calls about each message.
func (r *receiver) perMessage() map[string]int {
	n := map[string]int{}
	for _, c := range r.log() {
		for _, id := range c.ids {
			n[id]++
		}
	}
	return n
}

// busiest is the highest number of calls at the same time since it was asked
// for last.
func (r *receiver) busiest() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	n := r.most
	r.most = r.running
	return n
}
