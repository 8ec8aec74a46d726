package caddymodule

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/caddyserver/caddy/v2"
	"github.com/stretchr/testify/require"

	"github.com/voorpoort/voorpoort/delivery"
	"github.com/voorpoort/voorpoort/manage"
)

func cockpitOf(t *testing.T, h *Handler) *cockpit {
	t.Helper()
	c, err := h.app.cockpit(t.Context())
	require.NoError(t, err)
	return c
}

func TestATestCallPassesFiltersAndIsInTheLog(t *testing.T) {
	t.Parallel()
	url, calls := interceptorOf(t, http.StatusTeapot)
	h, store := telling(t, loopback, "")
	e := made(t, h.app, fmt.Sprintf(`{"name":"a","url":%q,"enabled":false,"filters":{"schema":"nothing"}}`, url))
	row, err := cockpitOf(t, h).test(t.Context(), e)
	require.NoError(t, err)
	require.False(t, row.Success)
	require.Equal(t, http.StatusTeapot, row.Status)
	require.Equal(t, int64(1), calls.Load())
	rows, total, err := store.Attempts(t.Context(), delivery.AttemptQuery{Lane: e.UUID})
	require.NoError(t, err)
	require.Equal(t, uint64(1), total)
	require.Equal(t, typeTest, rows[0].Type)
	require.Equal(t, rows[0].ID, row.ID, "whoever asked can look at it later")
	require.Empty(t, stored(t, store), "nobody else is told")
}

func TestAFailedCallIsMadeAgain(t *testing.T) {
	t.Parallel()
	h, store := telling(t, loopback, "")
	bad, _ := interceptorOf(t, http.StatusInternalServerError)
	e := made(t, h.app, fmt.Sprintf(`{"name":"a","url":%q,"maxRetries":5,"retryPolicy":"linear"}`, bad))
	_, err := send(t, h, http.MethodPost, cats, `{}`, registerSays(201, `{"id":"1"}`))
	require.NoError(t, err)
	var row delivery.Attempt
	require.Eventually(t, func() bool {
		rows, _, err := store.Attempts(t.Context(), delivery.AttemptQuery{Lane: e.UUID})
		require.NoError(t, err)
		if len(rows) > 0 {
			row = rows[0]
		}
		return len(rows) > 0
	}, 5*time.Second, 5*time.Millisecond)

	c := cockpitOf(t, h)
	again, err := c.resend(t.Context(), e, row)
	require.NoError(t, err)
	require.False(t, again.Success)
	require.Equal(t, row.Number+1, again.Number)
	require.Greater(t, again.ID, row.ID, "a row of its own")
	require.Equal(t, delivery.Pending, stored(t, store)[0].State, "it is retried as it was to be")

	good, _ := interceptorOf(t, http.StatusNoContent)
	require.NoError(t, h.app.catalogue.Delete(t.Context(), e.UUID, 0))
	e = made(t, h.app, fmt.Sprintf(`{"name":"a","uuid":%q,"url":%q,"enabled":true,"concurrency":1}`, e.UUID, good))
	again, err = c.resend(t.Context(), e, again)
	require.NoError(t, err)
	require.True(t, again.Success)
	require.Equal(t, delivery.Delivered, stored(t, store)[0].State)

	row.Seq = 99
	_, err = c.resend(t.Context(), e, row)
	require.ErrorIs(t, err, delivery.ErrNotFound)
}

func TestACheckSaysWhichRuleAndWhyNot(t *testing.T) {
	t.Parallel()
	h, _ := telling(t, "", "", `{"name":"dogs","url":"http://127.0.0.1:9","filters":{"schema":"dogs"},"configuration":{"interceptRequests":true}}`, nobody)
	report, err := cockpitOf(t, h).check(t.Context(), manage.CheckRequest{Method: "POST", Path: cats, Body: []byte(`{"a":1}`)})
	require.NoError(t, err)
	require.NotEmpty(t, report.Rule)
	require.Contains(t, report.Types, "object.creating")
	require.Len(t, report.Webhooks, 2)
	require.True(t, report.Webhooks[0].Matches, "the one that is told of everything")
	require.Equal(t, "dogs", report.Webhooks[1].Name)
	require.Equal(t, "/filters/schema", report.Webhooks[1].Why[0].Pointer)

	report, err = cockpitOf(t, h).check(t.Context(), manage.CheckRequest{Method: "POST", Path: "/elsewhere"})
	require.NoError(t, err)
	require.Empty(t, report.Rule)
}

func TestAHoldIsSettledByHand(t *testing.T) {
	t.Parallel()
	for happened, want := range map[bool]int{true: 1, false: 0} {
		t.Run(fmt.Sprint(happened), func(t *testing.T) {
			t.Parallel()
			h, store := telling(t, `,"recover_horizon":"2h"`, "", nobody)
			h.app.RecoverAfter = caddy.Duration(time.Hour) // nobody else settles it
			_, err := send(t, h, http.MethodPut, cats+"/1", `{}`, registerSays(http.StatusBadGateway, ``))
			require.NoError(t, err)
			require.Len(t, holds(t, store), 1)
			c := cockpitOf(t, h)
			require.NoError(t, c.settleHold(t.Context(), holds(t, store)[0], happened))
			require.Empty(t, holds(t, store))
			require.Len(t, stored(t, store), want)
			require.ErrorIs(t, c.settleHold(t.Context(), "none", true), delivery.ErrNotFound)
		})
	}
}
