package e2e_test

import (
	"fmt"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// fetched is what a pull gives.
type fetched struct {
	Messages []struct {
		ID      uint64     `json:"id"`
		EventID string     `json:"eventId"`
		Event   fact       `json:"event"`
		Lease   *time.Time `json:"lease"`
	} `json:"messages"`
	Cursor *string `json:"cursor"`
}

// events are the ids of the events that were fetched.
func (f *fetched) events() []string {
	all := make([]string, len(f.Messages))
	for i, one := range f.Messages {
		all[i] = one.EventID
	}
	return all
}

// acknowledgement is the answer to an acknowledgement.
type acknowledgement struct {
	Acknowledged int  `json:"acknowledged"`
	More         bool `json:"more"`
}

// hatch is where a subscriber of style pull fetches.
type hatch struct {
	*desk

	path string
}

// newHatch makes a subscription of style pull on which so many events wait: e0,
// e1 and so on, which were handed in one after the other.
func newHatch(t testing.TB, s *storage, pending int) *hatch {
	t.Helper()
	d := newDesk(t, s, takes, "")
	made := answered[subscribed](t, d.do(t, http.MethodPost, "/events/subscriptions", `{"style":"pull","types":["a.b"]}`), http.StatusOK)
	require.Equal(t, "pull", made.Style)
	for i := range pending {
		d.hand(t, happening(fmt.Sprint("e", i), `"source":"/s","type":"a.b"`))
	}
	return &hatch{d, fmt.Sprint("/events/subscriptions/", made.ID)}
}

func (h *hatch) pull(t testing.TB, query string) *fetched {
	t.Helper()
	return look[*fetched](t, h.desk, h.path+"/pull"+query)
}

func (h *hatch) acknowledge(t testing.TB, body string) acknowledgement {
	t.Helper()
	return answered[acknowledgement](t, h.do(t, http.MethodPost, h.path+"/acknowledge", body), http.StatusOK)
}

// numbered are the ids of events in order.
func numbered(from, to int) []string {
	ids := make([]string, 0, to-from)
	for i := from; i < to; i++ {
		ids = append(ids, fmt.Sprint("e", i))
	}
	return ids
}

// TestFetchingByLooks is case OC-12: oldest first, a hundred at a time, without
// overlap; what is not acknowledged is given again, also after a crash, and what
// is acknowledged never.
func TestFetchingByLooks(t *testing.T) {
	t.Parallel()
	onBothStores(t, func(t *testing.T, s *storage) {
		h := newHatch(t, s, 250)
		first := h.pull(t, "")
		require.Equal(t, numbered(0, 100), first.events())
		require.Contains(t, *first.Cursor, fmt.Sprint(first.Messages[99].ID))
		second := h.pull(t, "?cursor="+*first.Cursor)
		require.Equal(t, numbered(100, 200), second.events())
		third := h.pull(t, "?cursor="+*second.Cursor)
		require.Equal(t, numbered(200, 250), third.events())
		require.Nil(t, h.pull(t, "?cursor="+*third.Cursor).Cursor)

		require.Equal(t, acknowledgement{Acknowledged: 200}, h.acknowledge(t, `{"cursor":"`+*second.Cursor+`"}`))
		require.Equal(t, acknowledgement{}, h.acknowledge(t, `{"cursor":"`+*second.Cursor+`"}`), "once more changes nothing")
		h.kill(t)
		h.run(t)
		require.Equal(t, numbered(200, 250), h.pull(t, "").events())
		require.Equal(t, acknowledgement{Acknowledged: 50}, h.acknowledge(t, `{"cursor":"`+*third.Cursor+`"}`), "a cursor outlives the program")
		require.Empty(t, h.pull(t, "").Messages)
	})
}

// TestFetchingWithLeases: callers side by side get each message once, and what
// one of them does not acknowledge is given to another when its lease is over.
func TestFetchingWithLeases(t *testing.T) {
	t.Parallel()
	onBothStores(t, func(t *testing.T, s *storage) {
		const pending, callers = 250, 5
		h := newHatch(t, s, pending)
		forgotten := h.pull(t, "?limit=3&lease=3")
		require.Equal(t, numbered(0, 3), forgotten.events())
		require.NotNil(t, forgotten.Messages[0].Lease)
		require.Nil(t, forgotten.Cursor)

		var mu sync.Mutex
		got := map[string]int{}
		var group sync.WaitGroup
		for range callers {
			group.Go(func() {
				for {
					page := h.pull(t, "?limit=17&lease=60")
					if len(page.Messages) == 0 {
						return
					}
					ids := make([]byte, 0, 100)
					mu.Lock()
					for _, one := range page.Messages {
						got[one.EventID]++
						ids = fmt.Appendf(ids, ",%d", one.ID)
					}
					mu.Unlock()
					if done := h.acknowledge(t, `{"messages":[`+string(ids[1:])+`]}`); done.Acknowledged != len(page.Messages) {
						t.Errorf("%d of %d were acknowledged", done.Acknowledged, len(page.Messages))
					}
				}
			})
		}
		group.Wait()
		for id, times := range got {
			require.Equal(t, 1, times, id)
		}
		require.GreaterOrEqual(t, len(got), pending-3)
		if len(got) == pending {
			return // the short lease was over already
		}
		require.Eventually(t, func() bool { return len(h.pull(t, "?lease=60").Messages) == 3 }, 30*time.Second, 50*time.Millisecond,
			"what was not acknowledged is given again")
	})
}

// TestWhatCannotBeFetched are cases OC-11 and OC-13, and what a lease needs.
func TestWhatCannotBeFetched(t *testing.T) {
	t.Parallel()
	onBothStores(t, func(t *testing.T, s *storage) {
		h := newHatch(t, s, 0)
		require.JSONEq(t, `{"messages":[],"cursor":null}`, h.do(t, http.MethodGet, h.path+"/pull", "").Body)
		require.JSONEq(t, `{"messages":[],"cursor":null}`, h.do(t, http.MethodGet, h.path+"/pull?lease=5", "").Body)

		push := h.subscribe(t, "/x", `"types":["a.b"]`)
		got := h.do(t, http.MethodGet, fmt.Sprintf("/events/subscriptions/%d/pull", push.ID), "")
		require.Equal(t, "Subscription is not pull-based", answered[struct{ Error string }](t, got, http.StatusBadRequest).Error)

		reader := "Authorization: Bearer " + readerToken
		h.hand(t, happening("e1", `"source":"/s","type":"a.b","data":"s3cret-of-a-person"`))
		require.Equal(t, http.StatusForbidden, insist(t, http.MethodGet, h.address()+"/api"+h.path+"/pull?lease=5", "", reader).Status)
		seen := insist(t, http.MethodGet, h.address()+"/api"+h.path+"/pull", "", reader)
		require.Equal(t, http.StatusOK, seen.Status)
		require.Contains(t, seen.Body, `"redacted"`)
		require.NotContains(t, seen.Body, "s3cret-of-a-person")
		for _, query := range []string{"?cursor=x", "?limit=0", "?limit=1001", "?lease=3601"} {
			require.Equal(t, http.StatusBadRequest, h.do(t, http.MethodGet, h.path+"/pull"+query, "").Status, query)
		}
		require.Equal(t, http.StatusBadRequest, h.do(t, http.MethodPost, h.path+"/acknowledge", `{}`).Status)
	})
}
