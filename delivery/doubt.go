package delivery

import (
	"context"

	"github.com/voorpoort/voorpoort/event"
)

// ReasonCertain is why a doubt is discarded when it is none any more.
const ReasonCertain = "the gateway that saw the register's answer has stored the event itself"

// AppendCertain stores messages of a write that somebody else has settled
// meanwhile, and discards the dead letters that stand for them, see
// [event.DoubtID]. A doubt that cannot be discarded now stays for a person.
func AppendCertain(ctx context.Context, s Store, messages ...Message) error {
	if err := s.Append(ctx, messages...); err != nil {
		return err
	}
	for i := range messages {
		_, doubts, err := s.Message(ctx, messages[i].Source, event.DoubtID(messages[i].ID))
		if err != nil {
			continue // there is none, as a rule
		}
		for _, d := range doubts {
			if d.State == Dead {
				_ = s.Discard(ctx, d.Lane, d.Seq, ReasonCertain)
			}
		}
	}
	return nil
}
