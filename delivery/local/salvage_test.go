package local

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/voorpoort/voorpoort/delivery"
)

// TestSalvageOfTheJournal damages a record in the middle: the others are kept,
// and the damaged file is moved aside.
func TestSalvageOfTheJournal(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		lost int
		harm func(path string, starts []int64)
	}{
		"one record":   {1, func(path string, at []int64) { damage(t, path, at[4]+markerSize+20, []byte("damage")) }},
		"two in a row": {2, func(path string, at []int64) { damage(t, path, at[4]+2, make([]byte, at[5]-at[4]+30)) }},
		"two apart": {2, func(path string, at []int64) {
			damage(t, path, at[2]+50, []byte("x"))
			damage(t, path, at[6]+50, []byte("x"))
		}},
		"the head":       {0, func(path string, _ []int64) { damage(t, path, 2, []byte("xxxx")) }},
		"head and first": {1, func(path string, at []int64) { damage(t, path, 2, make([]byte, at[0]+40)) }},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			s := openTest(t, dir, Options{})
			frozen(t, s)
			var starts []int64
			for i := range 10 {
				starts = append(starts, s.journal.good)
				appendTest(t, s, testMessage(fmt.Sprint("m", i), "a"))
			}
			path := lastSegment(t, dir)
			crash(t, s)
			c.harm(path, starts)
			_, err := Open(dir, Options{})
			var damaged *DamageError
			require.ErrorAs(t, err, &damaged)

			report, err := Salvage(dir)
			require.NoError(t, err)
			require.Equal(t, 10-c.lost, report.Records)
			require.Positive(t, report.Skipped)
			require.False(t, report.Rebuilt)
			require.Len(t, report.Aside, 1)
			_, err = os.Stat(report.Aside[0])
			require.NoError(t, err, "nothing is removed")

			s = openTest(t, dir, Options{})
			require.Len(t, leaseTest(t, s, "a", 100), 10-c.lost)
			appendTest(t, s, testMessage("more", "a"))
		})
	}
}

// TestSalvageOfAWholeStore changes nothing.
func TestSalvageOfAWholeStore(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := openTest(t, dir, Options{})
	appendTest(t, s, testMessage("m", "a"))
	crash(t, s)
	report, err := Salvage(dir)
	require.NoError(t, err)
	require.Empty(t, report.Aside)
	require.False(t, report.Rebuilt)
	require.Zero(t, report.Skipped)
	require.True(t, has(t, openTest(t, dir, Options{}), "m"))
}

// TestSalvageOfMissingFiles goes on with those that are there.
func TestSalvageOfMissingFiles(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := openTest(t, dir, Options{SegmentBytes: minSegment})
	frozen(t, s)
	for i := range 30 {
		m := testMessage(fmt.Sprint("m", i), "a")
		m.Event = make([]byte, 1000)
		appendTest(t, s, m)
	}
	crash(t, s)
	numbers, err := segmentNumbers(dir)
	require.NoError(t, err)
	require.NoError(t, os.Remove(segmentPath(dir, numbers[3])))
	report, err := Salvage(dir)
	require.NoError(t, err)
	require.Equal(t, []string{segmentPath(dir, numbers[3])}, report.Missing)
	s = openTest(t, dir, Options{})
	got := len(leaseTest(t, s, "a", 100))
	require.Equal(t, report.Records, got)
	require.Greater(t, got, 20)
	require.Less(t, got, 30)
}

// fill makes a store with deliveries in all states, and many of them.
func fill(t *testing.T, dir string, n int) {
	t.Helper()
	s := openTest(t, dir, Options{})
	var messages []delivery.Message
	for i := range n {
		m := testMessage(fmt.Sprintf("m%05d", i), "a", "b")
		m.Targets = append(m.Targets, delivery.Target{Lane: "k", Key: "key"}, delivery.Target{Lane: "s", Skip: "off"}, delivery.Target{Lane: "d", Dead: "bad"})
		m.Event = make([]byte, 500)
		messages = append(messages, m)
	}
	appendTest(t, s, messages...)
	for _, l := range leaseTest(t, s, "a", n/2) {
		o := delivery.Outcome{Lease: l, Verdict: delivery.Done, Attempt: &delivery.Attempt{Lane: "a", Message: l.Message.ID, Seq: l.Message.Seq, Time: time.Now(), Success: true}}
		require.NoError(t, s.Finish(t.Context(), o))
	}
	l := leaseTest(t, s, "k", 10)
	require.Len(t, l, 1)
	require.NoError(t, s.Finish(t.Context(), delivery.Outcome{Lease: l[0], Verdict: delivery.Bury, Park: true}))
	require.NoError(t, s.Hold(t.Context(), delivery.Hold{ID: "h", Created: time.Now(), Intent: []byte("{}")}))
	require.NoError(t, s.Close())
}

