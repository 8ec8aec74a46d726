package redis

import (
	"cmp"
	"context"
	"encoding/binary"
	"slices"
	"strconv"

	"github.com/voorpoort/voorpoort/delivery"
)

// place is a position as scripts write it: 16 digits, so that names sort.
func place(seq uint64) string {
	digits := strconv.AppendUint(append(make([]byte, 0, 40), "0000000000000000"...), seq, 10)
	return string(digits[min(len(digits)-16, 16):])
}

// Finish implements [delivery.Queue].
func (s *Store) Finish(ctx context.Context, outcomes ...delivery.Outcome) error {
	if len(outcomes) == 0 {
		return ctx.Err()
	}
	size := 0
	for _, o := range outcomes {
		if size += 256; o.Attempt != nil {
			size += len(o.Attempt.Request) + len(o.Attempt.Response)
		}
	}
	_, err := s.ends.do(ctx, outcomes, size)
	return err
}

// writeEnds finishes what waited, in one script. A second try of the same
// operation is known to the server by its number.
func (s *Store) writeEnds(writer int, calls []*call[[]delivery.Outcome, struct{}]) {
	s.batches[writer]++
	err := s.ask(s.ctx, finishScript.name, func(ctx context.Context) error {
		answer, err := s.once(ctx, finishScript, s.finishArguments(writer, calls))
		if err == nil {
			s.tell(element(answer, 1))
		}
		return err
	})
	for _, c := range calls {
		c.err = err
	}
}

// finishArguments gives what finish.lua wants: the outcomes of a lane one after
// the other, and of all of them first the heads, then the positions, and so on.
func (s *Store) finishArguments(writer int, calls []*call[[]delivery.Outcome, struct{}]) []any {
	index := lanes{}
	outcomes := byLane(calls, &index)
	n := make([]int, len(index.names))
	for _, o := range outcomes {
		n[index.of(o.Lease.Lane)-1]++
	}
	k := len(outcomes)
	ends := make([]any, 4*k)
	for i, o := range outcomes {
		ends[i] = encodeOutcome(o, &index, &s.clock)
		ends[k+i] = place(o.Lease.Message.Seq)
		ends[2*k+i], ends[3*k+i] = "", ""
		if o.Attempt != nil {
			ends[2*k+i], ends[3*k+i] = o.Attempt.Message, encodeRow(o.Attempt)
		}
	}
	args := s.arguments(5 + 2*len(index.names) + len(ends))
	args = append(args, s.owner, "finish"+strconv.Itoa(writer), s.batches[writer], len(index.names), k)
	for i, name := range index.names {
		mine := 0
		if i < len(n) {
			mine = n[i]
		}
		args = append(args, name, mine)
	}
	return append(args, ends...)
}

// byLane gives the outcomes of some calls sorted by the index of their lanes,
// those of a lane in their order.
func byLane(calls []*call[[]delivery.Outcome, struct{}], index *lanes) (all []*delivery.Outcome) {
	for _, c := range calls {
		for i := range c.request {
			all = append(all, &c.request[i])
			index.of(c.request[i].Lease.Lane)
		}
	}
	if len(index.names) > 1 {
		slices.SortStableFunc(all, func(a, b *delivery.Outcome) int {
			return cmp.Compare(index.of(a.Lease.Lane), index.of(b.Lease.Lane))
		})
	}
	return all
}

// Flags of an outcome.
const (
	outcomePark    = 1
	outcomeSuccess = 2
)

// encodeOutcome gives the head of an outcome: verdict (1 byte), flags (1), token
// (8), due (7), of the attempt its lane (2) and time (7), and then the reason.
func encodeOutcome(o *delivery.Outcome, index *lanes, c *clock) []byte {
	var flags byte
	if o.Park {
		flags |= outcomePark
	}
	if o.Attempt != nil && o.Attempt.Success {
		flags |= outcomeSuccess
	}
	reason := shorten(o.Reason)
	head := append(make([]byte, 0, 26+len(reason)), byte(o.Verdict), flags)
	head = binary.BigEndian.AppendUint64(head, o.Lease.Token)
	head = appendTime(head, c.due(o.Due))
	if o.Attempt == nil {
		head = appendTime(append(head, 0, 0), 0)
	} else {
		head = binary.BigEndian.AppendUint16(head, index.of(o.Attempt.Lane))
		head = appendTime(head, o.Attempt.Time.UnixMicro())
	}
	return append(head, reason...)
}
