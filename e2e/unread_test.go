package e2e_test

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// TestAWebhookOfRedisIsToldOfWritesBeforeRedisWasThere: a gateway that starts
// without Redis does not know the webhooks in it. What follows from the writes
// until then is theirs all the same.
func TestAWebhookOfRedisIsToldOfWritesBeforeRedisWasThere(t *testing.T) {
	t.Parallel()
	for _, policy := range []string{"spool", "allow"} {
		t.Run(policy, func(t *testing.T) {
			t.Parallel()
			s := redisStorage(t)
			d := newDepot(t, s, []subscription{{name: "cats"}}, "egress_allow 127.0.0.0/8\non_store_down "+policy+"\n")
			create(t, catalogueOf(t, s), `{"name":"stored","url":"%s/stored","ordered":true}`, d.receiver.URL)
			d.kill(t)
			s.redis.kill()
			d.run(t)

			var ids []string
			for n := range 4 {
				path := d.URL + objectsOf("cats") + "/1"
				if n == 3 {
					path = d.URL + objectsOf("dogs") + "/1" // of which the webhook of the configuration is not told
				}
				got := send(t, http.MethodPut, path, fmt.Sprintf(`{"n":%d}`, n))
				require.Equal(t, http.StatusOK, got.Status, got.Body)
				ids = append(ids, got.ids()...)
			}
			require.Len(t, ids, 4, "the writer learns them all the same")
			s.redis.start(t)
			var order []string
			for _, c := range d.receiver.awaitFor(t, 60*time.Second, "/stored", 4) {
				order = append(order, c.fact(t).ID)
			}
			require.Equal(t, ids[:3], withoutOther(order, ids[3]), "in the order of the writes")
			require.Contains(t, order, ids[3])
			d.receiver.awaitFor(t, 60*time.Second, "/cats", 3)
			d.stop(t)
			hasNoHolds(t, s.open(t))
			require.Len(t, d.receiver.at("/stored"), 4)
			require.Len(t, d.receiver.at("/cats"), 3)
		})
	}
}

// withoutOther leaves an id away: that of another thing, whose place is not fixed.
func withoutOther(ids []string, other string) (rest []string) {
	for _, id := range ids {
		if id != other {
			rest = append(rest, id)
		}
	}
	return rest
}

// TestAKilledGatewaySettlesNothingWithoutTheWebhooksOfRedis: what it spooled for
// them is in doubt for the next, which does not know them either until Redis is
// back, and asks the register then.
func TestAKilledGatewaySettlesNothingWithoutTheWebhooksOfRedis(t *testing.T) {
	t.Parallel()
	s := redisStorage(t)
	d := newDepot(t, s, nil, "egress_allow 127.0.0.0/8\non_store_down spool "+t.TempDir()+"\n")
	create(t, catalogueOf(t, s), `{"name":"stored","url":"%s/stored"}`, d.receiver.URL)
	d.kill(t)
	s.redis.kill()
	d.run(t)
	got := send(t, http.MethodPut, d.URL+objectsOf("cats")+"/1", `{"n":1}`)
	require.Equal(t, http.StatusOK, got.Status, got.Body)
	d.kill(t)
	d.run(t)
	time.Sleep(3 * time.Second) // three times recover_after: it would have asked
	require.Empty(t, d.logged("a write whose answer was not seen is settled"))
	s.redis.start(t)
	told := d.receiver.awaitFor(t, 90*time.Second, "/stored", 1)[0].fact(t)
	require.Equal(t, got.ids()[0], told.ID)
	require.True(t, told.Recovered)
	d.stop(t)
	hasNoHolds(t, s.open(t))
}
