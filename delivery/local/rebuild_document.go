package local

import (
	"bytes"
	"encoding/binary"

	"go.etcd.io/bbolt"
)

// numberGap is what is left out of the numbers of a kind whose last one is lost.
// People see these numbers: it is no larger than it has to be.
const numberGap = 1000

// documents counts them, and has the next Revision and the next Number of each
// kind come behind all that were ever given.
func (r *rebuilder) documents() error {
	return r.write(func(_ *batch, t *tables) error {
		b := t.bucket(bucketDocuments)
		highest, given, revision, err := documentNumbers(b)
		if err != nil {
			return err
		}
		for kind, n := range highest {
			r.report.Documents += n.count
			if last, known := given[kind]; !known || last < n.number {
				t.put(bucketDocuments, documentKey(kind, ""), binary.AppendUvarint(nil, n.number+numberGap))
			}
		}
		return b.SetSequence(revision + sequenceGap)
	})
}

// highestNumber is the highest Number of the documents of a kind that are there,
// and how many these are.
type highestNumber struct {
	number uint64
	count  int
}

func documentNumbers(b *bbolt.Bucket) (highest map[string]highestNumber, given map[string]uint64, revision uint64, err error) {
	highest, given = map[string]highestNumber{}, map[string]uint64{}
	err = b.ForEach(func(k, v []byte) error {
		d, err := decodeDocument(bytes.Clone(k), v)
		if err != nil {
			return err
		}
		if d.Key == "" {
			given[d.Kind] = d.Number
			return nil
		}
		h := highest[d.Kind]
		highest[d.Kind] = highestNumber{max(h.number, d.Number), h.count + 1}
		revision = max(revision, d.Revision)
		return nil
	})
	return highest, given, revision, err
}
