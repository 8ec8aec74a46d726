package e2e_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// The conformance cases for OpenRegister's log, statistics, tests and retries, as
// they answer in the built program. The receiver refuses what has "no" in it,
// but for one path.
func TestOpenRegisterLogsOverHTTP(t *testing.T) {
	t.Parallel()
	picky := func(w http.ResponseWriter, c call) {
		if strings.Contains(c.Body, `"no"`) && c.URI != "/mended" {
			w.WriteHeader(http.StatusInternalServerError)
			_, _ = w.Write([]byte(`{"message":"boom"}`))
			return
		}
		w.WriteHeader(http.StatusNoContent)
	}
	atEachCounter(t, picky, func(t *testing.T, c *counter) {
		for id, run := range map[string]func(t *testing.T, c *counter){
			"OR-19": orFailure, "OR-22": orNone, "OR-23": orOnce, "OR-24": orStatistics, "OR-25": orLog, "OR-26": orRetry, "OR-27": orTest,
		} {
			t.Run(id, func(t *testing.T) { run(t, c) })
		}
	})
}

// row is what a test reads of a row of the log.
type row struct {
	ID           uint64          `json:"id"`
	WebhookID    uint64          `json:"webhookId"`
	EventClass   string          `json:"eventClass"`
	Success      bool            `json:"success"`
	StatusCode   *int            `json:"statusCode"`
	Reason       *string         `json:"reason"`
	ErrorMessage *string         `json:"errorMessage"`
	RequestBody  *string         `json:"requestBody"`
	ResponseBody *string         `json:"responseBody"`
	Payload      json.RawMessage `json:"payload"`
	Attempt      int             `json:"attempt"`
	DurationMs   float64         `json:"durationMs"`
	NextRetryAt  *time.Time      `json:"nextRetryAt"`
	Created      time.Time       `json:"created"`
}

type rows struct {
	Results []row
	Total   int
}

// logged waits until a webhook has so many rows, and gives them newest first.
func (c *counter) logged(t testing.TB, h hooked, n int) []row {
	t.Helper()
	var got rows
	require.Eventually(t, func() bool {
		got = answered[rows](t, c.do(t, http.MethodGet, c.path(h, "/logs?limit=1000"), ""), http.StatusOK)
		return got.Total >= n
	}, 30*time.Second, 20*time.Millisecond)
	require.Len(t, got.Results, n)
	return got.Results
}

// orFailure is OR-19: what a failed call leaves behind, and what a good one.
func orFailure(t *testing.T, c *counter) {
	h := c.made(t, "or19", `"maxRetries":3`)
	before := time.Now()
	c.write(t, h, `{"soort":"no"}`)
	bad := c.logged(t, h, 1)[0]
	require.False(t, bad.Success)
	require.Equal(t, http.StatusInternalServerError, *bad.StatusCode)
	require.Equal(t, 1, bad.Attempt)
	require.Equal(t, "server_error", *bad.Reason)
	require.Contains(t, *bad.ErrorMessage, "boom")
	require.Contains(t, *bad.RequestBody, `"no"`)
	require.Contains(t, *bad.ResponseBody, "boom")
	require.WithinDuration(t, before.Add(2*time.Minute), *bad.NextRetryAt, time.Minute, "OR-21: two minutes after the first")
	require.Equal(t, createdClass, bad.EventClass)
	require.Positive(t, bad.DurationMs)

	h = c.made(t, "or19good", "")
	c.write(t, h, `{"soort":"yes"}`)
	good := c.logged(t, h, 1)[0]
	require.True(t, good.Success)
	require.Nil(t, good.NextRetryAt)
	require.Nil(t, good.ErrorMessage)
	require.Nil(t, good.RequestBody, "what arrived is not kept")
	counts := answered[hooked](t, c.do(t, http.MethodGet, c.path(h, ""), ""), http.StatusOK)
	require.Equal(t, []int{1, 1, 0}, []int{counts.Total, counts.Good, counts.Failed})
}

// orNone is the end of OR-22: without retries there is one attempt.
func orNone(t *testing.T, c *counter) {
	h := c.made(t, "or22", `"maxRetries":0`)
	c.write(t, h, `{"soort":"no"}`)
	require.Nil(t, c.logged(t, h, 1)[0].NextRetryAt)
}

// orOnce is OR-23.
func orOnce(t *testing.T, c *counter) {
	h := c.made(t, "or23", `"configuration":{"enableRetries":false}`)
	c.write(t, h, `{"soort":"no"}`)
	require.Nil(t, c.logged(t, h, 1)[0].NextRetryAt)
}

