package redis

import (
	"context"
	"time"

	goredis "github.com/redis/go-redis/v9"

	"github.com/voorpoort/voorpoort/delivery"
)

// Limits of one answer with messages: what a lease or a list may put into memory
// at once, and how long the server is held up.
const (
	maxLease = 1000
	maxReply = 8 << 20
)

type leaseRequest struct {
	lane  string
	limit int
	until time.Time
}

type leaseAnswer struct {
	leases []delivery.Lease
	next   time.Time
}

// Lease implements [delivery.Queue]. It gives fewer than limit if their messages
// are larger than 8 MiB together. It is not repeated when an answer is lost: what
// it took is due again when the lease ends.
func (s *Store) Lease(ctx context.Context, lane string, limit int, until time.Time) ([]delivery.Lease, time.Time, error) {
	if err := checkLane(lane); err != nil {
		return nil, time.Time{}, err
	}
	a, err := s.leases.do(ctx, leaseRequest{lane: lane, limit: min(max(limit, 0), maxLease), until: until}, 0)
	return a.leases, a.next, err
}

// takeLeases asks for all lanes that are waited for in one round trip.
func (s *Store) takeLeases(_ int, calls []*call[leaseRequest, leaseAnswer]) {
	sent := time.Now()
	cmds := s.pipeline(calls, s.evalSha)
	var lacking []*call[leaseRequest, leaseAnswer]
	for i, c := range calls {
		if lacks(cmds[i]) {
			lacking = append(lacking, c)
			continue
		}
		s.finishLease(c, cmds[i], sent)
	}
	if len(lacking) == 0 {
		return
	}
	sent = time.Now()
	for i, cmd := range s.pipeline(lacking, s.eval) {
		s.finishLease(lacking[i], cmd, sent)
	}
}

func (s *Store) evalSha(ctx context.Context, p goredis.Pipeliner, sc *script, args []any) *goredis.Cmd {
	return p.EvalSha(ctx, sc.sha, s.keys, args...)
}

func (s *Store) eval(ctx context.Context, p goredis.Pipeliner, sc *script, args []any) *goredis.Cmd {
	return p.Eval(ctx, sc.source, s.keys, args...)
}

func (s *Store) pipeline(calls []*call[leaseRequest, leaseAnswer],
	eval func(context.Context, goredis.Pipeliner, *script, []any) *goredis.Cmd,
) []*goredis.Cmd {
	cmds := make([]*goredis.Cmd, len(calls))
	_, _ = s.client.Pipelined(s.ctx, func(p goredis.Pipeliner) error {
		for i, c := range calls {
			r := c.request
			args := append(s.arguments(4), r.lane, r.limit, s.clock.server(r.until), maxReply)
			cmds[i] = eval(s.ctx, p, leaseScript, args)
		}
		return nil
	})
	return cmds
}

func (s *Store) finishLease(c *call[leaseRequest, leaseAnswer], cmd *goredis.Cmd, sent time.Time) {
	answer, err := s.answer(cmd, sent)
	if err != nil {
		_, c.err = failure(leaseScript.name, err)
		return
	}
	if next := number(element(answer, 1)); next >= 0 {
		c.answer.next = s.clock.local(next)
	}
	for _, row := range rows(element(answer, 2), 3) {
		l, err := s.lease(c.request, row)
		if err != nil {
			c.err = err
			return
		}
		c.answer.leases = append(c.answer.leases, l)
	}
}

// lease reads a lease as lease.lua gives it: position, record, message.
func (s *Store) lease(r leaseRequest, row []any) (delivery.Lease, error) {
	m, err := decodeMessage(uint64(number(row[0])), text(row[2]))
	if err != nil {
		return delivery.Lease{}, err
	}
	rec := decodeRecord(text(row[1]))
	return delivery.Lease{
		Lane: r.lane, Message: m,
		Token: rec.token, Attempt: rec.attempts, Replayed: rec.flags&flagReplayed != 0,
		First: s.clock.local(rec.first), Until: r.until,
	}, rec.err
}

// Extend implements [delivery.Queue].
func (s *Store) Extend(ctx context.Context, until time.Time, leases ...delivery.Lease) ([]delivery.Lease, error) {
	var lost []delivery.Lease
	for len(leases) > 0 {
		some := leases[:min(len(leases), maxLease)]
		leases = leases[len(some):]
		args := append(make([]any, 0, 1+3*len(some)), s.clock.server(until))
		for _, l := range some {
			args = append(args, l.Lane, place(l.Message.Seq), l.Token)
		}
		answer, err := s.run(ctx, extendScript, args...)
		if err != nil {
			return nil, err
		}
		for _, i := range list(element(answer, 1)) {
			if n := number(i); n >= 0 && n < int64(len(some)) {
				lost = append(lost, some[n])
			}
		}
		s.tell(element(answer, 2))
	}
	return lost, nil
}
