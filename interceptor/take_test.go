package interceptor

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/voorpoort/voorpoort/event"
	"github.com/voorpoort/voorpoort/interceptor/apply"
	"github.com/voorpoort/voorpoort/webhook"
)

// weigh takes answers in this order, all of one webhook in this mode.
func weigh(mode webhook.Mode, answers ...answer) Decision {
	g := &Gate{config: Config{}.withDefaults()}
	h := &webhook.Hook{Name: "check", Mode: mode, OnFailure: webhook.Reject, OnTimeout: webhook.Reject, OnUnreachable: webhook.Reject}
	var d Decision
	for _, a := range answers {
		d.take(g, h, &event.Event{ID: "1"}, a)
	}
	return d
}

// TestTheFirstBlockStands has answers that come after a block, of calls that it
// was too late to cancel.
func TestTheFirstBlockStands(t *testing.T) {
	t.Parallel()
	no := func(message string) answer {
		return answer{verdict: verdict{ruling: block, status: 409, message: message}}
	}
	d := weigh(webhook.Enforce, no("first"), no("second"), answer{failure: failed(ReasonTimeout, nil)},
		answer{verdict: verdict{ruling: modify, warnings: []string{"late"}}, change: apply.Result{Body: []byte("x"), Changed: true}})
	require.Equal(t, "first", d.Block.Detail)
	require.Empty(t, d.Warnings)
	require.False(t, d.Changed)
	for _, call := range d.Calls[1:] {
		require.Equal(t, OutcomeCanceled, call.Outcome)
		require.Equal(t, ReasonCanceled, call.Reason)
	}
}

func TestThatThereWereMoreChangesIsRecorded(t *testing.T) {
	t.Parallel()
	change := apply.Result{Body: []byte("x"), Changed: true, Pointers: []string{"/a"}, More: true}
	call := weigh(webhook.Enforce, answer{verdict: verdict{ruling: modify}, change: change}).Calls[0]
	require.Equal(t, []string{"/a"}, call.Pointers)
	require.True(t, call.More)
}

func TestARefusalThatOnlyWarnsIsAsShortAsAWarning(t *testing.T) {
	t.Parallel()
	d := weigh(webhook.Warn, answer{verdict: verdict{ruling: block, status: 409, message: strings.Repeat("x", 1000)}})
	require.Len(t, []rune(d.Warnings[0].Text), maxWarning)
}