// orStatistics is OR-24: all that there was, and none of another webhook.
func orStatistics(t *testing.T, c *counter) {
	h, other := c.made(t, "or24", ""), c.made(t, "or24other", "")
	last := c.made(t, "or24last", `"maxRetries":0`)
	for range 145 {
		c.write(t, h, `{"soort":"yes"}`)
	}
	for range 2 {
		c.write(t, h, `{"soort":"no"}`)
	}
	for range 7 {
		c.write(t, other, `{"soort":"no"}`)
	}
	c.write(t, last, `{"soort":"no"}`)
	c.logged(t, h, 147)
	c.logged(t, other, 7)
	c.logged(t, last, 1)
	stats := func(h hooked) map[string]int {
		return answered[map[string]int](t, c.do(t, http.MethodGet, c.path(h, "/logs/stats"), ""), http.StatusOK)
	}
	require.Equal(t, map[string]int{"total": 147, "successful": 145, "failed": 2, "pendingRetries": 2}, stats(h))
	require.Equal(t, map[string]int{"total": 7, "successful": 0, "failed": 7, "pendingRetries": 7}, stats(other))
	require.Equal(t, map[string]int{"total": 1, "successful": 0, "failed": 1, "pendingRetries": 0}, stats(last))
}

// orLog is OR-25.
func orLog(t *testing.T, c *counter) {
	h := c.made(t, "or25", `"maxRetries":0`)
	for i := range 60 {
		c.write(t, h, []string{`{"soort":"yes"}`, `{"soort":"no"}`}[i%2])
	}
	c.logged(t, h, 60)
	page := answered[rows](t, c.do(t, http.MethodGet, fmt.Sprintf("/logs?webhook_id=%d&success=false&limit=20&offset=0", h.ID), ""), http.StatusOK)
	require.Len(t, page.Results, 20)
	require.Equal(t, 30, page.Total)
	for i, r := range page.Results {
		require.False(t, r.Success)
		require.Equal(t, h.ID, r.WebhookID)
		require.True(t, i == 0 || r.ID < page.Results[i-1].ID, "newest first")
	}
	rest := answered[rows](t, c.do(t, http.MethodGet, fmt.Sprintf("/logs?webhook_id=%d&success=false&limit=20&offset=20", h.ID), ""), http.StatusOK)
	require.Len(t, rest.Results, 10)
	require.Less(t, rest.Results[0].ID, page.Results[19].ID)
	all := answered[rows](t, c.do(t, http.MethodGet, "/logs?limit=1", ""), http.StatusOK)
	require.GreaterOrEqual(t, all.Total, 60)
	require.Equal(t, http.StatusBadRequest, c.do(t, http.MethodGet, "/logs?success=banana", "").Status)
}

// orRetry is OR-26: a person makes a failed call again.
func orRetry(t *testing.T, c *counter) {
	h := c.made(t, "or26", "")
	c.write(t, h, `{"soort":"no"}`)
	failed := c.logged(t, h, 1)[0]
	again := fmt.Sprintf("/logs/%d/retry", failed.ID)
	got := c.do(t, http.MethodPost, again, "")
	refused := answered[struct {
		Success bool
		Details struct {
			StatusCode int `json:"status_code"`
		} `json:"error_details"`
	}](t, got, http.StatusBadGateway)
	require.False(t, refused.Success)
	require.Equal(t, http.StatusInternalServerError, refused.Details.StatusCode)
	calls := c.calls(t, h, 2)
	var first, second orPayload
	require.NoError(t, json.Unmarshal([]byte(calls[0].Body), &first))
	require.NoError(t, json.Unmarshal([]byte(calls[1].Body), &second))
	require.Equal(t, first.Data, second.Data, "the same data")
	require.Equal(t, first.Attempt+1, second.Attempt)

	mended := c.do(t, http.MethodPut, c.path(h, ""), fmt.Sprintf(`{"url":%q}`, c.receiver.URL+"/mended"))
	require.Equal(t, http.StatusOK, mended.Status, mended.Body)
	c.logged(t, h, 2)
	done := answered[map[string]any](t, c.do(t, http.MethodPost, again, ""), http.StatusOK)
	require.Equal(t, true, done["success"])
	require.Equal(t, "Webhook retry delivered successfully", done["message"])
	require.Zero(t, answered[map[string]int](t, c.do(t, http.MethodGet, c.path(h, "/logs/stats"), ""), http.StatusOK)["pendingRetries"],
		"the retry that was to come is cancelled")

	good := c.made(t, "or26good", "")
	c.write(t, good, `{"soort":"yes"}`)
	ok := c.logged(t, good, 1)[0]
	require.Equal(t, "Cannot retry a successful webhook delivery",
		answered[map[string]any](t, c.do(t, http.MethodPost, fmt.Sprintf("/logs/%d/retry", ok.ID), ""), http.StatusBadRequest)["error"])
	require.Equal(t, "Webhook log not found",
		answered[map[string]any](t, c.do(t, http.MethodPost, "/logs/999999999/retry", ""), http.StatusNotFound)["error"])
}

// orTest is OR-27: a test goes by the filters.
func orTest(t *testing.T, c *counter) {
	h := c.made(t, "or27", "")
	got := answered[map[string]any](t, c.do(t, http.MethodPost, c.path(h, "/test"), ""), http.StatusOK)
	require.Equal(t, true, got["success"])
	require.Equal(t, "Test webhook delivered successfully", got["message"])
	var sent struct{ Data map[string]any }
	require.NoError(t, json.Unmarshal([]byte(c.calls(t, h, 1)[0].Body), &sent))
	require.Equal(t, true, sent.Data["test"])
	require.NotEmpty(t, sent.Data["message"])
	require.NotEmpty(t, sent.Data["timestamp"])
}
