package caddymodule

import (
	"net/http"
	"testing"
	"time"

	"github.com/caddyserver/caddy/v2"
	"github.com/caddyserver/caddy/v2/modules/caddyhttp"
	"github.com/stretchr/testify/require"

	"github.com/voorpoort/voorpoort/manage"
)

// A hold whose request is answered later is not for people: what a person says
// would take the place of what really happened.
func TestARequestThatIsUnderWayIsNotSettledByHand(t *testing.T) {
	h, store := telling(t, `,"recover_horizon":"2h"`, "", nobody)
	h.app.RecoverAfter = caddy.Duration(time.Hour)
	c := cockpitOf(t, h)
	register := registerSays(http.StatusOK, `{"id":"1","v":"real"}`)
	var ids []string
	var settled error
	var listed bool
	_, err := send(t, h, http.MethodPut, cats+"/1", `{"v":"real"}`, caddyhttp.HandlerFunc(func(w http.ResponseWriter, r *http.Request) error {
		if r.Method == http.MethodPut {
			ids = holds(t, store) //nolint:contextcheck // of the test
			settled = c.settleHold(r.Context(), ids[0], true)
			listed = h.app.queue.underWay.has(ids[0])
		}
		return register.ServeHTTP(w, r)
	}))
	require.NoError(t, err)
	require.Len(t, ids, 1)
	require.ErrorIs(t, settled, manage.ErrUnderWay)
	require.True(t, listed)
	require.Empty(t, holds(t, store), "the answer settles it")
	require.Empty(t, h.app.queue.underWay.ids)
	all := stored(t, store)
	require.Len(t, all, 1)
	require.Contains(t, string(all[0].Message.Event), `"v":"real"`)
}
