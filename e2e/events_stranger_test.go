package e2e_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// TestAWriteIsLeftToTheGatewayThatCanSettleIt: two gateways on one Redis listen at
// addresses of their own. The one that lives takes the write of the one that died,
// finds that it has no server like that, and gives it back: the other settles it
// as soon as it is there again.
func TestAWriteIsLeftToTheGatewayThatCanSettleIt(t *testing.T) {
	t.Parallel()
	s := redisStorage(t)
	d := newDepot(t, s, []subscription{{name: "cats"}}, "")
	neighbour := start(t, d.globals([]subscription{{name: "cats"}}, ""), "\tvoorpoort openregister\n\treverse_proxy "+strings.TrimPrefix(d.shelf.URL, "http://")+"\n")
	path := objectsOf("cats") + "/1"
	d.shelf.put(path, `{"title":"old"}`)
	d.shelf.during(t, d.gateway, http.MethodPut, path, writtenBody, "wait-after")
	d.kill(t)

	taken := func() bool { return len(neighbour.logged("a write is not settled yet")) > 0 }
	require.Eventually(t, taken, 75*time.Second, 50*time.Millisecond, "nobody else may have it for half a minute")
	require.Contains(t, neighbour.log(), "the server that the write came through is not in this configuration")
	d.run(t)
	f := d.receiver.awaitFor(t, 30*time.Second, "/cats", 1)[0].fact(t)
	require.Equal(t, "object.updated", f.Type)
	require.True(t, f.Recovered)
	require.JSONEq(t, writtenBody, string(f.Data.Object))
	d.stop(t)
	neighbour.stop(t)
	hasNoHolds(t, s.open(t))
}
