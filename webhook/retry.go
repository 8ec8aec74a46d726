package webhook

import (
	"cmp"
	"slices"
)

// RetryPolicy names how long to wait before a delivery is tried again. The
// delays themselves are the delivery engine's.
type RetryPolicy string

// The retry policies.
const (
	Exponential      RetryPolicy = "exponential"       // 2, 4, 8 ... minutes (seed 002); the default
	Linear           RetryPolicy = "linear"            // 5, 10, 15 ... minutes (seed 002)
	Fixed            RetryPolicy = "fixed"             // 5 minutes each time (seed 002)
	RetryStandard    RetryPolicy = "standard-webhooks" // 5 s to 24 h in 9 steps (the example schedule of Standard Webhooks 1.0.0)
	RetryNotificatie RetryPolicy = "open-notificaties" // 25 s to 52,000 s in 7 steps (Open Notificaties)
)

var retryPolicies = []RetryPolicy{Exponential, Linear, Fixed, RetryStandard, RetryNotificatie}

// MaxRetries is the most that maxRetries may be.
const MaxRetries = 100

// The statuses that noRetryOn may have. Any other failure says that it may work
// later.
const (
	minNoRetry = 400
	maxNoRetry = 499
)

// Length is the number of retries when maxRetries says nothing: 3 for the
// policies of seed 002, the number of their steps for the others.
func (p RetryPolicy) Length() int {
	switch p {
	case RetryStandard:
		return 9
	case RetryNotificatie:
		return 7
	case Exponential, Linear, Fixed:
	}
	return 3
}

// Retry says whether, how often and when a failed delivery is tried again.
type Retry struct {
	Policy RetryPolicy
	Max    int  // retries after the first attempt, 0 to MaxRetries; 0 when Off
	Off    bool // enableRetries: false
}

// compileRetry takes over the members about retries.
func compileRetry(w *Webhook, f *faults) Retry {
	r := Retry{
		Policy: oneOf(cmp.Or(w.RetryPolicy, Exponential), retryPolicies, "/retryPolicy", f),
		Off:    w.Configuration.DisableRetries,
	}
	r.Max = r.Policy.Length()
	if w.MaxRetries != nil {
		r.Max = within(*w.MaxRetries, 0, MaxRetries, "/maxRetries", f)
	}
	if r.Off {
		r.Max = 0
	}
	return r
}

// compileStatuses gives the statuses of noRetryOn, ascending and each once.
func compileStatuses(statuses []int, f *faults) []int {
	for i, status := range statuses {
		within(status, minNoRetry, maxNoRetry, element("/noRetryOn", i), f)
	}
	statuses = slices.Sorted(slices.Values(statuses))
	return slices.Compact(statuses)
}
