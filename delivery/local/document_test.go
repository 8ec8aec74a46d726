package local

import (
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.etcd.io/bbolt"

	"github.com/voorpoort/voorpoort/delivery"
)

func putTest(t testing.TB, s *Store, d delivery.Document) delivery.Document {
	t.Helper()
	out, err := s.PutDocument(t.Context(), d)
	require.NoError(t, err)
	return out
}

func documentsTest(t testing.TB, s *Store) []delivery.Document {
	t.Helper()
	all, err := s.Documents(t.Context(), "webhook")
	require.NoError(t, err)
	return all
}

func webhookTest(key string) delivery.Document {
	return delivery.Document{Kind: "webhook", Key: key, Data: []byte(strings.Repeat(key, 100))}
}

// TestADocumentThatCannotBeWritten is not there, and takes no number.
func TestADocumentThatCannotBeWritten(t *testing.T) {
	t.Parallel()
	s := openTest(t, t.TempDir(), Options{})
	first := putTest(t, s, webhookTest("a"))
	full := errors.New("no space left on device")
	s.failCommit = func() error { return full }
	_, err := s.PutDocument(t.Context(), webhookTest("b"))
	require.ErrorIs(t, err, full)
	_, err = s.PutDocument(t.Context(), first)
	require.ErrorIs(t, err, full)
	require.ErrorIs(t, s.RemoveDocument(t.Context(), "webhook", "a", 0), full)
	require.Equal(t, []delivery.Document{first}, documentsTest(t, s))
	s.failCommit = nil
	require.EqualValues(t, 2, putTest(t, s, webhookTest("b")).Number)
}

// TestDocumentsSurviveACompaction, and so do the numbers of those that were
// removed.
func TestDocumentsSurviveACompaction(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := openTest(t, dir, Options{})
	kept, gone := putTest(t, s, webhookTest("kept")), putTest(t, s, webhookTest("gone"))
	require.NoError(t, s.RemoveDocument(t.Context(), "webhook", "gone", gone.Revision))
	require.NoError(t, s.Close())
	_, _, err := Compact(dir)
	require.NoError(t, err)
	s = openTest(t, dir, Options{})
	require.Equal(t, []delivery.Document{kept}, documentsTest(t, s))
	again := putTest(t, s, webhookTest("gone"))
	require.EqualValues(t, 3, again.Number)
	require.Greater(t, again.Revision, gone.Revision)
}

// TestSalvageOfDocuments damages each page of an index in turn: a document is
// whole or not there, and no number or revision is given twice.
func TestSalvageOfDocuments(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := openTest(t, dir, Options{})
	const n = 200
	known := map[string]delivery.Document{}
	last := uint64(0)
	for i := range n {
		d := putTest(t, s, webhookTest(fmt.Sprintf("k%03d", i)))
		known[d.Key], last = d, d.Revision
	}
	require.NoError(t, s.Close())
	_, _, err := Compact(dir) // so that no page is out of use
	require.NoError(t, err)
	info, err := os.Stat(indexPath(dir))
	require.NoError(t, err)
	size := int64(os.Getpagesize())
	require.Less(t, info.Size(), int64(1<<20))
	noise := []byte(strings.Repeat("\x13\xe7", int(size)/2))
	kept := 0
	for page := int64(2); page < info.Size()/size; page++ {
		copied := copyDir(t, dir)
		damage(t, indexPath(copied), page*size, noise)
		report, err := Salvage(copied)
		require.NoError(t, err, "page %d", page)
		s := openTest(t, copied, Options{})
		all := documentsTest(t, s)
		if report.Rebuilt {
			require.Equal(t, len(all), report.Index.Documents, "page %d", page)
		}
		kept = max(kept, report.Index.Documents)
		for _, d := range all {
			require.Equal(t, known[d.Key], d, "page %d", page)
		}
		if len(all) > 0 {
			fresh := putTest(t, s, webhookTest("new"))
			require.Greater(t, fresh.Number, all[len(all)-1].Number, "page %d", page)
			require.True(t, fresh.Revision > last || len(all) < n, "page %d", page)
		}
		require.NoError(t, s.Close())
		require.NoError(t, os.RemoveAll(copied))
	}
	require.Greater(t, kept, n/2, "a page of many is damaged, the others are kept")
	require.Less(t, kept, n+1)
}

// TestNumbersAfterTheLastOneWasLost come behind all that can have been given.
func TestNumbersAfterTheLastOneWasLost(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		last *uint64 // that the index tells; nil for none
		want uint64
	}{
		"known":    {new(uint64(9)), 10},
		"lost":     {nil, 5 + numberGap + 1},
		"too low":  {new(uint64(2)), 5 + numberGap + 1},
		"just so":  {new(uint64(5)), 6},
		"far more": {new(uint64(5000)), 5001},
	} {
		s := openTest(t, t.TempDir(), Options{})
		err := s.db.Update(func(tx *bbolt.Tx) error {
			b := tx.Bucket(bucketDocuments)
			d := delivery.Document{Kind: "webhook", Key: "k", Number: 5, Revision: 7}
			require.NoError(t, b.Put(documentKey("webhook", "k"), encodeDocument(&d)))
			if test.last != nil {
				require.NoError(t, b.Put(documentKey("webhook", ""), binary.AppendUvarint(nil, *test.last)))
			}
			return nil
		})
		require.NoError(t, err)
		r := &rebuilder{s: s, report: &IndexReport{}}
		require.NoError(t, r.documents())
		require.Equal(t, 1, r.report.Documents)
		fresh := putTest(t, s, webhookTest("new"))
		require.Equal(t, test.want, fresh.Number, name)
		require.EqualValues(t, 7+sequenceGap+1, fresh.Revision)
	}
}
