package caddymodule

import (
	"context"
	"testing"
	"time"

	"github.com/caddyserver/caddy/v2"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"

	"github.com/voorpoort/voorpoort/delivery"
	"github.com/voorpoort/voorpoort/delivery/storetest"
	"github.com/voorpoort/voorpoort/event"
)

// requireDead wants one dead letter, and gives its reason.
func requireDead(t *testing.T, messages []delivery.Message) string {
	t.Helper()
	require.Len(t, messages, 1)
	require.Len(t, messages[0].Targets, 1)
	require.Equal(t, "nobody", messages[0].Targets[0].Lane)
	require.Contains(t, string(messages[0].Event), `"outcome":"unknown"`)
	return messages[0].Targets[0].Dead
}

// TestAQuestionIsNotAskedForEver: after the horizon the write is left to a
// person, with the reason of the last failure.
func TestAQuestionIsNotAskedForEver(t *testing.T) {
	t.Parallel()
	a := asking(t, gate("", "", "fails"))
	i := deleting(a)
	_, err := a.Recover(t.Context(), held(t, i))
	require.ErrorContains(t, err, "the register answers 500")
	i.Time = time.Now().Add(-25 * time.Hour)
	found, err := a.Recover(t.Context(), held(t, i))
	require.NoError(t, err)
	reason := requireDead(t, found.Messages)
	require.Contains(t, reason, "within 24h0m0s of")
	require.Contains(t, reason, "the register answers 500")
	require.Contains(t, string(found.Messages[0].Event), `"type":"object.deleted"`)
	requireToldWhenKept(t, a, found, "unknown")
}

// requireToldWhenKept: a recovery counts when the store has it, not before.
func requireToldWhenKept(t *testing.T, a *App, found delivery.Recovery, finding string) {
	t.Helper()
	registry := prometheus.NewRegistry()
	require.NoError(t, registry.Register(a.metrics.recovered))
	require.Empty(t, gathered(t, registry))
	found.Kept()
	require.Equal(t, map[string]float64{"recovered_writes_total " + finding: 1}, gathered(t, registry))
}

// TestAnAnswerCountsAlsoAfterTheHorizon: only what fails is given up.
func TestAnAnswerCountsAlsoAfterTheHorizon(t *testing.T) {
	t.Parallel()
	a := asking(t, gate("", "", "nothing"))
	i := deleting(a)
	i.Time = time.Now().Add(-25 * time.Hour)
	found, err := a.Recover(t.Context(), held(t, i))
	require.NoError(t, err)
	require.Len(t, found.Messages, 1)
	require.Empty(t, found.Messages[0].Targets[0].Dead)
	requireToldWhenKept(t, a, found, "happened")
}

// TestAConfigurationCanBePutBackForADay: that the rules or the server are gone
// settles nothing before.
func TestAConfigurationCanBePutBackForADay(t *testing.T) {
	t.Parallel()
	a := asking(t, gate("", "", "nothing"))
	noServer, noRules := deleting(a), deleting(a)
	noServer.Listen = []string{":1"}
	noRules.Handler, noRules.Rule = "another", "another"
	var foreign *delivery.ForeignError
	_, err := a.Recover(t.Context(), held(t, noServer))
	require.ErrorIs(t, err, errNoServer)
	require.ErrorAs(t, err, &foreign, "another gateway may have it")
	_, err = a.Recover(t.Context(), held(t, noRules))
	require.ErrorIs(t, err, errNoHandler)
	require.ErrorAs(t, err, &foreign, "another gateway may have them")

	old := time.Now().Add(-25 * time.Hour)
	noServer.Time, noRules.Time = old, old
	found, err := a.Recover(t.Context(), held(t, noServer))
	require.NoError(t, err)
	require.Contains(t, requireDead(t, found.Messages), errNoServer.Error())
	found, err = a.Recover(t.Context(), held(t, noRules))
	require.NoError(t, err)
	require.Contains(t, requireDead(t, found.Messages), errNoHandler.Error())
	require.Equal(t, "voorpoort.write.unknown", found.Messages[0].Type)
	require.Equal(t, event.DoubtID("e1"), found.Messages[0].ID)

	found, err = a.Recover(t.Context(), delivery.Hold{ID: "e2", Created: old, Intent: []byte("of a gateway to come")})
	require.NoError(t, err)
	require.Contains(t, requireDead(t, found.Messages), "not an intent")
}

// TestAGatewayThatWasOffAsksForAWhile, however old the write is.
func TestAGatewayThatWasOffAsksForAWhile(t *testing.T) {
	t.Parallel()
	a := asking(t, gate("", "", "fails"))
	a.queue = &queue{owner: new(owners), store: storetest.NewMemory()}
	defer a.queue.owner.add(a)()
	i := deleting(a)
	i.Time = time.Now().Add(-25 * time.Hour)
	_, err := a.Recover(t.Context(), held(t, i))
	require.Error(t, err)
	a.queue.owner.begun = time.Now().Add(-recoverGrace)
	found, err := a.Recover(t.Context(), held(t, i))
	require.NoError(t, err)
	requireDead(t, found.Messages)
}

// TestAClockThatIsSetBackHoldsNothingUp: neither the question about a write that
// was made in what is the future now, nor the end of the questions.
func TestAClockThatIsSetBackHoldsNothingUp(t *testing.T) {
	t.Parallel()
	a := asking(t, gate("", "", "fails"))
	a.queue = &queue{owner: new(owners), store: storetest.NewMemory()}
	defer a.queue.owner.add(a)()
	i := deleting(a)
	i.Time = time.Now().Add(48 * time.Hour)
	require.LessOrEqual(t, a.rest(i.Time), time.Duration(a.RecoverAfter))
	_, err := a.Recover(t.Context(), held(t, i))
	require.ErrorContains(t, err, "the register answers 500")
	a.queue.owner.begun = time.Now().Add(-23 * time.Hour)
	_, err = a.Recover(t.Context(), held(t, i))
	require.Error(t, err, "a day has not passed in any reckoning")
	a.queue.owner.begun = time.Now().Add(-24 * time.Hour)
	found, err := a.Recover(t.Context(), held(t, i))
	require.NoError(t, err)
	requireDead(t, found.Messages)
}

// TestAnEndedContextIsNoFailure of the register's.
func TestAnEndedContextIsNoFailure(t *testing.T) {
	t.Parallel()
	a := asking(t, gate("", "", "hangs"))
	i := deleting(a)
	i.Time = time.Now().Add(-25 * time.Hour)
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	_, err := a.Recover(ctx, held(t, i))
	require.Error(t, err)
}

func TestTheHorizonIsBehindTheFirstQuestion(t *testing.T) {
	t.Parallel()
	_, err := provisionHandler(`{"recover_after":60000000000,"recover_horizon":60000000000,`+watcher+`}`, `{"presets":["rest"]}`)
	require.ErrorContains(t, err, errHorizon.Error())
	h := provisioned(t, watched, `{"presets":["rest"]}`)
	require.Equal(t, caddy.Duration(24*time.Hour), h.app.RecoverHorizon)
}