// TestSalvageOfTheIndex overwrites pages of the index, at many places: what
// remains can be opened, leased and finished, and most is there.
func TestSalvageOfTheIndex(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	const n = 1500
	fill(t, dir, n)
	info, err := os.Stat(indexPath(dir))
	require.NoError(t, err)
	pages := info.Size() / 4096
	rebuilt, root := 0, rootPage(t, indexPath(dir))
	for i := range int64(12) {
		page := 4 + i*(pages-4)/12
		if page == root {
			continue // see the next test
		}
		copied := copyDir(t, dir)
		noise := make([]byte, 4096)
		for j := range noise {
			noise[j] = byte(j*7 + 13)
		}
		damage(t, indexPath(copied), page*4096, noise)
		report, err := Salvage(copied)
		require.NoError(t, err, "page %d", page)
		s, err := Open(copied, Options{})
		require.NoError(t, err, "page %d", page)
		if report.Rebuilt {
			rebuilt++
			require.Len(t, report.Aside, 1)
			require.Greater(t, report.Index.Messages, n/2, "page %d: %+v", page, report)
		}
		st, err := s.Stats(t.Context(), "b")
		require.NoError(t, err)
		require.Greater(t, st.Pending, uint64(n/2), "page %d: %+v", page, report)
		for _, lane := range []string{"a", "b"} {
			for _, l := range leaseTest(t, s, lane, 100) {
				require.NoError(t, s.Finish(t.Context(), delivery.Outcome{Lease: l, Verdict: delivery.Done}))
			}
		}
		appendTest(t, s, testMessage("more", "a", "k"))
		require.NoError(t, s.Close())
	}
	require.Positive(t, rebuilt)
}

// TestSalvageOfTheRoot: the page with the names of the lanes is lost. The
// messages are there, for lanes whose names are not known.
func TestSalvageOfTheRoot(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	fill(t, dir, 100)
	damage(t, indexPath(dir), rootPage(t, indexPath(dir))*int64(os.Getpagesize()), make([]byte, os.Getpagesize()))
	report, err := Salvage(dir)
	require.NoError(t, err)
	require.True(t, report.Rebuilt)
	require.Equal(t, 100, report.Index.Messages)
	require.Equal(t, 500, report.Index.Again, "what was delivered is pending again")
	s := openTest(t, dir, Options{})
	var lost []delivery.Delivery
	for lane := range 5 {
		page, err := s.Deliveries(t.Context(), delivery.DeliveryQuery{Lane: fmt.Sprintf("lost-lane-%d", lane+1), Limit: 1000})
		require.NoError(t, err)
		lost = append(lost, page...)
	}
	require.Len(t, lost, 500)
}

// TestARebuiltIndexIsTheSame makes an index anew that is not damaged, and finds
// the same in it.
func TestARebuiltIndexIsTheSame(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	fill(t, dir, 300)
	describe := func() (stats []delivery.Stats, all []string) {
		s, err := Open(dir, Options{})
		require.NoError(t, err)
		defer func() { require.NoError(t, s.Close()) }()
		for _, lane := range []string{"a", "b", "k", "s", "d"} {
			st, err := s.Stats(t.Context(), lane)
			require.NoError(t, err)
			stats = append(stats, st)
			page, err := s.Deliveries(t.Context(), delivery.DeliveryQuery{Lane: lane, Limit: 1000})
			require.NoError(t, err)
			for _, d := range page {
				m := *d.Message
				d.Message = nil
				all = append(all, fmt.Sprintf("%+v %s", d, m.Event))
			}
			rows, total, err := s.Attempts(t.Context(), delivery.AttemptQuery{Lane: lane, Limit: 1000})
			require.NoError(t, err)
			all = append(all, fmt.Sprint(len(rows), total))
			leases, next, err := s.Lease(t.Context(), lane, 1000, time.Now())
			require.NoError(t, err)
			all = append(all, fmt.Sprint(len(leases), next.IsZero()))
		}
		return stats, all
	}
	stats, all := describe()
	db, err := openIndex(indexPath(dir), time.Second)
	require.NoError(t, err)
	made, err := openIndex(filepath.Join(dir, "made.db"), time.Second)
	require.NoError(t, err)
	var report IndexReport
	require.NoError(t, copyReadable(made, db, &report))
	require.NoError(t, rebuild(made, dir, &report))
	require.NoError(t, errors.Join(db.Close(), made.Close()))
	require.NoError(t, os.Rename(filepath.Join(dir, "made.db"), indexPath(dir)))
	require.Equal(t, IndexReport{Messages: 300, Deliveries: 1500, Rows: 150, Holds: 1}, report)
	again, allAgain := describe()
	require.Equal(t, stats, again)
	require.Equal(t, all, allAgain)
}

// TestAForeignFile is not taken for an index, and is kept.
func TestAForeignFile(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(indexPath(dir), make([]byte, 100_000), 0o600))
	_, err := Open(dir, Options{})
	var damaged *DamageError
	require.ErrorAs(t, err, &damaged)
	info, err := os.Stat(indexPath(dir))
	require.NoError(t, err)
	require.EqualValues(t, 100_000, info.Size())
	report, err := Salvage(dir)
	require.NoError(t, err)
	require.True(t, report.Rebuilt)
	require.Len(t, report.Aside, 1)
	appendTest(t, openTest(t, dir, Options{}), testMessage("m", "a"))
}
