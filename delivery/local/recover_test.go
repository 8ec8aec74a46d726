package local

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/voorpoort/voorpoort/delivery"
)

// frozen keeps the index from being written, so that all is in the journal only.
func frozen(t *testing.T, s *Store) {
	t.Helper()
	require.NoError(t, s.flushed(context.Background()))
	s.failCommit = func() error { return errors.New("not now") }
}

// TestATornTail cuts the journal off at each byte of its last record, and then
// has zeros there instead, as a file system may leave it: what was acknowledged
// before is there, once.
func TestATornTail(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := openTest(t, dir, Options{})
	frozen(t, s)
	from := position{s.journal.head.number, s.journal.good}
	appendTest(t, s, testMessage("first", "a"))
	before := s.journal.good
	appendTest(t, s, testMessage("last", "a"))
	after := s.journal.good
	path := filepath.Base(lastSegment(t, dir))
	crash(t, s)
	whole, err := os.ReadFile(filepath.Join(dir, path))
	require.NoError(t, err)

	for size := before; size <= after; size++ {
		for _, zeros := range []int{0, int(after-size) + 100} {
			data := append(slices.Clone(whole[:size]), make([]byte, zeros)...)
			intact := len(data) >= int(after) && bytes.Equal(data[:after], whole[:after])
			copied := copyDir(t, dir)
			require.NoError(t, os.WriteFile(filepath.Join(copied, path), data, 0o600))
			records := 0
			end, err := replay(copied, from, func(kind, []byte, position) error { records++; return nil })
			require.NoError(t, err, "size %d", size)
			if intact {
				require.Equal(t, 2, records)
				continue
			}
			require.Equal(t, 1, records, "size %d", size)
			require.LessOrEqual(t, end.offset, size)
			if size%16 == 0 {
				tornStore(t, copied)
			}
		}
	}
}

// tornStore goes on with a store whose last message was cut off.
func tornStore(t *testing.T, dir string) {
	t.Helper()
	for _, lost := range []bool{true, false} {
		s := openTest(t, dir, Options{})
		require.True(t, has(t, s, "first"))
		require.Equal(t, !lost, has(t, s, "last"))
		appendTest(t, s, testMessage("last", "a"), testMessage("next", "a"))
		require.Len(t, leaseTest(t, s, "a", 10), 3)
		crash(t, s)
	}
}

// TestDamageBehindTheTail changes each byte of a record that others follow: the
// store is not opened, and says where to look.
func TestDamageBehindTheTail(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := openTest(t, dir, Options{})
	frozen(t, s)
	appendTest(t, s, testMessage("first", "a"))
	before := s.journal.good
	appendTest(t, s, testMessage("second", "a"))
	after := s.journal.good
	appendTest(t, s, testMessage("third", "a"))
	path := filepath.Base(lastSegment(t, dir))
	crash(t, s)
	data, err := os.ReadFile(filepath.Join(dir, path))
	require.NoError(t, err)

	for offset := before; offset < after; offset += 3 {
		copied := copyDir(t, dir)
		damage(t, filepath.Join(copied, path), offset, []byte{data[offset] ^ 0x55})
		_, err := Open(copied, Options{})
		var damaged *DamageError
		require.ErrorAs(t, err, &damaged, "offset %d", offset)
		require.Equal(t, filepath.Join(copied, path), damaged.File)
		require.GreaterOrEqual(t, damaged.Offset, before)
		require.LessOrEqual(t, damaged.Offset, offset)
		require.ErrorContains(t, err, "voorpoort salvage")
		// Nothing was changed by the attempt.
		after, err := os.ReadFile(filepath.Join(copied, path))
		require.NoError(t, err)
		require.Len(t, after, len(data))
	}
}

