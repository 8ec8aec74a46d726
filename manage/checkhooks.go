package manage

import (
	"cmp"
	"slices"

	"github.com/voorpoort/voorpoort/catalogue"
	"github.com/voorpoort/voorpoort/event"
)

// CheckHooks says of each webhook whether it would be asked about an event or
// told of it, with body as the body of the request; those that would come first.
func CheckHooks(entries []catalogue.Entry, e *event.Event, body []byte) []CheckWebhook {
	checks := make([]CheckWebhook, 0, len(entries))
	for i := range entries {
		checks = append(checks, checkHook(&entries[i], e, body))
	}
	sortChecks(checks)
	return checks
}

func sortChecks(checks []CheckWebhook) {
	slices.SortStableFunc(checks, func(a, b CheckWebhook) int {
		return cmp.Compare(rank(a.Matches), rank(b.Matches))
	})
}

func rank(matches bool) int {
	if matches {
		return 0
	}
	return 1
}

func checkHook(entry *catalogue.Entry, e *event.Event, body []byte) CheckWebhook {
	check := newCheck(entry)
	if entry.Hook == nil {
		check.Why = append(check.Why, CheckReason{"", "the webhook cannot be used: " + entry.Fault})
		return check
	}
	for _, reason := range entry.Hook.Explain(e, body) {
		check.Why = append(check.Why, CheckReason(reason))
	}
	check.Matches = len(check.Why) == 0
	return check
}

// newCheck names the webhook, and says nothing yet.
func newCheck(entry *catalogue.Entry) CheckWebhook {
	check := CheckWebhook{ID: entry.Number, UUID: entry.UUID, Name: entry.Webhook.Name, Phase: "after", Why: []CheckReason{}}
	if entry.Webhook.Configuration.InterceptRequests {
		check.Phase = "before"
	}
	return check
}
