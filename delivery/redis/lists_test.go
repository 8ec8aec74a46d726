package redis

import (
	"cmp"
	"fmt"
	"slices"
	"testing"
	"time"

	goredis "github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"github.com/voorpoort/voorpoort/delivery"
)

// Enough lanes and messages that no list is found by one look.
const (
	listLanes    = 2*placeLanes + 100
	listMessages = 3000
)

// listed is what Deliveries has to list of one delivery.
type listed struct {
	spot
	state delivery.State
}

// fillLists appends messages, each to a lane and to a busy one, settles some, and
// gives their deliveries by lane and position.
func fillLists(t *testing.T, store *Store) (all []listed) {
	t.Helper()
	var batch []delivery.Message
	for i := range listMessages {
		m := message(fmt.Sprint("m", i), "busy", fmt.Sprintf("lane%04d", i*7919%listLanes))
		d := listed{spot{Lane: m.Targets[1].Lane, Seq: uint64(i + 1)}, delivery.Pending}
		switch i % 5 {
		case 0:
			m.Targets[1].Dead, d.state = "dead", delivery.Dead
		case 1:
			m.Targets[1].Skip, d.state = "skipped", delivery.Skipped
		case 2:
			m.Targets[1].Key = "key" // of which one can be leased
		}
		m.Targets[0].Key = fmt.Sprint(i % 2)
		all = append(all, d, listed{spot{Lane: "busy", Seq: uint64(i + 1)}, delivery.Pending})
		if batch = append(batch, m); len(batch) == 250 {
			require.NoError(t, store.Append(t.Context(), batch...))
			batch = nil
		}
	}
	for i, d := range all {
		if d.state == delivery.Pending && i%7 == 0 {
			require.NoError(t, store.Settle(t.Context(), d.Lane, d.Seq))
			all[i].state = delivery.Delivered
		}
	}
	slices.SortFunc(all, func(a, b listed) int {
		return cmp.Or(cmp.Compare(a.Lane, b.Lane), cmp.Compare(a.Seq, b.Seq))
	})
	return all
}

// listAll follows the pages of a query to their end.
func listAll(t *testing.T, store *Store, q delivery.DeliveryQuery) []listed {
	t.Helper()
	all := []listed{}
	for {
		page, err := store.Deliveries(t.Context(), q)
		require.NoError(t, err)
		for _, d := range page {
			all = append(all, listed{spot{Lane: d.Lane, Seq: d.Seq}, d.State})
		}
		if len(page) == 0 {
			return all
		}
		q.After = &all[len(all)-1].spot
	}
}

func TestDeliveriesOfManyLanes(t *testing.T) {
	t.Parallel()
	server := startServer(t, everysec...)
	store := server.open(t, server.config())
	all := fillLists(t, store)
	newest := slices.Clone(all)
	slices.SortFunc(newest, func(a, b listed) int { return newer(a.spot, b.spot) })
	for _, state := range []delivery.State{0, delivery.Pending, delivery.Dead, delivery.Skipped, delivery.Delivered, delivery.Discarded} {
		for _, lane := range []string{"", "busy", "lane0007"} {
			other := func(d listed) bool { return state != 0 && d.state != state || lane != "" && d.Lane != lane }
			q := delivery.DeliveryQuery{Lane: lane, State: state, Limit: 701}
			require.Equal(t, slices.DeleteFunc(slices.Clone(all), other), listAll(t, store, q), "%v of lane %q", state, lane)
			q.Newest = true
			require.Equal(t, slices.DeleteFunc(slices.Clone(newest), other), listAll(t, store, q), "newest %v of lane %q", state, lane)
		}
	}
}

// Where few of a lane are pending they are not looked for among all, also if they
// wait for each other; many are.
func TestPendingOnesThatWaitForOneAnother(t *testing.T) {
	t.Parallel()
	server := startServer(t, everysec...)
	store := server.open(t, server.config())
	for _, n := range []int{5, 1500} {
		lane := fmt.Sprint("lane", n)
		var batch []delivery.Message
		for i := range n {
			m := message(fmt.Sprint(lane, i), lane)
			m.Targets[0].Key = "k"
			batch = append(batch, m)
		}
		require.NoError(t, store.Append(t.Context(), batch...))
		require.Len(t, listAll(t, store, delivery.DeliveryQuery{Lane: lane, State: delivery.Pending, Limit: 1000}), n)
		require.Len(t, listAll(t, store, delivery.DeliveryQuery{Lane: lane, State: delivery.Pending, Newest: true, Limit: 1000}), n)
	}
}

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

// Nobody looks at more than MaxScan rows or messages for one call.
func TestALookHasAnEnd(t *testing.T) {
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

	var batch []delivery.Message
	for i := range delivery.MaxScan + 1000 {
		batch = append(batch, message(fmt.Sprint("m", i)))
		if len(batch) == 1000 {
			require.NoError(t, store.Append(t.Context(), batch...))
			batch = nil
		}
	}
	for _, newest := range []bool{true, false} {
		q := delivery.MessageQuery{Subject: "none", Newest: newest}
		page, next, err := store.Messages(t.Context(), q)
		require.NoError(t, err)
		require.Empty(t, page)
		require.EqualValues(t, map[bool]int{true: 1001, false: delivery.MaxScan}[newest], next)
		q.After, q.Before = map[bool]uint64{false: next}[newest], map[bool]uint64{true: next}[newest]
		_, next, err = store.Messages(t.Context(), q)
		require.NoError(t, err)
		require.Zero(t, next, "that was all")
	}
}

// A server's clock that goes back does not change the order of messages.
func TestMessagesKeepTheirOrderWhenTheClockGoesBack(t *testing.T) {
	t.Parallel()
	server := startServer(t)
	store := server.open(t, server.config())
	require.NoError(t, store.Append(t.Context(), message("m1")))
	c := server.client()
	defer c.Close()
	later := float64(time.Now().Add(time.Hour).UnixMicro())
	require.NoError(t, c.ZAdd(t.Context(), store.anchor+"messages", goredis.Z{Score: later, Member: place(1)}).Err())
	require.NoError(t, store.Append(t.Context(), message("m2")))
	require.NoError(t, store.Append(t.Context(), message("m3")))
	page, next, err := store.Messages(t.Context(), delivery.MessageQuery{After: 1, Newest: true})
	require.NoError(t, err)
	require.Zero(t, next)
	require.Len(t, page, 2)
	require.Equal(t, "m3", page[0].ID)
}

// What Purge has to look at does not grow with the lanes.
func TestPurgeWithManyLanes(t *testing.T) {
	t.Parallel()
	server := startServer(t, everysec...)
	store := server.open(t, server.config())
	fillLists(t, store)
	before := server.usage().commands
	removed, err := store.Purge(t.Context(), time.Now().Add(time.Hour), 0)
	require.NoError(t, err)
	require.Positive(t, removed)
	require.Less(t, server.usage().commands-before, float64(40*listMessages))
	left := listAll(t, store, delivery.DeliveryQuery{State: delivery.Skipped, Newest: true})
	for _, d := range left {
		_, all, err := store.message(t.Context(), nil, place(d.Seq))
		require.NoError(t, err)
		require.Len(t, all, 2, "it is kept with a message that is needed")
	}
}
