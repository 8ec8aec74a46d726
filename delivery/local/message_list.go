package local

import (
	"bytes"
	"context"
	"slices"

	"go.etcd.io/bbolt"

	"github.com/voorpoort/voorpoort/delivery"
)

// Messages implements [delivery.Inspector].
func (s *Store) Messages(ctx context.Context, q delivery.MessageQuery) (page []delivery.Message, next uint64, err error) {
	err = s.read(ctx, func(tx *bbolt.Tx) error {
		list := &messageList{q: q, limit: pageSize(q.Limit)}
		messages := tx.Bucket(bucketMessages)
		window := storedBetween(messages, q.Since, q.Until)
		window.from = max(window.from, q.After+1)
		if q.Before > 0 {
			window.to = min(window.to, q.Before)
		}
		var err error
		if q.ID != "" {
			err = list.named(messages, tx.Bucket(bucketNames), window)
		} else {
			err = list.walk(messages, window)
		}
		page, next = list.page, list.next
		return err
	})
	return page, next, err
}

// messageList is a page that is being made.
type messageList struct {
	q      delivery.MessageQuery
	limit  int
	looked int
	page   []delivery.Message
	last   uint64 // that was looked at
	next   uint64
}

// walk looks at messages in the order of the query.
func (l *messageList) walk(messages *bbolt.Bucket, w window) error {
	c := messages.Cursor()
	k, v := c.Seek(seqKey(w.from))
	step := c.Next
	if l.q.Newest {
		step = c.Prev
		k, v = lastBefore(c, seqKey(w.to))
	}
	for ; k != nil && seqOf(k) >= w.from && seqOf(k) < w.to; k, v = step() {
		if more, err := l.look(seqOf(k), v); err != nil || !more {
			return err
		}
	}
	return nil
}

// named looks at those with the query's id, which differ in their source.
func (l *messageList) named(messages, names *bbolt.Bucket, w window) error {
	prefix := idPrefix(l.q.ID)
	var seqs []uint64
	c := names.Cursor()
	for k, v := c.Seek(prefix); bytes.HasPrefix(k, prefix) && len(seqs) < delivery.MaxScan; k, v = c.Next() {
		if seq := seqOf(v); seq >= w.from && seq < w.to {
			seqs = append(seqs, seq)
		}
	}
	slices.Sort(seqs)
	if l.q.Newest {
		slices.Reverse(seqs)
	}
	for _, seq := range seqs {
		if more, err := l.look(seq, messages.Get(seqKey(seq))); err != nil || !more {
			return err
		}
	}
	return nil
}

// look puts a message on the page if it is selected. It is false when the page
// ends before this message.
func (l *messageList) look(seq uint64, raw []byte) (more bool, err error) {
	if len(l.page) == l.limit || l.looked == delivery.MaxScan {
		l.next = l.last
		return false, nil
	}
	l.looked++
	l.last = seq
	body, err := bodyOf(raw)
	if err != nil {
		return false, err
	}
	fields, err := decodeFields(body)
	if err != nil || !fields.selected(&l.q) {
		return err == nil, err
	}
	m, err := decodeMessage(bytes.Clone(body))
	if err != nil {
		return false, err
	}
	m.Seq = seq
	l.page = append(l.page, *m)
	return true, nil
}

// bodyOf gives the part of a stored message that encodeMessage wrote.
func bodyOf(raw []byte) ([]byte, error) {
	d := &decoder{b: raw}
	_ = d.int()
	d.take(4 * uint64(d.count()))
	return d.b, d.err()
}

// messageFields are what messages are selected by; they are parts of the record.
type messageFields struct{ id, source, kind, class, subject []byte }

func decodeFields(body []byte) (f messageFields, err error) {
	d := &decoder{b: body}
	for _, b := range []*[]byte{&f.id, &f.source, &f.kind, &f.class, &f.subject} {
		*b = d.bytes()
	}
	return f, d.err()
}

func (f *messageFields) selected(q *delivery.MessageQuery) bool {
	return like(q.ID, f.id) && like(q.Source, f.source) && like(q.Type, f.kind) && like(q.Subject, f.subject)
}

// like is whether a field is the one that is asked for, if one is.
func like(want string, got []byte) bool { return want == "" || want == string(got) }
