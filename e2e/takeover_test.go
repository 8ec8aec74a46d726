package e2e_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/voorpoort/voorpoort/delivery"
	"github.com/voorpoort/voorpoort/event"
)

// ofCats is a webhook that is told of everything.
var ofCats = []subscription{{name: "cats"}}

// takenOver is how long a hold belongs to a gateway that says nothing any more,
// with time for another to look.
const takenOver = 75 * time.Second

// TestAWriteIsLeftToTheGatewayThatCanSettleIt: two gateways on one Redis listen at
// addresses of their own. The one that lives takes the write of the one that died,
// finds that it has no server like that, and gives it back: the other settles it
// as soon as it is there again.
func TestAWriteIsLeftToTheGatewayThatCanSettleIt(t *testing.T) {
	t.Parallel()
	s := redisStorage(t)
	d := newDepot(t, s, ofCats, "")
	neighbour := start(t, d.globals(ofCats, ""), inFrontOf(d.shelf))
	path := objectsOf("cats") + "/1"
	d.shelf.put(path, `{"title":"old"}`)
	d.shelf.during(t, d.gateway, http.MethodPut, path, writtenBody, "wait-after")
	d.kill(t)

	taken := func() bool { return len(neighbour.logged("a write is not settled yet")) > 0 }
	require.Eventually(t, taken, takenOver, 50*time.Millisecond, "nobody else may have it for half a minute")
	require.Contains(t, neighbour.log(), "the server that the write came through is not in this configuration")
	require.NotZero(t, scrape(t, neighbour)[`caddy_voorpoort_failed_recoveries_total{why="foreign"}`])
	d.run(t)
	f := d.receiver.awaitFor(t, 30*time.Second, "/cats", 1)[0].fact(t)
	require.Equal(t, "object.updated", f.Type)
	require.True(t, f.Recovered)
	require.JSONEq(t, writtenBody, string(f.Data.Object))
	d.stop(t)
	neighbour.stop(t)
	hasNoHolds(t, s.open(t))
}

// TestAGatewayTakesOverTheWritesOfAnother that was killed while the register was at
// work: two of them on one Redis have the same site at the same address.
func TestAGatewayTakesOverTheWritesOfAnother(t *testing.T) {
	t.Parallel()
	s := redisStorage(t)
	d := newDepot(t, s, ofCats, "")
	path := objectsOf("cats") + "/1"
	d.shelf.put(path, `{"title":"old"}`)
	d.shelf.during(t, d.gateway, http.MethodPut, path, writtenBody, "wait-after")
	other := startAt(t, d.address, d.globals(ofCats, ""), inFrontOf(d.shelf))
	d.kill(t)

	f := d.receiver.awaitFor(t, takenOver, "/cats", 1)[0].fact(t)
	require.Equal(t, "object.updated", f.Type)
	require.True(t, f.Recovered)
	require.JSONEq(t, writtenBody, string(f.Data.Object))
	require.Len(t, other.logged("a write whose answer was not seen is settled"), 1)
	require.Len(t, d.shelf.writes(path), 1)
	other.stop(t)
	hasNoHolds(t, s.open(t))
}

// TestAGatewayThatWasCutOffKnowsBetter: it cannot reach Redis for so long that
// another takes its write, a POST about which the register tells nothing. When it
// is back it has the register's answer, which ends the doubt.
func TestAGatewayThatWasCutOffKnowsBetter(t *testing.T) {
	t.Parallel()
	s := redisStorage(t)
	way := newCable(t, s.redis.address)
	cut := *s
	cut.words = "store redis redis://" + way.address + "\n"
	d := newDepot(t, &cut, ofCats, "")
	got, cue := make(chan answer, 1), d.shelf.cue("cut")
	go func() {
		a, err := tryWith(t, &http.Client{Timeout: 3 * time.Minute}, http.MethodPost, d.URL+objectsOf("cats"), writtenBody, playing("wait-after", "cut")...)
		if err != nil {
			a.Body = err.Error()
		}
		got <- a
	}()
	<-cue.reached
	there := &depot{storage: s, shelf: d.shelf, receiver: d.receiver}
	there.gateway = startAt(t, d.address, there.globals(ofCats, ""), inFrontOf(d.shelf))
	way.cut()

	require.Eventually(t, func() bool { return len(there.logged("a write whose answer was not seen is settled")) == 1 }, takenOver, 50*time.Millisecond)
	require.Empty(t, d.receiver.at("/cats"), "nobody knows")
	close(cue.proceed)
	a := <-got
	require.Equal(t, http.StatusCreated, a.Status, a.Body)
	require.Empty(t, d.receiver.at("/cats"), "what the gateway knows does not reach Redis")

	way.mend()
	f := d.receiver.awaitFor(t, 40*time.Second, "/cats", 1)[0].fact(t)
	require.Equal(t, []string{f.ID}, a.ids())
	require.Empty(t, f.Outcome)
	store := s.open(t)
	doubt := func() delivery.Delivery {
		for _, d := range kept(t, store, "cats") {
			if d.Message.ID == event.DoubtID(f.ID) {
				return d
			}
		}
		return delivery.Delivery{}
	}
	require.Eventually(t, func() bool { return doubt().State == delivery.Discarded }, 20*time.Second, 20*time.Millisecond)
	require.Equal(t, delivery.ReasonCertain, doubt().Reason)
	require.Len(t, d.receiver.at("/cats"), 1)
	hasNoHolds(t, store)
}

// TestAPersonSettlesAtAnyGateway what another has left, before and after it was
// taken over and given back.
func TestAPersonSettlesAtAnyGateway(t *testing.T) {
	t.Parallel()
	s := redisStorage(t)
	d := newDesk(t, s, takes, "")
	told := d.subscribe(t, "/x", `"types":["object.updated"]`)
	there := &desk{storage: s, shelf: d.shelf, receiver: d.receiver}
	there.gateway = start(t, there.globals(""), there.site(ownerToken))
	for _, name := range []string{"early-happened", "early-not", "late-happened", "late-not"} {
		d.shelf.during(t, d.gateway, http.MethodPut, objectsOf(name)+"/1", writtenBody, "wait-first")
	}
	holds := look[struct{ Results []unsettled }](t, there, "/holds").Results
	require.Len(t, holds, 4)
	d.kill(t)
	there.settle(t, holds[0], true)
	there.settle(t, holds[1], false)
	require.Eventually(t, func() bool { return len(there.logged("a write is not settled yet")) > 1 }, takenOver, 50*time.Millisecond)
	there.settle(t, holds[2], true)
	there.settle(t, holds[3], false)

	there.awaitStanding(t, holds[0].ID, told.ID, standing.delivered)
	there.awaitStanding(t, holds[2].ID, told.ID, standing.delivered)
	require.Empty(t, look[struct{ Results []unsettled }](t, there, "/holds").Results)
	require.Len(t, d.receiver.at("/x"), 2)
	there.stop(t)
	hasNoHolds(t, s.open(t))
}
