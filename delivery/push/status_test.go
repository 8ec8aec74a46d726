package push

import (
	"net/http"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"github.com/voorpoort/voorpoort/delivery"
)

func TestEveryStatusHasItsReason(t *testing.T) {
	t.Parallel()
	for reason, statuses := range map[delivery.Reason][]int{
		"":                       {200, 201, 202, 204, 209, 299},
		delivery.ReasonRedirect:  {300, 301, 302, 303, 304, 307, 308},
		delivery.ReasonAuth:      {401, 403},
		delivery.ReasonGone:      {410},
		delivery.ReasonThrottled: {429},
		delivery.ReasonClient:    {400, 402, 404, 408, 409, 413, 415, 422, 425, 451, 499},
		delivery.ReasonServer:    {500, 502, 503, 504, 599, 600, 999},
	} {
		for _, status := range statuses {
			require.Equal(t, reason, reasonOf(status), status)
		}
	}
}

func TestTheErrorHoldsTheReceiversWords(t *testing.T) {
	t.Parallel()
	for answer, want := range map[string]string{
		`{"message":"boom"}`:                    "server_error: status 500: boom",
		`{"error":"boom"}`:                      "server_error: status 500: boom",
		`{"error":{"message":"boom"}}`:          "server_error: status 500: boom",
		`{"title":"Bad","detail":"boom"}`:       "server_error: status 500: boom",
		`{"message":"","error":"b"}`:            "server_error: status 500: b",
		`{"message":"a\r\n\u001b[31mb\u2028c"}`: "server_error: status 500: a   [31mb c",
		`{"message":5}`:                         "server_error: status 500",
		`{"message":"a","message":"b"}`:         "server_error: status 500",
		`<html>boom</html>`:                     "server_error: status 500",
		``:                                      "server_error: status 500",
	} {
		require.Equal(t, want, statusText(delivery.ReasonServer, 500, []byte(answer)), answer)
	}
	require.Equal(t, "redirect: status 302: redirects are not followed; change the webhook's url",
		statusText(delivery.ReasonRedirect, 302, []byte(`{"message":"x"}`)))
}

// ON-17: what the receiver says is cut for the log.
func TestLongTextsAreCut(t *testing.T) {
	t.Parallel()
	text := statusText(delivery.ReasonServer, 500, []byte(`{"message":"`+strings.Repeat("é", 5000)+`"}`))
	require.Less(t, len(text), delivery.MaxErrorText)
	require.Equal(t, maxText, utf8.RuneCountInString(strings.TrimPrefix(text, "server_error: status 500: ")))
	require.True(t, utf8.ValidString(clean(strings.Repeat("é", 5000)[:1001])))
}

func TestAFailureIsToldWithStatusAnswerAndRequest(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		status int
		header string
		want   delivery.Result
	}{
		{status: 500, want: delivery.Result{Reason: delivery.ReasonServer, Error: "server_error: status 500: boom"}},
		{status: 404, want: delivery.Result{Reason: delivery.ReasonClient, Error: "client_error: status 404: boom"}},
		{status: 410, want: delivery.Result{Reason: delivery.ReasonGone, Error: "gone: status 410: boom"}},
		{status: 401, want: delivery.Result{Reason: delivery.ReasonAuth, Error: "auth: status 401: boom"}},
		{status: 429, header: "120", want: delivery.Result{
			Reason: delivery.ReasonThrottled, Error: "throttled: status 429: boom", RetryAfter: 2 * time.Minute,
		}},
		{status: 503, header: "Thu, 20 Nov 2025 20:02:00 GMT", want: delivery.Result{
			Reason: delivery.ReasonServer, Error: "server_error: status 503: boom", RetryAfter: 2 * time.Minute,
		}},
	} {
		r := newReceiver(t, func(w http.ResponseWriter, r *http.Request) {
			if test.header != "" {
				w.Header().Set("Retry-After", test.header)
			}
			answering(test.status, `{"message":"boom"}`)(w, r)
		})
		s := newSender(t, hookTo(t, r.URL+"/in?token=hunter2hunter2", nil), Options{Now: testClock})
		result := send(t, s)
		test.want.Started, test.want.Status = testTime, test.status
		test.want.URL, test.want.Method = r.URL+"/in", http.MethodPost
		test.want.Request, test.want.Response = []byte(testEvent), []byte(`{"message":"boom"}`)
		require.Equal(t, test.want, result)
	}
}

func TestEverySuccessIsDelivered(t *testing.T) {
	t.Parallel()
	for _, status := range []int{200, 201, 202, 204, 209} {
		r := newReceiver(t, func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Retry-After", "120")
			answering(status, "")(w, r)
		})
		result := send(t, newSender(t, hookTo(t, r.URL, nil), Options{}))
		requireDelivered(t, result)
		require.Equal(t, status, result.Status)
		require.Zero(t, result.RetryAfter)
		require.Positive(t, result.Duration)
		require.WithinDuration(t, time.Now(), result.Started, time.Minute)
	}
}
