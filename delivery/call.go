package delivery

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// call is one use of a lane's sender, with what the lane was like when it began.
type call struct {
	at     *attachment
	leases []Lease
	held   held
	epoch  uint64 // of the circuit
	round  uint64 // of the limiter
}

// part is what some leases of a call came to.
type part struct {
	leases []Lease
	result Result
	sent   bool
}

// worker makes calls one after the other, in one slot of its lane.
type worker struct {
	e      *Engine
	q      *queue
	ctx    context.Context //nolint:containedctx // of its calls: a new one when one was given up
	cancel context.CancelCauseFunc
}

// work makes a call and those that follow it in its slot, until there is none
// or the slot is for another lane.
func (e *Engine) work(q *queue, c *call) {
	w := worker{e: e, q: q}
	w.renew()
	for c != nil {
		if w.ctx.Err() != nil {
			w.renew()
		}
		c = w.run(c)
	}
	w.cancel(nil)
	e.finish(q)
	e.leave()
}

func (w *worker) renew() { w.ctx, w.cancel = context.WithCancelCause(w.e.calls) }

// run makes a call, and gives the next.
func (w *worker) run(c *call) (next *call) {
	e := w.e
	e.renewal.begin(&c.held, w.cancel)
	var one [1]part
	parts := c.at.send(w.ctx, c.leases, one[:0])
	e.renewal.returned(&c.held)
	cause := context.Cause(w.ctx)

	var few [1]response
	responses := few[:0]
	outcomes := make([]finished, 0, len(c.leases))
	for i := range parts {
		p := &parts[i]
		what := p.respond(&c.at.lane, cause)
		responses = append(responses, what)
		for _, lease := range p.leases {
			o := finished{held: &c.held, Outcome: Outcome{Lease: lease, Verdict: Restore}}
			if p.sent {
				o.Outcome = c.at.lane.judge(lease, &p.result, what, e.opt.Random())
				e.opt.Observer.AttemptFinished(lease.Lane, o.Attempt, o.Verdict)
			}
			outcomes = append(outcomes, o)
		}
	}
	next, unused := e.called(w.q, c, parts, responses, outcomes)
	if unused != nil {
		unused.Close()
	}
	return next
}

// called ends a call: the lane learns from it, and its outcomes wait to be
// stored. It gives the next call in the same slot, and the sender if this was
// the last call of it.
func (e *Engine) called(q *queue, c *call, parts []part, responses []response, outcomes []finished) (next *call, unused Sender) {
	e.mu.Lock()
	defer e.unlock()
	now := time.Now()
	for i := range parts {
		if parts[i].sent {
			q.learn(c, responses[i], &parts[i].result, now)
		}
	}
	q.outcomes = append(q.outcomes, outcomes...)
	if next = e.following(q, now); next == nil {
		e.giveBack(q, 1)
	} else {
		e.finishBeside(q)
	}
	e.place(q)
	return next, c.at.release()
}

// leave counts a goroutine of a turn or call out.
func (e *Engine) leave() {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.active--
	if e.stopping && e.active == 0 {
		close(e.idle)
	}
}

// respond classifies a part's result. A call that we broke off ourselves, and
// that has no answer, says nothing about the receiver.
func (p *part) respond(l *Lane, cause error) response {
	what := l.respond(&p.result)
	ours := errors.Is(cause, errStopping) || errors.Is(cause, errLeaseLost)
	if what == taken || !ours || p.result.Status != 0 || p.result.Unsendable {
		return what
	}
	p.result.Reason, p.result.Error = ReasonBroken, cause.Error()
	return interrupted
}

// send makes one call about the leases, and appends what it came to. If a batch
// is refused for good because of what is in it, its halves are sent by
// themselves.
func (a *attachment) send(ctx context.Context, leases []Lease, parts []part) []part {
	if ctx.Err() != nil {
		return append(parts, part{leases: leases})
	}
	r := a.once(ctx, leases)
	if len(leases) == 1 || !a.lane.divisible(&r) {
		return append(parts, part{leases, r, true})
	}
	half := len(leases) / 2
	return a.send(ctx, leases[half:], a.send(ctx, leases[:half], parts))
}

// once makes one call within the lane's timeout. A sender that panics must not
// end the gateway: that is a failed attempt like any other.
func (a *attachment) once(ctx context.Context, leases []Lease) (r Result) {
	if !a.bounded {
		timed, cancel := context.WithTimeout(ctx, a.lane.Timeout)
		defer cancel()
		ctx = timed
	}
	begun := time.Now()
	defer func() {
		if p := recover(); p != nil {
			r = Result{Started: begun, Duration: time.Since(begun), Reason: ReasonBroken, Error: fmt.Sprintf("the sender panicked with a %T", p)}
		}
	}()
	return a.lane.Sender.Send(ctx, leases)
}
