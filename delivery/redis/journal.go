package redis

import (
	"context"
	"errors"
	"strconv"

	"github.com/voorpoort/voorpoort/delivery"
)

// entry is one Hold, Release or Append on its way to the server.
type entry struct {
	hold     *delivery.Hold
	release  string
	again    bool // the release may have been done before
	messages []outgoing
}

// outgoing is a message as journal.lua wants it.
type outgoing struct {
	targets []target
	body    []byte
}

// The answers of journal.lua to an entry.
const (
	answerDone  = '0'
	answerNone  = '1'
	answerTaken = '2'
)

var errTaken = errors.New("redis: there is a hold with this id of another gateway")

// Hold implements [delivery.Journal].
func (s *Store) Hold(ctx context.Context, h delivery.Hold) error {
	if h.ID == "" || len(h.ID) > maxHoldID {
		return errHoldID
	}
	s.unsure.held(h.ID)
	return s.enterJournal(ctx, &entry{hold: &h}, len(h.Intent))
}

// Release implements [delivery.Journal]. After an [*UnavailableError] it can be
// called again, and gives nil if the first call had its effect.
func (s *Store) Release(ctx context.Context, hold string, messages ...delivery.Message) error {
	out, size, err := prepare(messages)
	if err != nil {
		return err
	}
	err = s.enterJournal(ctx, &entry{release: hold, again: s.unsure.released(hold), messages: out}, size)
	if err == nil || errors.Is(err, delivery.ErrNoHold) {
		s.unsure.settled(hold)
	}
	return err
}

// Append implements [delivery.Journal].
func (s *Store) Append(ctx context.Context, messages ...delivery.Message) error {
	if len(messages) == 0 {
		return ctx.Err()
	}
	out, size, err := prepare(messages)
	if err != nil {
		return err
	}
	return s.enterJournal(ctx, &entry{messages: out}, size)
}

func prepare(messages []delivery.Message) (out []outgoing, size int, err error) {
	out = make([]outgoing, len(messages))
	for i := range messages {
		if err := checkMessage(&messages[i]); err != nil {
			return nil, 0, err
		}
		out[i] = outgoing{targets: messages[i].Targets, body: encodeMessage(&messages[i])}
		size += len(out[i].body)
	}
	return out, size, nil
}

func (s *Store) enterJournal(ctx context.Context, e *entry, size int) error {
	answer, err := s.journal.do(ctx, e, size)
	if err != nil {
		return err
	}
	switch answer {
	case answerDone:
		return nil
	case answerNone:
		return delivery.ErrNoHold
	case answerTaken:
		return errTaken
	}
	return &answerError{op: journalScript.name, err: errAnswer}
}

// writeJournal does what waited, in one script.
func (s *Store) writeJournal(_ int, calls []*call[*entry, byte]) {
	n := 0
	err := s.ask(s.ctx, journalScript.name, func(ctx context.Context) error {
		if n++; n == 2 { // the first try may have been done
			for _, c := range calls {
				c.request.again = true
			}
		}
		ctx, cancel := s.probing(ctx)
		defer cancel()
		answer, err := s.once(ctx, journalScript, s.journalArguments(calls))
		if err != nil {
			return err
		}
		answers := text(element(answer, 1))
		if len(answers) != len(calls) {
			return errAnswer
		}
		for i, c := range calls {
			c.answer = answers[i]
		}
		s.tell(element(answer, 2))
		return nil
	})
	if err == nil {
		return
	}
	for _, c := range calls {
		c.err = err
		s.remember(c.request)
	}
}

// remember is for an entry of which nobody knows whether the server did it.
func (s *Store) remember(e *entry) {
	switch {
	case e.hold != nil:
		s.unsure.hold(e.hold.ID)
	case e.release != "":
		s.unsure.release(e.release)
	}
}

// abandoned is for an entry that was done when its caller had gone: the caller
// counts it as failed.
func (s *Store) abandoned(c *call[*entry, byte]) {
	if c.answer == answerDone || c.err != nil {
		s.remember(c.request)
	}
}

func (s *Store) journalArguments(calls []*call[*entry, byte]) []any {
	index := lanes{}
	ops := make([]any, 0, 4*len(calls))
	for _, c := range calls {
		ops = appendEntry(ops, s.owner, c.request, &index, &s.clock)
	}
	args := s.arguments(3 + len(index.names) + len(ops))
	args = append(args, s.owner, s.options.Heartbeat.Milliseconds(), len(index.names))
	return append(append(args, index.names...), ops...)
}

func appendEntry(ops []any, owner string, e *entry, index *lanes, c *clock) []any {
	if e.hold != nil {
		return append(ops, "H", e.hold.ID, e.hold.Created.UnixMicro(), encodeHold(owner, e.hold))
	}
	kind := "A"
	switch {
	case e.release != "" && e.again:
		kind = "S"
	case e.release != "":
		kind = "R"
	}
	ops = append(ops, kind+strconv.Itoa(len(e.messages)))
	if e.release != "" {
		ops = append(ops, e.release)
	}
	for _, m := range e.messages {
		ops = append(ops, encodeTargets(m.targets, index, c), m.body)
	}
	return ops
}
