package e2e_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// deliveryLine is a line of the gateway's log. What a message does not have is zero.
type deliveryLine struct {
	Level   string  `json:"level"`
	Time    float64 `json:"ts"` // seconds since 1970
	Logger  string  `json:"logger"`
	Message string  `json:"msg"`
	Error   string  `json:"error"`
	Doubt   string  `json:"doubt"`
	Finding string  `json:"finding"`
	Path    string  `json:"path"`
	State   string  `json:"state"`
	Step    string  `json:"step"`

	// Of the message "delivery", which tells of one attempt.
	Webhook   string  `json:"webhook"`
	EventID   string  `json:"event_id"`
	EventType string  `json:"event_type"`
	Outcome   string  `json:"outcome"`
	Attempt   int     `json:"attempt"`
	Status    int     `json:"status"`
	Next      float64 `json:"next"` // when the next attempt is due; 0: there is none
	Dead      bool    `json:"dead"`
}

// wait is how long after the attempt the next one is due.
func (l deliveryLine) wait() time.Duration {
	return time.Duration((l.Next - l.Time) * float64(time.Second))
}

// logged are the lines with a message.
func (g *gateway) logged(message string) []deliveryLine {
	var found []deliveryLine
	for line := range strings.Lines(g.log()) {
		var l deliveryLine
		if json.Unmarshal([]byte(line), &l) == nil && l.Message == message {
			found = append(found, l)
		}
	}
	return found
}

// failures are the failed attempts of a webhook: what went well is for debugging
// and not in the log.
func (g *gateway) failures(webhook string) []deliveryLine {
	var found []deliveryLine
	for _, l := range g.logged("delivery") {
		if l.Webhook == webhook {
			found = append(found, l)
		}
	}
	return found
}

// awaitFailures waits until so many attempts of a webhook have failed.
func (g *gateway) awaitFailures(t testing.TB, webhook string, n int) []deliveryLine {
	t.Helper()
	var found []deliveryLine
	require.Eventually(t, func() bool {
		found = g.failures(webhook)
		return len(found) >= n
	}, 20*time.Second, 10*time.Millisecond, "%s failed %d times", webhook, len(found))
	require.Len(t, found, n)
	return found
}

// requireDue checks when the next attempt is due: after the wait of the schedule
// and up to a tenth more. A moment passes between the judgement and its line.
func requireDue(t testing.TB, wait time.Duration, l deliveryLine) {
	t.Helper()
	require.NotZero(t, l.Next, "%s, attempt %d: there is no next one", l.Webhook, l.Attempt)
	require.GreaterOrEqual(t, l.wait(), wait-2*time.Second, "%s, attempt %d", l.Webhook, l.Attempt)
	require.LessOrEqual(t, l.wait(), wait+wait/10, "%s, attempt %d", l.Webhook, l.Attempt)
}
