package e2e_test

import (
	"fmt"
	"net/http"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/voorpoort/voorpoort/delivery"
)

// column is a desk with one webhook, marching, that is told of the versions of
// things: version a2 is the second of thing a. Its receiver answers some of them
// as the test says and takes the others.
type column struct {
	*desk

	mu      sync.Mutex
	refused map[string]int    // statuses by version; 0 waits for the gateway's end
	events  map[string]string // ids by version
}

const marching = "marching"

func newColumn(t testing.TB, s *storage, options string) *column {
	t.Helper()
	c := &column{refused: map[string]int{}, events: map[string]string{}}
	answer := func(w http.ResponseWriter, got call) {
		status, refused := c.refuses(versionOf(t, got))
		if !refused {
			takes(w, got)
			return
		}
		if status == 0 {
			<-got.Gone
			return
		}
		w.WriteHeader(status)
	}
	c.desk = &desk{storage: s, shelf: newShelf(t), receiver: receiverWith(t, answer)}
	one := subscription{name: marching, options: options}
	c.gateway = start(t, c.globals(one.block(c.receiver)), c.site(ownerToken))
	return c
}

func (c *column) refuses(version string) (status int, refused bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	status, refused = c.refused[version]
	return status, refused
}

// refuse has the receiver answer a version with a status, and take it to take it
// from now on.
func (c *column) refuse(version string, status int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.refused[version] = status
}

func (c *column) take(version string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.refused, version)
}

// write writes versions one after the other.
func (c *column) write(t testing.TB, versions ...string) {
	t.Helper()
	for _, v := range versions {
		got := insist(t, http.MethodPut, c.URL+objectsOf(marching)+"/"+v[:1], fmt.Sprintf(`{"v":%q}`, v))
		require.Equal(t, http.StatusOK, got.Status, got.Body)
		require.Len(t, got.ids(), 1)
		c.events[v] = got.ids()[0]
	}
}

func versionOf(t testing.TB, got call) string {
	t.Helper()
	var v string
	_, err := fmt.Sscanf(string(got.fact(t).Data.Object), `{"v":%q}`, &v)
	require.NoError(t, err, got.Body)
	return v
}

// heard are the calls about a thing.
func (c *column) heard(t testing.TB, thing string) (calls []call) {
	t.Helper()
	for _, one := range c.receiver.at("/" + marching) {
		if versionOf(t, one)[:1] == thing {
			calls = append(calls, one)
		}
	}
	return calls
}

// arrived are the versions of a thing in the order in which each came first. Their
// sequence has to rise with them, and to stay what it was when one comes again.
func (c *column) arrived(t testing.TB, thing string) (versions []string) {
	t.Helper()
	sequences, last := map[string]string{}, ""
	for _, one := range c.heard(t, thing) {
		v, sequence := versionOf(t, one), one.fact(t).Sequence
		require.Len(t, sequence, 20)
		if again, seen := sequences[v]; seen {
			require.Equal(t, again, sequence, v)
			continue
		}
		require.Greater(t, sequence, last, v)
		sequences[v], last = sequence, sequence
		versions = append(versions, v)
	}
	return versions
}

// await waits until so many versions of a thing have arrived. A killed gateway's
// deliveries are nobody else's for half a minute on Redis.
func (c *column) await(t testing.TB, want ...string) {
	t.Helper()
	thing := want[0][:1]
	for began := time.Now(); time.Since(began) < 75*time.Second && len(c.arrived(t, thing)) < len(want); {
		time.Sleep(10 * time.Millisecond)
	}
	require.Equal(t, want, c.arrived(t, thing))
}

// awaitState waits until a version's delivery is as wanted.
func (c *column) awaitState(t testing.TB, version, state string, waiting bool) {
	t.Helper()
	type standing struct {
		State   string
		Waiting bool
	}
	var got []standing
	for began := time.Now(); time.Since(began) < 20*time.Second; time.Sleep(10 * time.Millisecond) {
		got = look[struct{ Deliveries []standing }](t, c.desk, "/messages/"+c.events[version]).Deliveries
		if len(got) == 1 && got[0] == (standing{state, waiting}) {
			return
		}
	}
	require.Equal(t, []standing{{state, waiting}}, got, version)
}

// again makes what is first in its row due while the gateway is stopped, and
// starts it.
func (c *column) again(t testing.TB) {
	t.Helper()
	store, err := c.storage.store(t)
	require.NoError(t, err)
	for _, one := range kept(t, store, marching) {
		if one.State == delivery.Pending && !one.Waiting {
			require.NoError(t, store.Replay(t.Context(), one.Lane, one.Seq, time.Now()))
		}
	}
	require.NoError(t, store.Close())
	c.run(t)
}

// dead waits until the dead letters of the webhook are those of some versions, and
// gives them.
func (c *column) dead(t testing.TB, versions ...string) map[string]letter {
	t.Helper()
	var letters []letter
	require.Eventually(t, func() bool {
		letters = look[letterPage](t, c.desk, "/dead-letters").Results
		return len(letters) == len(versions)
	}, 20*time.Second, 10*time.Millisecond)
	byVersion := map[string]letter{}
	for _, v := range versions {
		at := slices.IndexFunc(letters, func(l letter) bool { return l.EventID == c.events[v] })
		require.NotEqual(t, -1, at, v)
		byVersion[v] = letters[at]
	}
	return byVersion
}

// decide replays or discards a dead letter.
func (c *column) decide(t testing.TB, l letter, decision string) {
	t.Helper()
	got := c.do(t, http.MethodPost, l.at()+"/"+decision, "")
	require.Equal(t, http.StatusOK, got.Status, got.Body)
}
