package e2e_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// The conformance cases for statistics, pages, retries and tests, with as many
// calls as they name. The receiver fails what has "no" in its body or in its
// path, unless the webhook has a header X-Well.
func TestTheLogOfTheAPI(t *testing.T) {
	t.Parallel()
	fails := func(w http.ResponseWriter, c call) {
		if (strings.Contains(c.Body, `"no"`) || strings.Contains(c.URI, "no")) && c.Header.Get("X-Well") == "" {
			tells(http.StatusInternalServerError, `{"message":"boom"}`, "Content-Type: application/json")(w, c)
		}
	}
	atEachCounter(t, fails, func(t *testing.T, c *counter) {
		for id, run := range map[string]func(t *testing.T, c *counter){
			"OR-24": countedAll, "OR-25": pagedAfterFiltering, "OR-26": repeated, "OR-26/pending": retriedInsteadOfLater, "OR-27": triedPastFilters,
		} {
			t.Run(id, func(t *testing.T) { run(t, c) })
		}
	})
}

// countedAll is OR-24: 145 calls that succeeded, 3 that are given up, 2 that
// will be made again, and 7 of another webhook that wait as well (1.13, 21).
func countedAll(t *testing.T, c *counter) {
	h, other := c.made(t, "all24", `"maxRetries":0`), c.made(t, "all24other", "")
	for range 7 {
		c.write(t, other, `{"soort":"no"}`)
	}
	for n := range 72 {
		c.write(t, h, `{}`)
		if n < 3 {
			c.write(t, h, `{"soort":"no"}`)
		}
	}
	c.logged(t, h, 75)
	require.Equal(t, http.StatusOK, c.do(t, http.MethodPatch, c.path(h, ""), `{"maxRetries":3}`).Status)
	for n := range 73 {
		c.write(t, h, `{}`)
		if n < 2 {
			c.write(t, h, `{"soort":"no"}`)
		}
	}
	c.logged(t, h, 150)
	stats := c.do(t, http.MethodGet, c.path(h, "/logs/stats"), "")
	require.JSONEq(t, `{"total":150,"successful":145,"failed":5,"pendingRetries":2}`, stats.Body)
	require.Equal(t, stats.Body, c.do(t, http.MethodGet, "/"+h.UUID+"/logs/stats", "").Body)
	c.logged(t, other, 7)
	require.JSONEq(t, `{"total":7,"successful":0,"failed":7,"pendingRetries":7}`, c.do(t, http.MethodGet, c.path(other, "/logs/stats"), "").Body)
	c.settled(t, h, map[string]any{"totalDeliveries": 150.0, "successfulDeliveries": 145.0, "failedDeliveries": 5.0, "deadLetters": 3.0, "retrying": 2.0})
	page := answered[rows](t, c.do(t, http.MethodGet, c.path(h, "/logs?limit=10"), ""), http.StatusOK)
	require.Len(t, page.Results, 10)
	require.Equal(t, 150, page.Total, "1.13, 23: not the size of the page")
}

// pagedAfterFiltering is OR-25: every second of 60 calls failed, and a page of
// 20 failures has 20 (1.13, 22).
func pagedAfterFiltering(t *testing.T, c *counter) {
	h, other := c.made(t, "page25", `"maxRetries":0`), c.made(t, "page25other", "")
	for n := range 60 {
		c.write(t, h, []string{`{}`, `{"soort":"no"}`}[n%2])
	}
	c.write(t, other, `{}`)
	c.logged(t, h, 60)
	c.logged(t, other, 1)
	for _, id := range []string{fmt.Sprintf("webhook_id=%d", h.ID), "webhookId=" + h.UUID} {
		var seen []uint64
		for offset := 0; offset <= 40; offset += 20 {
			page := answered[rows](t, c.do(t, http.MethodGet, fmt.Sprintf("/logs?%s&success=false&limit=20&offset=%d", id, offset), ""), http.StatusOK)
			require.Len(t, page.Results, []int{20, 10, 0}[offset/20])
			require.Equal(t, 30, page.Total)
			for _, row := range page.Results {
				require.False(t, row.Success)
				require.Equal(t, h.ID, row.WebhookID)
				seen = append(seen, row.ID)
			}
		}
		require.True(t, slices.IsSortedFunc(seen, func(a, b uint64) int { return int(b) - int(a) }), "newest first")
		require.Len(t, slices.Compact(seen), 30)
	}
	for _, value := range []string{"true", "1"} {
		page := answered[rows](t, c.do(t, http.MethodGet, c.path(h, "/logs?limit=1&success="+value), ""), http.StatusOK)
		require.Equal(t, 30, page.Total, value)
	}
	for _, wrong := range []string{"success=banana", "limit=0", "limit=1001", "limit=x", "offset=-1"} {
		refused := c.do(t, http.MethodGet, "/logs?"+wrong, "")
		require.Equal(t, http.StatusBadRequest, refused.Status, wrong)
		require.Contains(t, refused.Body, `"parameter":"`+strings.Split(wrong, "=")[0]+`"`)
	}
	unknown := c.do(t, http.MethodGet, "/logs?webhook_id=999999", "")
	require.Equal(t, "Webhook not found", answered[map[string]any](t, unknown, http.StatusNotFound)["error"])
}

