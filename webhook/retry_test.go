package webhook

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// TestEveryRetryPolicy: 3 retries for the policies of seed 002, the length of
// the schedule for the others, and whatever maxRetries says for all.
func TestEveryRetryPolicy(t *testing.T) {
	t.Parallel()
	require.Equal(t, Retry{Policy: Exponential, Max: 3}, compileJSON(t, subscriber(``)).Retry)
	for policy, length := range map[RetryPolicy]int{Exponential: 3, Linear: 3, Fixed: 3, RetryStandard: 9, RetryNotificatie: 7} {
		given := `"retryPolicy":"` + string(policy) + `"`
		require.Equal(t, Retry{policy, length, false}, compileJSON(t, subscriber(given)).Retry)
		require.Equal(t, Retry{policy, 100, false}, compileJSON(t, subscriber(given+`,"maxRetries":100`)).Retry)
		require.Equal(t, Retry{policy, 0, false}, compileJSON(t, subscriber(given+`,"maxRetries":0`)).Retry)
		require.Equal(t, Retry{policy, 0, true}, compileJSON(t, given+`,"maxRetries":5,"configuration":{"enableRetries":false}`).Retry)
	}
	require.Len(t, retryPolicies, 5)
}

func TestRetryFaults(t *testing.T) {
	t.Parallel()
	_, err := tryJSON(subscriber(`"retryPolicy":"random"`))
	require.Equal(t, []string{
		`/retryPolicy: is "random"; allowed are "exponential", "linear", "fixed", "standard-webhooks", "open-notificaties"`,
	}, fieldErrors(t, err))

	w := Webhook{Name: "n", URL: NewAddress("http://a.example/"), MaxRetries: new(-1), NoRetryOn: []int{404, 500}}
	_, err = Compile(w, Defaults{})
	require.Equal(t, []string{
		"/maxRetries: is -1; allowed is 0 to 100",
		"/noRetryOn/1: is 500; allowed is 400 to 499",
	}, fieldErrors(t, err))
}

// TestNoRetryIsSortedAndLeavesTheWebhookAlone: a hook shares nothing that its
// maker may change.
func TestNoRetryIsSortedAndLeavesTheWebhookAlone(t *testing.T) {
	t.Parallel()
	given := []int{499, 400, 422, 400}
	h := compile(t, Webhook{Name: "n", URL: NewAddress("http://a.example/"), NoRetryOn: given})
	require.Equal(t, []int{400, 422, 499}, h.NoRetry)
	require.Equal(t, []int{499, 400, 422, 400}, given)
	require.Empty(t, compileJSON(t, subscriber(``)).NoRetry)
}
