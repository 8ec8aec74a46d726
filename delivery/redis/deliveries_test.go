package redis

import (
	"cmp"
	"fmt"
	"slices"
	"testing"
	"time"

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