// repeated is OR-26 with a receiver that fails again: the answer says what it
// said, the event is the same, and its signature is made anew (1.13, 20).
func repeated(t *testing.T, c *counter) {
	h := c.made(t, "no26", `"secret":"k26"`)
	c.write(t, h, `{"title":"t"}`)
	failed := c.logged(t, h, 1)[0]
	got := answered[map[string]any](t, c.do(t, http.MethodPost, fmt.Sprintf("/logs/%d/retry", failed.ID), ""), http.StatusBadGateway)
	require.Equal(t, false, got["success"])
	require.Equal(t, map[string]any{"status_code": 500.0, "response_body": `{"message":"boom"}`}, got["error_details"])
	require.InDelta(t, 2, got["attempt"].(map[string]any)["attempt"], 0)
	calls := c.calls(t, h, 2)
	var first, second orPayload
	require.NoError(t, json.Unmarshal([]byte(calls[0].Body), &first))
	require.NoError(t, json.Unmarshal([]byte(calls[1].Body), &second))
	require.Equal(t, first.Attempt+1, second.Attempt)
	second.Attempt, second.Timestamp = first.Attempt, first.Timestamp // which are the call's
	require.Equal(t, first, second, "the rest is as it was")
	require.Equal(t, hexHMAC("k26", calls[1].Body), calls[1].Header.Get("X-Webhook-Signature"))
	newest := c.logged(t, h, 2)[0]
	require.Equal(t, 2, newest.Attempt)
	require.Equal(t, calls[1].Body, *newest.RequestBody)
}

// retriedInsteadOfLater is the rest of OR-26: what a person had delivered is not
// delivered again when the retry would have been due.
func retriedInsteadOfLater(t *testing.T, c *counter) {
	h := c.made(t, "no26later", "")
	c.write(t, h, `{}`)
	failed := c.logged(t, h, 1)[0]
	require.NotNil(t, failed.NextRetryAt)
	require.Equal(t, http.StatusOK, c.do(t, http.MethodPatch, c.path(h, ""), `{"headers":{"X-Well":"yes"}}`).Status)
	done := answered[map[string]any](t, c.do(t, http.MethodPost, fmt.Sprintf("/logs/%d/retry", failed.ID), ""), http.StatusOK)
	require.Equal(t, []any{true, "Webhook retry delivered successfully"}, []any{done["success"], done["message"]})
	c.settled(t, h, map[string]any{"pending": 0.0, "retrying": 0.0, "deadLetters": 0.0, "successfulDeliveries": 1.0, "failedDeliveries": 1.0})
	require.JSONEq(t, `{"total":2,"successful":1,"failed":1,"pendingRetries":0}`, c.do(t, http.MethodGet, c.path(h, "/logs/stats"), "").Body)
	delivered := c.logged(t, h, 2)[0]
	refused := answered[map[string]any](t, c.do(t, http.MethodPost, fmt.Sprintf("/logs/%d/retry", delivered.ID), ""), http.StatusBadRequest)
	require.Equal(t, "Cannot retry a successful webhook delivery", refused["error"])
}

// triedPastFilters is OR-27: a test goes out whatever the filters say, also of a
// webhook that is disabled, and tells the truth (1.13, 24).
func triedPastFilters(t *testing.T, c *counter) {
	for _, enabled := range []string{"true", "false"} {
		h := c.made(t, "test27"+enabled, `"enabled":`+enabled)
		before := time.Now().Add(-time.Minute)
		done := answered[map[string]any](t, c.do(t, http.MethodPost, c.path(h, "/test"), ""), http.StatusOK)
		require.Equal(t, []any{true, "Test webhook delivered successfully"}, []any{done["success"], done["message"]})
		require.NotContains(t, done, "error_details")
		var sent struct {
			Data struct {
				Test      bool
				Message   string
				Timestamp time.Time
			}
		}
		require.NoError(t, json.Unmarshal([]byte(c.calls(t, h, 1)[0].Body), &sent))
		require.True(t, sent.Data.Test)
		require.NotEmpty(t, sent.Data.Message)
		require.WithinRange(t, sent.Data.Timestamp, before, time.Now().Add(time.Minute))
		require.NotNil(t, answered[map[string]any](t, c.do(t, http.MethodGet, c.path(h, ""), ""), http.StatusOK)["lastTriggeredAt"])
	}
	bad := c.made(t, "no27", "")
	done := answered[map[string]any](t, c.do(t, http.MethodPost, c.path(bad, "/test"), ""), http.StatusOK)
	require.Equal(t, false, done["success"])
	require.Equal(t, map[string]any{"status_code": 500.0, "response_body": `{"message":"boom"}`}, done["error_details"])
	gone := c.do(t, http.MethodPatch, c.path(bad, ""), `{"url":"http://127.0.0.1:1/"}`)
	require.Equal(t, http.StatusOK, gone.Status, gone.Body)
	done = answered[map[string]any](t, c.do(t, http.MethodPost, c.path(bad, "/test"), ""), http.StatusOK)
	require.Equal(t, false, done["success"])
	require.NotContains(t, done, "error_details", "there was no answer")
}
