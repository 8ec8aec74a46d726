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
	epoch  uint64 // of the circuit
	round  uint64 // of the limiter
}

// part is what some leases of a call came to.
type part struct {
	leases []Lease
	result Result
	sent   bool
}

// run makes a call, whose slot it returns, and stores what it came to.
func (e *Engine) run(q *queue, c *call) {
	ctx, cancel := context.WithCancelCause(e.calls)
	held := e.renewal.add(c.leases, c.at.lane.Timeout+e.opt.LeaseMargin, cancel)
	parts := c.at.send(ctx, c.leases)
	cause := context.Cause(ctx)
	cancel(nil)

	responses := make([]response, len(parts))
	outcomes := make([]finished, 0, len(c.leases))
	for i := range parts {
		p := &parts[i]
		responses[i] = p.respond(&c.at.lane, cause)
		for _, lease := range p.leases {
			o := finished{held: held, Outcome: Outcome{Lease: lease, Verdict: Restore}}
			if p.sent {
				o.Outcome = c.at.lane.judge(lease, &p.result, responses[i], e.opt.Random())
				e.opt.Observer.AttemptFinished(lease.Lane, o.Attempt, o.Verdict)
			}
			outcomes = append(outcomes, o)
		}
	}
	if s := e.called(q, c, parts, responses, outcomes); s != nil {
		s.Close()
	}
	e.finish(q)
	e.leave()
}

// called ends a call: the lane learns from it, and its outcomes wait to be
// stored. It gives the sender if this was the last call of it.
func (e *Engine) called(q *queue, c *call, parts []part, responses []response, outcomes []finished) Sender {
	e.mu.Lock()
	defer e.unlock()
	now := time.Now()
	for i := range parts {
		if parts[i].sent {
			q.learn(c, responses[i], &parts[i].result, now)
		}
	}
	q.outcomes = append(q.outcomes, outcomes...)
	e.giveBack(q, 1)
	e.place(q)
	return c.at.release()
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

// send makes one call about the leases. If a batch is refused for good because
// of what is in it, its halves are sent by themselves.
func (a *attachment) send(ctx context.Context, leases []Lease) []part {
	if ctx.Err() != nil {
		return []part{{leases: leases}}
	}
	r := a.once(ctx, leases)
	if len(leases) == 1 || !a.lane.divisible(&r) {
		return []part{{leases, r, true}}
	}
	half := len(leases) / 2
	return append(a.send(ctx, leases[:half]), a.send(ctx, leases[half:])...)
}

// once makes one call within the lane's timeout. A sender that panics must not
// end the gateway: that is a failed attempt like any other.
func (a *attachment) once(ctx context.Context, leases []Lease) (r Result) {
	ctx, cancel := context.WithTimeout(ctx, a.lane.Timeout)
	defer cancel()
	begun := time.Now()
	defer func() {
		if p := recover(); p != nil {
			r = Result{Started: begun, Duration: time.Since(begun), Reason: ReasonBroken, Error: fmt.Sprintf("the sender panicked with a %T", p)}
		}
	}()
	return a.lane.Sender.Send(ctx, leases)
}