// TestDamageOfAnEarlierFile damages a file that is not the last, which no crash
// does, and removes one.
func TestDamageOfAnEarlierFile(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := openTest(t, dir, Options{SegmentBytes: minSegment})
	frozen(t, s)
	for i := range 60 {
		m := testMessage(fmt.Sprint("m", i), "a")
		m.Event = make([]byte, 500)
		appendTest(t, s, m)
	}
	crash(t, s)
	numbers, err := segmentNumbers(dir)
	require.NoError(t, err)
	require.Greater(t, len(numbers), 4)

	whole := openTest(t, copyDir(t, dir), Options{})
	require.Len(t, leaseTest(t, whole, "a", 100), 60)

	var damaged *DamageError
	cases := map[string]func(path string){
		"cut off":  func(path string) { require.NoError(t, os.Truncate(path, 2000)) },
		"its tail": func(path string) { damage(t, path, 4000, []byte{1, 2, 3, 4}) },
		"its head": func(path string) { damage(t, path, 3, []byte{1, 2, 3, 4}) },
		"removed":  func(path string) { require.NoError(t, os.Remove(path)) },
	}
	for name, harm := range cases {
		copied := copyDir(t, dir)
		harm(segmentPath(copied, numbers[2]))
		_, err = Open(copied, Options{})
		require.ErrorAs(t, err, &damaged, name)
		require.Equal(t, segmentPath(copied, numbers[2]), damaged.File, name)
	}
}

// TestAFileThatWasNeverBegun is what a crash leaves that comes between making a
// file of the journal and writing its head.
func TestAFileThatWasNeverBegun(t *testing.T) {
	t.Parallel()
	for _, size := range []int{0, 1, headerSize - 1, headerSize} {
		dir := t.TempDir()
		s := openTest(t, dir, Options{})
		appendTest(t, s, testMessage("m", "a"))
		next := s.journal.head.number + 1
		crash(t, s)
		require.NoError(t, os.WriteFile(segmentPath(dir, next), make([]byte, size), 0o600))
		s = openTest(t, dir, Options{})
		require.True(t, has(t, s, "m"))
		require.NoError(t, s.Close())

		fresh := t.TempDir()
		require.NoError(t, os.WriteFile(segmentPath(fresh, 1), make([]byte, size), 0o600))
		appendTest(t, openTest(t, fresh, Options{}), testMessage("m", "a"))
	}
}

// TestOpeningTwiceAppliesOnce has a crash after the index has taken the journal
// in, but before the files of the journal are gone.
func TestOpeningTwiceAppliesOnce(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := openTest(t, dir, Options{})
	frozen(t, s)
	require.NoError(t, s.Hold(t.Context(), delivery.Hold{ID: "h", Created: time.Now(), Intent: []byte("{}")}))
	require.NoError(t, s.Hold(t.Context(), delivery.Hold{ID: "kept", Created: time.Now(), Intent: []byte("{}")}))
	require.NoError(t, s.Release(t.Context(), "h", testMessage("m", "a")))
	appendTest(t, s, testMessage("n", "a"))
	crash(t, s)
	for range 3 {
		before := copyDir(t, dir)
		s = openTest(t, dir, Options{})
		crash(t, s)
		// The files of the journal that were removed come back.
		require.NoError(t, copyMissing(before, dir))
	}
	s = openTest(t, dir, Options{})
	require.Len(t, leaseTest(t, s, "a", 10), 2)
	st, err := s.Stats(t.Context(), "a")
	require.NoError(t, err)
	require.EqualValues(t, 2, st.Pending)
	orphans, err := s.Orphans(t.Context(), 10)
	require.NoError(t, err)
	require.Len(t, orphans, 1)
	require.Equal(t, "kept", orphans[0].ID)
}

func copyMissing(from, to string) error {
	numbers, err := segmentNumbers(from)
	if err != nil {
		return err
	}
	for _, n := range numbers {
		if _, err := os.Stat(segmentPath(to, n)); err == nil {
			continue
		}
		data, err := os.ReadFile(segmentPath(from, n))
		if err != nil {
			return err
		}
		if err := os.WriteFile(segmentPath(to, n), data, 0o600); err != nil {
			return err
		}
	}
	return nil
}

// TestTheJournalIsTrimmed: files that the index has taken in are removed.
func TestTheJournalIsTrimmed(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := openTest(t, dir, Options{SegmentBytes: minSegment})
	for i := range 100 {
		m := testMessage(fmt.Sprint("m", i), "a")
		m.Event = make([]byte, 1000)
		appendTest(t, s, m)
	}
	require.NoError(t, s.flushed(t.Context()))
	numbers, err := segmentNumbers(dir)
	require.NoError(t, err)
	require.LessOrEqual(t, len(numbers), 2)
	require.Greater(t, numbers[0], uint64(10))
}
