package e2e_test

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// task is a job of the gateway, as the API shows it.
type task struct {
	ID        string     `json:"id"`
	Kind      string     `json:"kind"`
	State     string     `json:"state"`
	Rate      float64    `json:"rate"`
	Total     int        `json:"total"`
	Done      int        `json:"done"`
	Failed    int        `json:"failed"`
	StartedAt time.Time  `json:"startedAt"`
	EndedAt   *time.Time `json:"endedAt"`
}

// replay begins a job: messages, or dead letters, once more.
func (d *desk) replay(t testing.TB, path, body string) task {
	t.Helper()
	return answered[task](t, d.do(t, http.MethodPost, path, body), http.StatusAccepted)
}

// finished waits for the end of a job.
func (d *desk) finished(t testing.TB, job task) task {
	t.Helper()
	require.Eventually(t, func() bool {
		job = look[task](t, d, "/jobs/"+job.ID)
		return job.State != "running"
	}, 60*time.Second, 20*time.Millisecond)
	return job
}

// archive is a desk with events in its store, e0 and so on, of subjects even and
// odd, and one of another type. One webhook has had those of its type; late is
// one that was made after them.
func archive(t testing.TB, s *storage, events int) (d *desk, late subscribed) {
	t.Helper()
	d = newDesk(t, s, takes, "")
	first := d.subscribe(t, "/first", `"types":["a.b"]`)
	for i, id := range numbered(0, events) {
		subject := "even"
		if i%2 == 1 {
			subject = "odd"
		}
		d.hand(t, happening(id, fmt.Sprintf(`"source":"/s","type":"a.b","subject":%q`, subject)))
	}
	d.hand(t, happening("other", `"source":"/s","type":"c.d","subject":"even"`))
	for _, id := range numbered(0, events) {
		d.awaitStanding(t, id, first.ID, standing.delivered)
	}
	return d, d.subscribe(t, "/late", `"types":["a.b"]`)
}

// TestTheReplayOfAWindow to one webhook: by type, subject and time; each call
// says that it is a replay, and other webhooks are not told.
func TestTheReplayOfAWindow(t *testing.T) {
	t.Parallel()
	onBothStores(t, func(t *testing.T, s *storage) {
		d, late := archive(t, s, 10)
		before := time.Now()
		for _, id := range numbered(10, 12) {
			d.hand(t, happening(id, `"source":"/s","type":"a.b","subject":"odd"`))
		}
		d.receiver.await(t, "/late", 2) // of its own time, and no replays
		for _, c := range d.receiver.at("/late") {
			require.Empty(t, c.Header.Get("Voorpoort-Replay"))
		}
		d.receiver.await(t, "/first", 12)

		to := func(filter string) string { return fmt.Sprintf(`{"webhook":"%d",%s}`, late.ID, filter) }
		for _, c := range []struct {
			filter string
			want   []string
		}{
			{`"subject":"even"`, []string{"e0", "e2", "e4", "e6", "e8"}}, // of its types: not the other
			{`"subject":"even","type":"c.d"`, []string{"other"}},         // a type that is named
			{`"type":"a.b","until":"` + before.UTC().Format(time.RFC3339Nano) + `","subject":"odd"`, []string{"e1", "e3", "e5", "e7", "e9"}},
			{`"since":"` + before.UTC().Format(time.RFC3339Nano) + `"`, []string{"e10", "e11"}},
			{`"type":"a.b","limit":3`, []string{"e0", "e1", "e2"}}, // the oldest
			{`"type":"no.such"`, nil},
		} {
			seen := len(d.receiver.at("/late"))
			job := d.finished(t, d.replay(t, "/replay", to(c.filter)))
			require.Equal(t, "done", job.State, c.filter)
			require.Equal(t, len(c.want), job.Done, c.filter)
			require.Zero(t, job.Failed)
			var got []string
			for _, one := range d.receiver.await(t, "/late", seen+len(c.want))[seen:] {
				require.Equal(t, "true", one.Header.Get("Voorpoort-Replay"))
				got = append(got, one.fact(t).ID)
			}
			require.ElementsMatch(t, c.want, got, c.filter)
		}
		require.Len(t, d.receiver.at("/first"), 12, "other webhooks are not told")
	})
}

