package redis

import (
	"context"
	"encoding/binary"
	"fmt"
	"strconv"

	"github.com/voorpoort/voorpoort/delivery"
)

// place is a position as scripts write it: 16 digits, so that names sort.
func place(seq uint64) string { return fmt.Sprintf("%016d", seq) }

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

func (s *Store) finishArguments(writer int, calls []*call[[]delivery.Outcome, struct{}]) []any {
	index := lanes{}
	var ends []any
	for _, c := range calls {
		for i := range c.request {
			ends = appendOutcome(ends, &c.request[i], &index, &s.clock)
		}
	}
	args := s.arguments(4 + len(index.names) + len(ends))
	args = append(args, s.owner, "finish"+strconv.Itoa(writer), s.batches[writer], len(index.names))
	return append(append(args, index.names...), ends...)
}

// Flags of an outcome.
const (
	outcomePark    = 1
	outcomeSuccess = 2
)

// appendOutcome appends the four arguments of an outcome. The first is: lane (2
// bytes), verdict (1), flags (1), position (8), token (8), due (7), and of the
// attempt its lane (2) and time (7).
func appendOutcome(args []any, o *delivery.Outcome, index *lanes, c *clock) []any {
	head := binary.BigEndian.AppendUint16(make([]byte, 0, 38), index.of(o.Lease.Lane))
	var flags byte
	if o.Park {
		flags |= outcomePark
	}
	if o.Attempt != nil && o.Attempt.Success {
		flags |= outcomeSuccess
	}
	head = append(head, byte(o.Verdict), flags)
	head = binary.BigEndian.AppendUint64(head, o.Lease.Message.Seq)
	head = binary.BigEndian.AppendUint64(head, o.Lease.Token)
	head = appendTime(head, c.due(o.Due))
	if o.Attempt == nil {
		head = appendTime(append(head, 0, 0), 0)
		return append(args, head, shorten(o.Reason), "", "")
	}
	head = binary.BigEndian.AppendUint16(head, index.of(o.Attempt.Lane))
	head = appendTime(head, o.Attempt.Time.UnixMicro())
	return append(args, head, shorten(o.Reason), o.Attempt.Message, encodeRow(o.Attempt))
}
