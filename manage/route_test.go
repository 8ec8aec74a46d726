package manage

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// Only so many ends of a path can be a pattern, and no more of them are tried:
// a path is looked at before anybody has shown who he is.
func TestFewEndsOfAPathAreTried(t *testing.T) {
	const segments = 4
	require.Equal(t, []string{"b", "b/api/b", "api/b/api/b"}, slices.Collect(behindRoots("/x/api/api/b/api/b", segments)), "the last root first")
	for _, roots := range []int{10, 100, 1000} {
		path := strings.Repeat("/api", roots) + "/x"
		tried := slices.Collect(behindRoots(path, segments))
		require.Equal(t, []string{"x", "api/x", "api/api/x", "api/api/api/x", "api/api/api/api/x"}, tried,
			"as many segments as a pattern has, and v1; of %d roots", roots)
	}
}

// The work for one path does not grow with the number of roots in it.
func TestLookingAtAPathIsBounded(t *testing.T) {
	d := newDesk(t)
	work := func(roots int) float64 {
		u := &url.URL{Path: strings.Repeat("/api", roots) + "/x"}
		return testing.AllocsPerRun(10, func() { locate(d.handler.routes, u) })
	}
	require.InDelta(t, work(20), work(2000), 10)
}

// Nothing else is looked for in a path that is too long, not even by those who
// may do everything.
func TestPathsThatAreTooLong(t *testing.T) {
	d := newDesk(t)
	fits := prefix + "/webhooks/" + strings.Repeat("x", maxPath-len(prefix+"/webhooks/"))
	d.send(request("GET", fits, "")).refused(http.StatusNotFound, textNoWebhook)
	d.send(request("GET", fits+"x", "")).refused(http.StatusNotFound, "there is nothing here")
	escaped := prefix + "/webhooks/" + strings.Repeat("%78", maxPath/3)
	d.send(request("GET", escaped, "")).refused(http.StatusNotFound, "there is nothing here")
	d.send(request("GET", strings.Repeat("/x", maxPath)+"/healthz", "")).refused(http.StatusNotFound, "there is nothing here")
}
