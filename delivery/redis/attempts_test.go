package redis

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/voorpoort/voorpoort/delivery"
)

// fillLog writes rows: every fourth failed, of two lanes and three types. It gives
// them from new to old.
func fillLog(t *testing.T, store *Store, n int) (rows []delivery.Attempt) {
	t.Helper()
	var batch []delivery.Outcome
	for i := range n {
		m := delivery.Message{ID: fmt.Sprint("m", i%100), Seq: uint64(i%100) + 1}
		a := &delivery.Attempt{
			Lane: fmt.Sprint("lane", i/3%2), Message: m.ID, Seq: m.Seq,
			Type: fmt.Sprint("type", i%3), Time: time.Now(), Success: i%4 != 0,
		}
		batch = append(batch, delivery.Outcome{Lease: delivery.Lease{Lane: a.Lane, Message: &m}, Verdict: delivery.Done, Attempt: a})
		if len(batch) == 500 || i == n-1 {
			require.NoError(t, store.Finish(t.Context(), batch...))
			batch = nil
		}
	}
	for q := (delivery.AttemptQuery{Limit: 1000}); len(rows) < n; q.Before = rows[len(rows)-1].ID {
		page, total, err := store.Attempts(t.Context(), q)
		require.NoError(t, err)
		require.EqualValues(t, n, total)
		require.NotEmpty(t, page)
		rows = append(rows, page...)
	}
	return rows
}

func TestPagesAnywhereInALongLog(t *testing.T) {
	t.Parallel()
	server := startServer(t, everysec...)
	store := server.open(t, server.config())
	rows := fillLog(t, store, 9000)
	yes, no := true, false
	for name, q := range map[string]delivery.AttemptQuery{
		"all":                    {},
		"successes":              {Success: &yes},
		"failures":               {Success: &no},
		"a lane":                 {Lane: "lane1"},
		"successes of a lane":    {Lane: "lane1", Success: &yes},
		"failures of a lane":     {Lane: "lane0", Success: &no},
		"a type":                 {Type: "type1"},
		"successes of a type":    {Type: "type2", Success: &yes},
		"a message":              {Message: "m77"},
		"a message and its lane": {Message: "m77", Lane: "lane1"},
	} {
		want := slices.DeleteFunc(slices.Clone(rows), func(a delivery.Attempt) bool {
			return q.Success != nil && a.Success != *q.Success || q.Lane != "" && a.Lane != q.Lane ||
				q.Type != "" && a.Type != q.Type || q.Message != "" && a.Message != q.Message
		})
		for _, before := range []uint64{0, 8888, 6001, 100} {
			rest := slices.DeleteFunc(slices.Clone(want), func(a delivery.Attempt) bool { return before > 0 && a.ID >= before })
			for _, offset := range []int{0, 1, 999, 1000, 1001, 2500, 4000, 8990} {
				q.Before, q.Offset, q.Limit = before, offset, 10
				got, total, err := store.Attempts(t.Context(), q)
				require.NoError(t, err)
				require.EqualValues(t, len(want), total, name)
				from := min(offset, len(rest))
				require.Equal(t, attemptIDs(rest[from:min(from+10, len(rest))]), attemptIDs(got), "%s before %d, offset %d", name, before, offset)
			}
		}
	}
}

func attemptIDs(rows []delivery.Attempt) []uint64 {
	all := make([]uint64, 0, len(rows))
	for _, a := range rows {
		all = append(all, a.ID)
	}
	return all
}

// The times of rows go with the rows, and those that are left can be found by
// theirs.
func TestTimesOfRowsGoWithThem(t *testing.T) {
	t.Parallel()
	server := startServer(t, everysec...)
	store := server.open(t, server.config())
	finish := func(age time.Duration) {
		m := delivery.Message{ID: "m", Seq: 1}
		a := &delivery.Attempt{Lane: "a", Message: "m", Time: time.Now().Add(-age)}
		require.NoError(t, store.Finish(t.Context(), delivery.Outcome{Lease: delivery.Lease{Lane: "a", Message: &m}, Verdict: delivery.Done, Attempt: a}))
		time.Sleep(5 * time.Millisecond)
	}
	for range 20 {
		finish(time.Hour)
	}
	finish(0)
	middle := time.Now()
	finish(0)
	_, err := store.Purge(t.Context(), time.Now().Add(-time.Minute), 0)
	require.NoError(t, err)
	c := server.client()
	defer c.Close()
	require.EqualValues(t, 2, c.ZCard(t.Context(), store.anchor+"logt").Val())
	for q, want := range map[delivery.AttemptQuery]int{{}: 2, {Since: middle}: 1, {Until: middle}: 1, {Since: time.Now()}: 0} {
		rows, total, err := store.Attempts(t.Context(), q)
		require.NoError(t, err)
		require.Len(t, rows, want)
		require.EqualValues(t, want, total)
	}
}

// Nobody looks at more than MaxScan rows for one call.
func TestALookAtTheLogHasAnEnd(t *testing.T) {
	t.Parallel()
	server := startServer(t, everysec...)
	store := server.open(t, server.config())
	fillLog(t, store, delivery.MaxScan+3000)
	rows, total, err := store.Attempts(t.Context(), delivery.AttemptQuery{Type: "type1", Limit: 1})
	require.NoError(t, err)
	require.Len(t, rows, 1)
	require.InDelta(t, delivery.MaxScan/3, total, 1)
	_, total, err = store.Attempts(t.Context(), delivery.AttemptQuery{Since: time.Now().Add(-time.Hour)})
	require.NoError(t, err)
	require.EqualValues(t, delivery.MaxScan, total, "which stands for more")
	rows, total, err = store.Attempts(t.Context(), delivery.AttemptQuery{Type: "none"})
	require.NoError(t, err)
	require.Empty(t, rows)
	require.Zero(t, total)
}
