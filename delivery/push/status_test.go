package push

import (
	"net/http"
	"testing"
	"time"

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

// The receiver's words are in the answer alone, which those see who may read
// bodies: they may be about persons.
func TestTheErrorIsInTheGatewaysWords(t *testing.T) {
	t.Parallel()
	r := newReceiver(t, answering(http.StatusUnprocessableEntity, `{"message":"citizen 999990639 is known already"}`))
	result := send(t, newSender(t, hookTo(t, r.URL, nil), Options{}))
	require.Equal(t, "client_error: status 422", result.Error)
	require.Equal(t, "citizen 999990639 is known already", delivery.Words(result.Response))
	require.Equal(t, "redirect: status 302: redirects are not followed; change the webhook's url", statusText(delivery.ReasonRedirect, 302))
}

func TestAFailureIsToldWithStatusAnswerAndRequest(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		status int
		header string
		want   delivery.Result
	}{
		{status: 500, want: delivery.Result{Reason: delivery.ReasonServer, Error: "server_error: status 500"}},
		{status: 404, want: delivery.Result{Reason: delivery.ReasonClient, Error: "client_error: status 404"}},
		{status: 410, want: delivery.Result{Reason: delivery.ReasonGone, Error: "gone: status 410"}},
		{status: 401, want: delivery.Result{Reason: delivery.ReasonAuth, Error: "auth: status 401"}},
		{status: 429, header: "120", want: delivery.Result{
			Reason: delivery.ReasonThrottled, Error: "throttled: status 429", RetryAfter: 2 * time.Minute,
		}},
		{status: 503, header: "Thu, 20 Nov 2025 20:02:00 GMT", want: delivery.Result{
			Reason: delivery.ReasonServer, Error: "server_error: status 503", RetryAfter: 2 * time.Minute,
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
