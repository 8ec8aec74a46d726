package local

import (
	"encoding/binary"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.etcd.io/bbolt"
)

// branchPages are the upper pages of an index: those that other pages hang on.
func branchPages(t *testing.T, path string, size int) (numbers []int64) {
	t.Helper()
	data, err := os.ReadFile(path)
	require.NoError(t, err)
	for at := 0; at+pageHead <= len(data); at += size {
		number := binary.LittleEndian.Uint64(data[at:])
		if number == uint64(at/size) && binary.LittleEndian.Uint16(data[at+8:]) == 0x01 {
			numbers = append(numbers, int64(number))
		}
	}
	return numbers
}

// rootPage is the page with the names of all buckets, and with the buckets that
// are small.
func rootPage(t *testing.T, path string) (number int64) {
	t.Helper()
	data, err := os.ReadFile(path)
	require.NoError(t, err)
	newest := uint64(0)
	for _, meta := range [][]byte{data[pageHead:], data[os.Getpagesize()+pageHead:]} {
		if transaction := binary.LittleEndian.Uint64(meta[48:]); transaction >= newest {
			newest, number = transaction, int64(binary.LittleEndian.Uint64(meta[16:]))
		}
	}
	return number
}

// TestSalvageBelowADamagedPage: what hangs on it is found page by page.
func TestSalvageBelowADamagedPage(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	const n = 1500
	fill(t, dir, n)
	size := os.Getpagesize()
	noise := make([]byte, size)
	for i := range noise {
		noise[i] = byte(i*7 + 13)
	}
	branches := branchPages(t, indexPath(dir), size)
	require.NotEmpty(t, branches)
	rebuilt := 0
	for _, page := range branches {
		copied := copyDir(t, dir)
		damage(t, indexPath(copied), page*int64(size), noise)
		report, err := Salvage(copied)
		require.NoError(t, err, "page %d", page)
		s, err := Open(copied, Options{})
		require.NoError(t, err, "page %d", page)
		if report.Rebuilt {
			rebuilt++
			require.Equal(t, n, report.Index.Messages, "page %d: %+v", page, report)
			require.Equal(t, 5*n, report.Index.Deliveries+report.Index.Again, "page %d: %+v", page, report)
			t.Logf("page %d: %+v", page, report.Index)
		}
		st, err := s.Stats(t.Context(), "b")
		require.NoError(t, err)
		require.EqualValues(t, n, st.Pending, "page %d: %+v", page, report)
		require.NoError(t, s.Close())
	}
	require.Positive(t, rebuilt)
}

// leavesOf are the leaf pages of an index, in use or not.
func leavesOf(t *testing.T, path string, size int) (numbers []int64) {
	t.Helper()
	data, err := os.ReadFile(path)
	require.NoError(t, err)
	for n := range int64(len(data) / size) {
		if _, ok := leafHead(data[n*int64(size):], uint64(n)); ok {
			numbers = append(numbers, n)
		}
	}
	return numbers
}

// TestSalvageOfALeafPage: what was on it is lost, and no more than that.
func TestSalvageOfALeafPage(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	const n = 1500
	fill(t, dir, n)
	size, root := os.Getpagesize(), rootPage(t, indexPath(dir))
	leaves := leavesOf(t, indexPath(dir), size)
	rebuilt := 0
	for i := 0; i < len(leaves); i += 10 {
		page := leaves[i]
		if page == root {
			continue // see TestSalvageOfTheRoot
		}
		copied := copyDir(t, dir)
		damage(t, indexPath(copied), page*int64(size), make([]byte, size))
		report, err := Salvage(copied)
		require.NoError(t, err, "page %d", page)
		s, err := Open(copied, Options{})
		require.NoError(t, err, "page %d", page)
		if report.Rebuilt {
			rebuilt++
			require.GreaterOrEqual(t, report.Index.Messages, n*95/100, "page %d: %+v", page, report)
			require.GreaterOrEqual(t, report.Index.Deliveries+report.Index.Again, 5*n*95/100, "page %d: %+v", page, report)
		}
		require.NoError(t, s.Close())
	}
	require.Positive(t, rebuilt)
}

// TestFoundMessagesReplaceNone: a page may be older than what has been copied.
func TestFoundMessagesReplaceNone(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	fill(t, dir, 20)
	from, err := openIndex(indexPath(dir), time.Second)
	require.NoError(t, err)
	to, err := openIndex(dir+"/made.db", time.Second)
	require.NoError(t, err)
	key := seqKey(3)
	require.NoError(t, putAll(to, bucketMessages, []pair{{key, []byte("copied")}}))
	require.NoError(t, findMessages(to, from, true))
	require.NoError(t, to.View(func(tx *bbolt.Tx) error {
		require.Equal(t, "copied", string(tx.Bucket(bucketMessages).Get(key)))
		require.Equal(t, 20, countKeys(tx.Bucket(bucketMessages).Cursor()))
		return nil
	}))
	require.NoError(t, to.Close())
	require.NoError(t, from.Close())
}

func TestEntriesOfALeafPage(t *testing.T) {
	t.Parallel()
	path := t.TempDir() + "/db"
	db, err := bbolt.Open(path, 0o600, nil)
	require.NoError(t, err)
	large := make([]byte, 3*os.Getpagesize())
	require.NoError(t, db.Update(func(tx *bbolt.Tx) error {
		b, err := tx.CreateBucket([]byte("things"))
		if err != nil {
			return err
		}
		for k, v := range map[string][]byte{"a": []byte("1"), "b": large, "c": nil} {
			if err := b.Put([]byte(k), v); err != nil {
				return err
			}
		}
		return nil
	}))
	require.NoError(t, db.Close())
	found := map[string]int{}
	require.NoError(t, eachLeaf(path, os.Getpagesize(), func(e pair) error {
		found[string(e.k)] = len(e.v)
		return nil
	}))
	require.Equal(t, map[string]int{"a": 1, "b": len(large), "c": 0}, found)
}

// FuzzLeafPage: whatever is on a page, entries are within it.
func FuzzLeafPage(f *testing.F) {
	page := make([]byte, 64)
	binary.LittleEndian.PutUint16(page[8:], pageLeaf)
	binary.LittleEndian.PutUint16(page[10:], 1)
	binary.LittleEndian.PutUint32(page[20:], 16)
	binary.LittleEndian.PutUint32(page[24:], 8)
	binary.LittleEndian.PutUint32(page[28:], 24)
	f.Add(page)
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, data []byte) {
		entries := leafEntries(data)
		require.LessOrEqual(t, len(entries)*leafElement, len(data))
		for _, e := range entries {
			require.LessOrEqual(t, len(e.k)+len(e.v), len(data))
			_ = readable(bucketMessages, e.k, e.v)
		}
	})
}
