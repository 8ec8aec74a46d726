package redis

import (
	"context"

	"github.com/voorpoort/voorpoort/delivery"
)

// Messages implements [delivery.Inspector].
func (s *Store) Messages(ctx context.Context, q delivery.MessageQuery) ([]delivery.Message, uint64, error) {
	var all []delivery.Message
	q.After, q.Before = atMost(q.After), atMost(q.Before)
	limit, left, last := page(q.Limit), delivery.MaxScan, uint64(0)
	for len(all) < limit && left > 0 {
		answer, err := s.run(ctx, messagesScript, s.messageArguments(&q, limit-len(all), min(scanStep, left))...)
		if err != nil {
			return nil, 0, err
		}
		last = uint64(number(element(answer, 1)))
		left -= int(number(element(answer, 2)))
		for _, row := range rows(element(answer, 3), 2) {
			m, err := decodeMessage(uint64(number(row[0])), text(row[1]))
			if err != nil {
				return nil, 0, err
			}
			all = append(all, *m)
		}
		if last == 0 {
			break
		}
		if q.Newest {
			q.Before = last
		} else {
			q.After = last
		}
	}
	return all, last, nil
}

func (s *Store) messageArguments(q *delivery.MessageQuery, limit, looks int) []any {
	newest, id, marks := int(flag(q.Newest)), []byte(nil), make([]any, 0, 3)
	if q.ID != "" {
		id = digestOfID([]byte(q.ID))
	}
	for _, text := range []string{q.Source, q.Type, q.Subject} {
		if text == "" {
			marks = append(marks, "")
		} else {
			marks = append(marks, mark(text))
		}
	}
	return append([]any{
		newest, q.After, q.Before, s.moment(q.Since), s.moment(q.Until),
		q.ID, q.Source, q.Type, q.Subject, id, limit, looks, maxReply,
	}, marks...)
}
