package e2e_test

import (
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/voorpoort/voorpoort/delivery"
)

// TestAnOrderedWebhookKeepsTheOrder of each subject, also over an event that
// fails at first. Other subjects do not wait.
func TestAnOrderedWebhookKeepsTheOrder(t *testing.T) {
	t.Parallel()
	onBothStores(t, func(t *testing.T, s *storage) {
		t.Helper()
		first := func() func(http.ResponseWriter, call) {
			var failed atomic.Bool
			return func(w http.ResponseWriter, c call) {
				if strings.Contains(c.Body, `"slow"`) && !failed.Swap(true) {
					w.WriteHeader(http.StatusInternalServerError)
					return
				}
				takes(w, c)
			}
		}
		failing := func(w http.ResponseWriter, c call) {
			if strings.Contains(c.Body, `"slow"`) {
				w.WriteHeader(http.StatusInternalServerError)
				return
			}
			takes(w, c)
		}
		d := newDepot(t, s, []subscription{
			{name: "park", options: "ordered;retry standard-webhooks", answer: first()},
			{name: "hold", options: "ordered hold;retry standard-webhooks", answer: first()},
			{name: "parked", options: "ordered park;retry off", answer: failing},
			{name: "skipped", options: "ordered skip-after 1", answer: failing},
			{name: "free", options: "retry standard-webhooks", answer: first()},
		}, "")
		names := []string{"park", "hold", "parked", "skipped", "free"}
		for _, name := range names {
			path := objectsOf(name)
			for _, body := range []string{`{"n":1,"k":"slow"}`, `{"n":2}`, `{"n":3}`} {
				require.Equal(t, http.StatusOK, send(t, http.MethodPut, d.URL+path+"/1", body).Status)
			}
			require.Equal(t, http.StatusOK, send(t, http.MethodPut, d.URL+path+"/2", `{"n":9}`).Status)
		}
		for name, want := range map[string][]string{
			"park":    {`1`, `1`, `2`, `3`},
			"hold":    {`1`, `1`, `2`, `3`},
			"parked":  {`1`},
			"skipped": {`1`, `2`, `3`},
		} {
			calls := d.told(t, name, len(want)+1)
			require.Equal(t, want, ofSubject(t, calls, "/1"), name)
			require.Equal(t, []string{`9`}, ofSubject(t, calls, "/2"), name)
		}
		for _, name := range []string{"park", "hold"} {
			calls := d.told(t, name, 5)
			require.Contains(t, calls[len(calls)-3].Body, `"n":1`, "%s: the other subject has not waited", name)
			require.NotEmpty(t, calls[0].fact(t).Sequence)
		}
		require.Contains(t, d.told(t, "free", 5)[4].Body, `"n":1`, "without order nobody waits")
		d.stop(t)
		store := s.open(t)
		require.Equal(t, []delivery.State{delivery.Dead, delivery.Pending, delivery.Pending, delivery.Delivered}, states(t, store, "parked"))
		require.Equal(t, []delivery.State{delivery.Dead, delivery.Delivered, delivery.Delivered, delivery.Delivered}, states(t, store, "skipped"))
		for _, one := range kept(t, store, "parked")[1:3] {
			require.True(t, one.Waiting)
		}
	})
}

// ofSubject are the values of n in the calls about one thing.
func ofSubject(t testing.TB, calls []call, suffix string) (values []string) {
	t.Helper()
	for _, c := range calls {
		f := c.fact(t)
		if strings.HasSuffix(f.Subject, suffix) {
			object := string(f.Data.Object)
			values = append(values, object[len(`{"n":`):len(`{"n":1`)])
		}
	}
	return values
}

func states(t testing.TB, store delivery.Store, lane string) (all []delivery.State) {
	t.Helper()
	for _, one := range kept(t, store, lane) {
		all = append(all, one.State)
	}
	return all
}

// TestWhatIsReleasedGoesOn: the events behind a dead letter follow when a person
// has settled that.
func TestWhatIsReleasedGoesOn(t *testing.T) {
	t.Parallel()
	onBothStores(t, func(t *testing.T, s *storage) {
		t.Helper()
		var well atomic.Bool
		d := newDepot(t, s, []subscription{{name: "parked", options: "ordered;retry off", answer: func(w http.ResponseWriter, c call) {
			if !well.Load() {
				w.WriteHeader(http.StatusInternalServerError)
				return
			}
			takes(w, c)
		}}}, "")
		for _, body := range []string{`{"n":1}`, `{"n":2}`} {
			require.Equal(t, http.StatusOK, send(t, http.MethodPut, d.URL+objectsOf("parked")+"/1", body).Status)
		}
		require.True(t, d.awaitFailures(t, "parked", 1)[0].Dead)
		d.stop(t)
		store, err := s.store(t)
		require.NoError(t, err)
		require.NoError(t, store.Replay(t.Context(), "parked", kept(t, store, "parked")[0].Seq, time.Now()))
		require.NoError(t, store.Close())
		well.Store(true)
		d.run(t)
		require.Equal(t, []string{"1", "1", "2"}, ofSubject(t, d.told(t, "parked", 3), "/1"))
	})
}