// TestAReplayKeepsItsRate within reason, and what is new is not held up by it.
func TestAReplayKeepsItsRate(t *testing.T) {
	t.Parallel()
	onBothStores(t, func(t *testing.T, s *storage) {
		d, late := archive(t, s, 40)
		job := d.replay(t, "/replay", fmt.Sprintf(`{"webhook":"%d","type":"a.b","rate":20}`, late.ID))
		d.hand(t, happening("new", `"source":"/s","type":"a.b"`))
		d.awaitStanding(t, "new", late.ID, standing.delivered)
		require.Equal(t, "running", look[task](t, d, "/jobs/"+job.ID).State)

		job = d.finished(t, job)
		require.Equal(t, 40, job.Done)
		took := job.EndedAt.Sub(job.StartedAt)
		require.GreaterOrEqual(t, took, 1800*time.Millisecond, "39 steps of 50 ms")
		calls := d.receiver.await(t, "/late", 41)
		t.Logf("40 at 20 a second: the job took %v, the calls %v", took, calls[40].At.Sub(calls[0].At))
	})
}

// TestAReplayEndsWithItsConfiguration: a reload ends it, what it has done stays
// done and arrives, it is not there any more, and can be begun again.
func TestAReplayEndsWithItsConfiguration(t *testing.T) {
	t.Parallel()
	onBothStores(t, func(t *testing.T, s *storage) {
		d, late := archive(t, s, 20)
		body := fmt.Sprintf(`{"webhook":"%d","type":"a.b","rate":5}`, late.ID)
		job := d.replay(t, "/replay", body)
		require.Eventually(t, func() bool { return look[task](t, d, "/jobs/"+job.ID).Done >= 3 }, 30*time.Second, 10*time.Millisecond)
		d.rearrange(t, "budget 21s\n", ownerToken)
		afterwards := d.do(t, http.MethodGet, "/jobs/"+job.ID, "")
		require.Equal(t, http.StatusNotFound, afterwards.Status, "jobs end with the configuration")
		began := len(d.receiver.at("/late"))
		require.Less(t, began, 20)

		again := d.finished(t, d.replay(t, "/replay", fmt.Sprintf(`{"webhook":"%d","type":"a.b","rate":1000}`, late.ID)))
		require.Equal(t, 20, again.Done)
		got := map[string]bool{}
		require.Eventually(t, func() bool {
			for _, c := range d.receiver.at("/late") {
				got[c.fact(t).ID] = true
			}
			return len(got) == 20
		}, 30*time.Second, 20*time.Millisecond)
	})
}

// TestAReplayCanBeCancelled, and what would be too much is refused.
func TestAReplayCanBeCancelled(t *testing.T) {
	t.Parallel()
	onBothStores(t, func(t *testing.T, s *storage) {
		d, late := archive(t, s, 5)
		slow := fmt.Sprintf(`{"webhook":"%d","type":"a.b","rate":0.01}`, late.ID)
		jobs := make([]task, 4)
		for i := range jobs {
			jobs[i] = d.replay(t, "/replay", slow)
		}
		require.Equal(t, http.StatusTooManyRequests, d.do(t, http.MethodPost, "/replay", slow).Status)
		for _, job := range jobs {
			require.Equal(t, http.StatusAccepted, d.do(t, http.MethodDelete, "/jobs/"+job.ID, "").Status)
			require.Equal(t, "cancelled", d.finished(t, job).State)
		}
		for body, status := range map[string]int{
			fmt.Sprintf(`{"webhook":"%d"}`, late.ID):                          http.StatusBadRequest,
			fmt.Sprintf(`{"webhook":"%d","type":"a.b","rate":5000}`, late.ID): http.StatusBadRequest,
			fmt.Sprintf(`{"webhook":"%d","type":"a.b","limit":0}`, late.ID):   http.StatusBadRequest,
			`{"webhook":"999","type":"a.b"}`:                                  http.StatusBadRequest,
			`{"type":"a.b"}`:                                                  http.StatusBadRequest,
		} {
			require.Equal(t, status, d.do(t, http.MethodPost, "/replay", body).Status, body)
		}
		reader := insist(t, http.MethodPost, d.address()+"/api/replay", slow, "Authorization: Bearer "+readerToken)
		require.Equal(t, http.StatusForbidden, reader.Status)
	})
}
