package redis

import (
	"context"
	"errors"
	"strconv"

	"github.com/voorpoort/voorpoort/delivery"
)

// documents are the changes of documents by this gateway. There is one at a
// time, so that the server can tell a repeated one by its number.
type documents struct {
	turn chan struct{} // has room for the change that is under way
	last uint64
	news news
}

// The answers of document.lua.
const (
	documentDone = iota
	documentExists
	documentMissing
	documentOther // revision
	documentLate
)

var errLate = errors.New("redis: the change came after a later one")

// Documents implements [delivery.Documents].
func (s *Store) Documents(ctx context.Context, kind string) (all []delivery.Document, err error) {
	for more, last := true, uint64(0); more; {
		answer, err := s.run(ctx, documentsScript, kind, last, maxReply)
		if err != nil {
			return nil, err
		}
		for _, row := range rows(element(answer, 2), 2) {
			d, err := s.document(kind, text(row[0]), text(row[1]))
			if err != nil {
				return nil, err
			}
			all, last = append(all, d), d.Number
		}
		more = number(element(answer, 1)) != 0
	}
	return all, nil
}

// document reads one as documents.lua gives it.
func (s *Store) document(kind, key, raw string) (delivery.Document, error) {
	r := &reader{rest: raw}
	d := delivery.Document{
		Kind: kind, Key: key, Number: uint64(r.time()), Revision: uint64(r.time()),
		Created: s.clock.local(r.time()), Updated: s.clock.local(r.time()),
	}
	if r.rest != "" {
		d.Data = []byte(r.rest)
	}
	return d, r.err
}

// PutDocument implements [delivery.Documents].
func (s *Store) PutDocument(ctx context.Context, d delivery.Document) (delivery.Document, error) {
	if err := d.Validate(); err != nil {
		return delivery.Document{}, err
	}
	answer, err := s.changeDocument(ctx, "put", d.Kind, d.Key, d.Revision, d.Data)
	if err != nil {
		return delivery.Document{}, err
	}
	d.Number, d.Revision = uint64(number(element(answer, 2))), uint64(number(element(answer, 3)))
	d.Created, d.Updated = s.clock.local(number(element(answer, 4))), s.clock.local(number(element(answer, 5)))
	return d, nil
}

// RemoveDocument implements [delivery.Documents].
func (s *Store) RemoveDocument(ctx context.Context, kind, key string, revision uint64) error {
	_, err := s.changeDocument(ctx, "remove", kind, key, revision, nil)
	return err
}

func (s *Store) changeDocument(ctx context.Context, what, kind, key string, revision uint64, data []byte) ([]any, error) {
	select {
	case s.documents.turn <- struct{}{}:
		defer func() { <-s.documents.turn }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	s.documents.last++
	answer, err := s.run(ctx, documentScript, s.owner, s.documents.last, what, kind, key, strconv.FormatUint(revision, 10), data)
	if err != nil {
		return nil, err
	}
	switch number(element(answer, 1)) {
	case documentDone:
		s.documents.news.tell(strconv.FormatInt(number(element(answer, 3)), 10))
		return answer, nil
	case documentExists:
		return nil, delivery.ErrExists
	case documentMissing:
		return nil, delivery.ErrNotFound
	case documentOther:
		return nil, delivery.ErrChanged
	case documentLate:
		return nil, errLate
	}
	return nil, &answerError{op: documentScript.name, err: errAnswer}
}
