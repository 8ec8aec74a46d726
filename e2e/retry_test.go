package e2e_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/voorpoort/voorpoort/delivery"
)

// The schedules are too long to be waited for. Between the attempts the gateway
// is stopped, what is pending is made due in its store, and it is started again:
// the count of attempts and the next wait have to survive that.
func TestRetriesFollowTheirSchedule(t *testing.T) {
	t.Parallel()
	const most = 8 // attempts
	schedules := []struct {
		name, options string
		waits         []int // after the first, second ... failed attempt, in seconds
		dead          bool  // after the attempt behind the last wait
	}{
		{"exponential", "", []int{120, 240, 480}, true}, // OR-21 and OR-22
		{"linear", "retry linear 3", []int{300, 600, 900}, true},
		{"fixed", "retry fixed 3", []int{300, 300, 300}, true},
		{"twice", "retry exponential 2", []int{120, 240}, true},
		{"open-notificaties", "retry open-notificaties", []int{25, 100, 400, 1600, 6400, 25600, 52000}, true}, // ON-13, ON-14
		{"payload", "format openregister", []int{120, 240, 480}, true},                                        // OR-22: what the receiver sees
		{"no-409", "no_retry_on 409", nil, true},
	}
	onBothStores(t, func(t *testing.T, s *storage) {
		t.Helper()
		var subscriptions []subscription
		for _, c := range schedules {
			one := subscription{name: c.name, options: c.options, answer: tells(http.StatusInternalServerError, "")}
			switch c.name {
			case "no-409":
				one.answer = tells(http.StatusConflict, "")
			case "open-notificaties":
				one.answer = tells(http.StatusBadRequest, "") // which it retries: ON-13
			}
			subscriptions = append(subscriptions, one)
		}
		d := newDepot(t, s, subscriptions, "")
		for _, c := range schedules {
			d.create(t, c.name, `{}`)
		}
		for attempt := 1; attempt <= most; attempt++ {
			for _, c := range schedules {
				made := min(attempt, len(c.waits)+1)
				l := d.awaitFailures(t, c.name, made)[made-1]
				require.Equal(t, made, l.Attempt)
				if made > len(c.waits) {
					require.Zero(t, l.Next, c.name)
					require.Equal(t, c.dead, l.Dead, c.name)
					continue
				}
				require.False(t, l.Dead, c.name)
				requireDue(t, time.Duration(c.waits[made-1])*time.Second, l)
			}
			d.stop(t)
			makeDue(t, s)
			if attempt < most {
				d.run(t)
			}
		}
		store := s.open(t)
		for _, c := range schedules {
			rows := attempts(t, store, c.name)
			require.Len(t, rows, len(c.waits)+1, c.name)
			for i, row := range rows {
				require.Equal(t, i+1, row.Number, c.name)
			}
			require.Equal(t, delivery.Dead, kept(t, store, c.name)[0].State, c.name)
		}
		for i, c := range d.receiver.at("/payload") {
			var payload orPayload
			require.NoError(t, json.Unmarshal([]byte(c.Body), &payload))
			require.Equal(t, i+1, payload.Attempt)
		}
	})
}

// makeDue makes everything due that waits for its next attempt.
func makeDue(t *testing.T, s *storage) {
	t.Helper()
	store, err := s.store(t)
	require.NoError(t, err)
	for _, one := range kept(t, store, "") {
		if one.State == delivery.Pending {
			require.NoError(t, store.Replay(t.Context(), one.Lane, one.Seq, time.Now()))
		}
	}
	require.NoError(t, store.Close())
}

// TestADeliveryIsTriedAgainByItself waits for it: the first retry of Standard
// Webhooks is after five seconds.
func TestADeliveryIsTriedAgainByItself(t *testing.T) {
	t.Parallel()
	onBothStores(t, func(t *testing.T, s *storage) {
		t.Helper()
		var failed atomic.Bool
		d := newDepot(t, s, []subscription{{name: "again", options: "retry standard-webhooks", answer: func(w http.ResponseWriter, c call) {
			if !failed.Swap(true) {
				w.WriteHeader(http.StatusBadRequest) // as Open Notificaties retries it: ON-13
				return
			}
			takes(w, c)
		}}}, "")
		got := d.create(t, "again", `{"title":"t"}`)
		calls := d.told(t, "again", 2)
		wait := calls[1].At.Sub(calls[0].At)
		require.GreaterOrEqual(t, wait, 4500*time.Millisecond)
		require.Less(t, wait, 12*time.Second)
		require.Equal(t, calls[0].Body, calls[1].Body, "the same event to the byte")
		require.Equal(t, got.Header.Get("Voorpoort-Event-Id"), calls[1].fact(t).ID)
		d.stop(t)
		store := s.open(t)
		stats, err := store.Stats(t.Context(), "again")
		require.NoError(t, err)
		require.Equal(t, fmt.Sprint([]uint64{2, 1, 1, 0, 0}),
			fmt.Sprint([]uint64{stats.Total, stats.Successful, stats.Failed, stats.Pending, stats.Dead}))
	})
}
