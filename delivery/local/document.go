package local

import (
	"bytes"
	"cmp"
	"context"
	"encoding/binary"
	"errors"
	"slices"
	"time"

	"go.etcd.io/bbolt"

	"github.com/voorpoort/voorpoort/delivery"
)

// Documents are few and seldom changed: each change is a small transaction of
// the index, which is durable by itself and has no part in the journal. The
// bucket has an entry for each document, and one with the last Number for each
// kind, whose key is empty. Its sequence is the last Revision.

// documentKey: kind, NUL, key.
func documentKey(kind, key string) []byte {
	b := append(make([]byte, 0, len(kind)+1+len(key)), kind...)
	return append(append(b, 0), key...)
}

// encodeDocument writes what is not in the key.
func encodeDocument(d *delivery.Document) []byte {
	b := make([]byte, 0, 2*binary.MaxVarintLen64+16+len(d.Data))
	b = binary.AppendUvarint(b, d.Number)
	b = binary.AppendUvarint(b, d.Revision)
	b = appendInt(b, nanos(d.Created))
	b = appendInt(b, nanos(d.Updated))
	return append(b, d.Data...)
}

// decodeDocument reads an entry of the bucket; it shares nothing with it. An
// entry with an empty Key is the last Number of its kind.
func decodeDocument(k, v []byte) (delivery.Document, error) {
	kind, key, found := bytes.Cut(k, []byte{0})
	d := &decoder{b: v}
	out := delivery.Document{Kind: string(kind), Key: string(key), Number: d.uint()}
	if len(key) > 0 {
		out.Revision, out.Created, out.Updated = d.uint(), fromNanos(d.int()), fromNanos(d.int())
		out.Data = append([]byte(nil), d.b...)
	} else if len(d.b) > 0 {
		d.fail()
	}
	if !found || len(kind) == 0 {
		d.fail()
	}
	return out, d.err()
}

// Documents implements [delivery.Documents].
func (s *Store) Documents(ctx context.Context, kind string) (all []delivery.Document, err error) {
	if err := s.enter(ctx); err != nil {
		return nil, err
	}
	defer s.leave()
	err = s.view(func(tx *bbolt.Tx) error {
		prefix := documentKey(kind, "")
		c := tx.Bucket(bucketDocuments).Cursor()
		for k, v := c.Seek(prefix); bytes.HasPrefix(k, prefix); k, v = c.Next() {
			if len(k) == len(prefix) {
				continue
			}
			d, err := decodeDocument(k, v)
			if err != nil {
				return err
			}
			all = append(all, d)
		}
		return nil
	})
	slices.SortFunc(all, func(a, b delivery.Document) int { return cmp.Compare(a.Number, b.Number) })
	return all, err
}

// PutDocument implements [delivery.Documents].
func (s *Store) PutDocument(ctx context.Context, d delivery.Document) (delivery.Document, error) {
	if err := d.Validate(); err != nil {
		return delivery.Document{}, err
	}
	if err := s.enter(ctx); err != nil {
		return delivery.Document{}, err
	}
	defer s.leave()
	var out delivery.Document
	err := s.changeDocuments(func(b *bbolt.Bucket) (err error) {
		out, err = putDocument(b, d, s.time().UTC())
		return err
	})
	if err != nil {
		return delivery.Document{}, err
	}
	return out, nil
}

func putDocument(b *bbolt.Bucket, d delivery.Document, now time.Time) (delivery.Document, error) {
	out := delivery.Document{Kind: d.Kind, Key: d.Key, Created: now, Updated: now, Data: bytes.Clone(d.Data)}
	old, err := documentIn(b, d.Kind, d.Key)
	switch {
	case d.Revision == 0 && err == nil:
		return out, delivery.ErrExists
	case d.Revision == 0 && errors.Is(err, delivery.ErrNotFound):
		if out.Number, err = nextNumber(b, d.Kind); err != nil {
			return out, err
		}
	case err != nil:
		return out, err
	case old.Revision != d.Revision:
		return out, delivery.ErrChanged
	default:
		out.Number, out.Created = old.Number, old.Created
	}
	if out.Revision, err = b.NextSequence(); err != nil {
		return out, err
	}
	return out, b.Put(documentKey(d.Kind, d.Key), encodeDocument(&out))
}

func documentIn(b *bbolt.Bucket, kind, key string) (delivery.Document, error) {
	k := documentKey(kind, key)
	v := b.Get(k)
	if v == nil || key == "" {
		return delivery.Document{}, delivery.ErrNotFound
	}
	return decodeDocument(k, v)
}

// nextNumber counts on: a number outlives its document.
func nextNumber(b *bbolt.Bucket, kind string) (uint64, error) {
	key, last := documentKey(kind, ""), uint64(0)
	if v := b.Get(key); v != nil {
		d, err := decodeDocument(key, v)
		if err != nil {
			return 0, err
		}
		last = d.Number
	}
	return last + 1, b.Put(key, binary.AppendUvarint(nil, last+1))
}

// RemoveDocument implements [delivery.Documents].
func (s *Store) RemoveDocument(ctx context.Context, kind, key string, revision uint64) error {
	if err := s.enter(ctx); err != nil {
		return err
	}
	defer s.leave()
	return s.changeDocuments(func(b *bbolt.Bucket) error {
		old, err := documentIn(b, kind, key)
		switch {
		case err != nil:
			return err
		case revision != 0 && old.Revision != revision:
			return delivery.ErrChanged
		}
		if _, err := b.NextSequence(); err != nil {
			return err
		}
		return b.Delete(documentKey(kind, key))
	})
}

// changeDocuments makes a transaction, unless change refuses, and tells those who
// watch.
func (s *Store) changeDocuments(change func(b *bbolt.Bucket) error) error {
	var refused error
	err := s.transact(func(t *tables) error {
		refused = change(t.bucket(bucketDocuments))
		return refused
	})
	switch {
	case refused != nil:
		return refused
	case err == nil:
		s.documents.tell()
	}
	return err
}
