package webhook

import "slices"

// This file refuses what belongs to the delivery of after-events. It goes when
// the delivery queue comes.

const notYet = "this version intercepts requests only and delivers no after-events yet"

// laterMembers and laterConfiguration are known members of a webhook and of
// its configuration that nothing could act on.
var (
	laterMembers       = []string{"format", "maxRetries", "ordered", "retry", "retryPolicy"}
	laterConfiguration = []string{"cloudEventSource", "cloudEventSubject", "enableRetries", "useCloudEvents"}
)

// isLater tells whether a member that the reader does not know is one of these.
func isLater(name string) bool {
	return slices.Contains(laterMembers, name) || slices.Contains(laterConfiguration, name)
}

// checkLater refuses values whose meaning is a delivery.
func checkLater(c *Configuration, f *faults) {
	if !c.InterceptRequests {
		f.add("/configuration/interceptRequests", "must be true: %s", notYet)
	}
	if c.Async {
		f.add("/configuration/async", "must be false: %s", notYet)
	}
	for _, setting := range policySettings(c) {
		if *setting.policy == Queue {
			f.add(setting.pointer, `"queue" comes with the delivery queue, which is not available in this version; allowed are %s`, quotedList(policies))
			*setting.policy = Reject
		}
	}
}
