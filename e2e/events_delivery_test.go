package e2e_test

import (
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// TestAnEventHandedInArrivesAsItIs is case OC-01: no attribute is added, and the
// numbers in data are as they were written.
func TestAnEventHandedInArrivesAsItIs(t *testing.T) {
	t.Parallel()
	onBothStores(t, func(t *testing.T, s *storage) {
		d := newDesk(t, s, takes, "")
		made := d.subscribe(t, "/x", `"types":["nl.vng.zgw.zaken.zaak.created"],"style":"push","status":"active"`)
		const id = "550e8400-e29b-41d4-a716-446655440000"
		const event = `{"specversion":"1.0","type":"nl.vng.zgw.zaken.zaak.created",` +
			`"source":"https://openconnector.yourdomain.nl","id":"` + id + `","time":"2024-06-15T10:30:00Z",` +
			`"datacontenttype":"application/json","data":{"zaakUrl":"https://z/abc123","amount":1.10,"big":12345678901234567890}}`
		got := insist(t, http.MethodPost, d.address()+"/api/events", event, "Authorization: Bearer "+ownerToken, "Content-Type: application/cloudevents+json")
		require.Equal(t, http.StatusOK, got.Status, got.Body)
		d.hand(t, event) // a client that did not see the answer

		d.awaitStanding(t, id, made.ID, standing.delivered)
		calls := d.receiver.await(t, "/x", 1)
		require.Equal(t, "application/cloudevents+json", strings.SplitN(calls[0].Header.Get("Content-Type"), ";", 2)[0])
		require.JSONEq(t, event, calls[0].Body)
		require.Contains(t, calls[0].Body, `1.10`)
		require.Contains(t, calls[0].Body, `12345678901234567890`)
		require.Empty(t, calls[0].Header.Get("Authorization"), "the token is the API's")
		require.JSONEq(t, event, string(d.standings(t, id)[made.ID].Payload))
	})
}

// TestAFailureIsSeenAndTriedAgain is case OC-09.
func TestAFailureIsSeenAndTriedAgain(t *testing.T) {
	t.Parallel()
	onBothStores(t, func(t *testing.T, s *storage) {
		var well atomic.Bool
		d := newDesk(t, s, func(w http.ResponseWriter, _ call) {
			if !well.Load() {
				w.WriteHeader(http.StatusInternalServerError)
			}
		}, "")
		made := d.subscribe(t, "/x", `"config":{"retryPolicy":"standard-webhooks"}`)
		d.hand(t, happening("e1", `"source":"/s","type":"a.b"`))
		failed := d.awaitStanding(t, "e1", made.ID, func(s standing) bool { return string(s.LastResponse) != "null" })
		require.Equal(t, 1, failed.RetryCount)
		require.Equal(t, "pending", failed.Status)
		require.NotNil(t, failed.NextAttempt)
		require.Contains(t, string(failed.LastResponse), `"statusCode":500`)

		well.Store(true)
		ended := d.awaitStanding(t, "e1", made.ID, standing.delivered)
		require.Nil(t, ended.NextAttempt)
		require.GreaterOrEqual(t, ended.RetryCount, 2)
	})
}

// TestWhatWasAcceptedOutlivesTheProgram is case OC-10: a process that is killed
// after it has accepted events and before it has delivered them delivers them
// after its start. Its subscription is still there as well.
func TestWhatWasAcceptedOutlivesTheProgram(t *testing.T) {
	t.Parallel()
	onBothStores(t, func(t *testing.T, s *storage) {
		var killed atomic.Bool
		d := newDesk(t, s, func(_ http.ResponseWriter, c call) {
			if !killed.Load() {
				<-c.Gone // it takes nothing
			}
		}, "")
		made := d.subscribe(t, "/x", `"types":["a.b"],"config":{"timeout":"10s"}`)
		wanted := map[string]bool{}
		for i := range 20 {
			id := fmt.Sprint("e", i)
			d.hand(t, happening(id, `"source":"/s","type":"a.b"`))
			wanted[id] = true
		}
		d.kill(t)
		killed.Store(true)
		restarted := time.Now()
		d.run(t)

		for id := range wanted {
			// A delivery that the dead process had leased waits for its lease.
			require.Eventually(t, func() bool { return d.standings(t, id)[made.ID].delivered() }, 3*time.Minute, 50*time.Millisecond, id)
		}
		got := map[string]bool{}
		for _, c := range d.receiver.at("/x") {
			if c.At.After(restarted) {
				got[c.fact(t).ID] = true
			}
		}
		require.Equal(t, wanted, got)
	})
}

// TestOneSubscriptionDoesNotStopAnother is case OC-15: the first breaks its
// connections, the second is told all the same.
func TestOneSubscriptionDoesNotStopAnother(t *testing.T) {
	t.Parallel()
	onBothStores(t, func(t *testing.T, s *storage) {
		d := newDesk(t, s, func(_ http.ResponseWriter, c call) {
			if c.URI == "/first" {
				panic(http.ErrAbortHandler)
			}
		}, "")
		first := d.subscribe(t, "/first", `"types":["a.b"],"config":{"maxRetries":0}`)
		second := d.subscribe(t, "/second", `"types":["a.b"]`)
		d.hand(t, happening("e1", `"source":"/s","type":"a.b"`))
		d.awaitStanding(t, "e1", second.ID, standing.delivered)
		broken := d.awaitStanding(t, "e1", first.ID, func(s standing) bool { return s.Status == "failed" })
		require.Equal(t, 1, broken.RetryCount)
		require.Nil(t, broken.NextAttempt)
		d.receiver.await(t, "/second", 1)
	})
}
