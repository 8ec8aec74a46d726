package interceptor_test

import (
	"fmt"
	"maps"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/voorpoort/voorpoort/event"
	"github.com/voorpoort/voorpoort/interceptor"
)

// adding is a service that adds one member to the body.
func adding(t testing.TB, member string) *service {
	t.Helper()
	return replying(t, http.StatusOK, "application/json", fmt.Sprintf(`{"data":{%q:true}}`, member))
}

func TestMutatingWebhooksSeeTheResultOfTheLast(t *testing.T) {
	t.Parallel()
	first, second, third := adding(t, "first"), adding(t, "second"), adding(t, "third")
	d := decide(t, `{"n":1e400}`,
		hook(t, "z", first.URL, merging(object{"order": -1})),
		hook(t, "b", third.URL, merging(nil)),
		hook(t, "a", second.URL, merging(nil)))
	require.Equal(t, []string{`{"n":1e400}`}, first.bodies(), "order counts before the name")
	require.Equal(t, []string{`{"n":1e400,"first":true}`}, second.bodies())
	require.Equal(t, []string{`{"n":1e400,"first":true,"second":true}`}, third.bodies())
	require.Equal(t, `{"n":1e400,"first":true,"second":true,"third":true}`, string(d.Body))
	require.True(t, d.Changed)
}

func TestTheEventKeepsItsIDAlongTheChain(t *testing.T) {
	t.Parallel()
	first, second := adding(t, "first"), replying(t, http.StatusNoContent, "", "")
	decide(t, `{}`, hook(t, "a", first.URL, merging(nil)), hook(t, "b", second.URL, nil))
	require.NotEmpty(t, first.events()[0].ID)
	require.Equal(t, first.events()[0].ID, second.events()[0].ID)
}

func TestABlockEndsTheChain(t *testing.T) {
	t.Parallel()
	no := replying(t, http.StatusConflict, "application/json", `{"message":"nee"}`)
	after, validator := adding(t, "x"), replying(t, http.StatusNoContent, "", "")
	d := decide(t, `{}`,
		hook(t, "a", no.URL, merging(nil)),
		hook(t, "b", after.URL, merging(nil)),
		hook(t, "c", validator.URL, nil))
	require.Equal(t, http.StatusConflict, d.Block.Status)
	require.Empty(t, after.events())
	require.Empty(t, validator.events())
}

func TestValidatorsSeeTheFinalBody(t *testing.T) {
	t.Parallel()
	change, validator := adding(t, "x"), replying(t, http.StatusNoContent, "", "")
	decide(t, `{"a":1}`, hook(t, "z-change", change.URL, merging(object{"order": 9})), hook(t, "a-check", validator.URL, nil))
	require.Equal(t, []string{`{"a":1,"x":true}`}, validator.bodies())
}

func TestFiltersLookAtTheBodyAsItHasBecome(t *testing.T) {
	t.Parallel()
	rename := replying(t, http.StatusOK, "application/json", `{"data":{"name":"Felix"}}`)
	felix := replying(t, http.StatusUnprocessableEntity, "application/json", `{"message":"geen Felix"}`)
	d := decide(t, `{"name":"Tom"}`,
		hook(t, "rename", rename.URL, merging(nil)),
		hook(t, "felix", felix.URL, object{"filters": object{"data.name": "Felix"}}))
	require.Equal(t, "geen Felix", d.Block.Detail, "an earlier webhook must not smuggle a Felix past the check")
}

// TestValidatorsAreAskedSideBySide answers only when all three have been asked.
func TestValidatorsAreAskedSideBySide(t *testing.T) {
	t.Parallel()
	var together sync.WaitGroup
	together.Add(3)
	s := answering(t, func(w http.ResponseWriter, _ received) {
		together.Done()
		together.Wait()
		w.WriteHeader(http.StatusNoContent)
	})
	d := decide(t, `{}`, hook(t, "a", s.URL, nil), hook(t, "b", s.URL, nil), hook(t, "c", s.URL, nil))
	require.Nil(t, d.Block)
	require.Len(t, d.Calls, 3)
}

func TestTheFirstBlockCancelsTheOtherValidators(t *testing.T) {
	t.Parallel()
	slow := hanging(t)
	no := replying(t, http.StatusUnprocessableEntity, "application/json", `{"message":"nee"}`)
	started := time.Now()
	d := decide(t, `{}`, hook(t, "a-slow", slow.URL, nil), hook(t, "b-no", no.URL, nil), hook(t, "c-slow", slow.URL, nil))
	require.Less(t, time.Since(started), 10*time.Second)
	require.Equal(t, "b-no", d.Block.Webhook)
	outcomes := map[string]interceptor.Outcome{}
	for _, call := range d.Calls {
		outcomes[call.Webhook] = call.Outcome
	}
	require.Equal(t, map[string]interceptor.Outcome{
		"a-slow": interceptor.OutcomeCanceled,
		"b-no":   interceptor.OutcomeRejected,
		"c-slow": interceptor.OutcomeCanceled,
	}, outcomes)
}

func TestEachChangeIsRecordedWithItsWebhook(t *testing.T) {
	t.Parallel()
	first := replying(t, http.StatusOK, "application/json", `{"data":{"@self":{"validated":true},"name":"Tom"}}`)
	second := replying(t, http.StatusOK, "application/json", `{"data":{"@self":{"by":"b"}}}`)
	d := decide(t, `{"name":"Felix"}`, hook(t, "a", first.URL, merging(nil)), hook(t, "b", second.URL, merging(nil)))
	require.ElementsMatch(t, []string{"/@self", "/name"}, d.Calls[0].Pointers)
	require.Equal(t, []string{"/@self/by"}, d.Calls[1].Pointers)
}

func TestTheStrategiesChangeTheBodyAsPromised(t *testing.T) {
	t.Parallel()
	const body = `{"a":1,"b":{"c":1,"d":[1,2]}}`
	cases := map[string]struct {
		processing object
		answer     string
		want       string
	}{
		"merge":   {object{"mergeStrategy": "merge"}, `{"data":{"b":{"c":2,"d":[9]},"e":null}}`, `{"a":1,"b":{"c":2,"d":[9]},"e":null}`},
		"replace": {object{"mergeStrategy": "replace"}, `{"data":{"z":1}}`, `{"z":1}`},
		"custom": {
			object{"mergeStrategy": "custom", "fieldMapping": object{"validatedData": "data", "metadata": "@self.metadata"}},
			`{"validatedData":{"a":5},"metadata":{"m":1},"ignored":true}`,
			`{"a":5,"b":{"c":1,"d":[1,2]},"@self":{"metadata":{"m":1}}}`,
		},
		"custom, source missing": {object{"mergeStrategy": "custom", "fieldMapping": object{"x.y": "b.c"}}, `{"x":{}}`, body},
		"merge-patch":            {object{"mergeStrategy": "merge-patch"}, `{"data":{"a":null,"b":{"c":3}}}`, `{"b":{"c":3,"d":[1,2]}}`},
		"json-patch":             {object{"mergeStrategy": "json-patch"}, `{"data":[{"op":"replace","path":"/a","value":7}]}`, `{"a":7,"b":{"c":1,"d":[1,2]}}`},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := replying(t, http.StatusOK, "application/json", c.answer)
			d := decide(t, body, hook(t, "change", s.URL, object{"configuration": object{
				"processResponse": true, "responseProcessing": c.processing,
			}}))
			require.Nil(t, d.Block)
			require.JSONEq(t, c.want, string(d.Body))
		})
	}
}

// TestEachValidatorFollowsItsOwnPolicyWhenThereIsNoEvent has a rule whose
// data_expression cannot be evaluated on the body that a webhook made. That the
// first validator does not mind must not wave the write past the second.
func TestEachValidatorFollowsItsOwnPolicyWhenThereIsNoEvent(t *testing.T) {
	t.Parallel()
	table, err := event.Compile(event.Config{Rules: []event.Rule{{
		Resource: "cat", Path: "/cats", DataExpression: `{"name": request.body.name}`,
		Actions: map[string]event.Action{http.MethodPost: {Name: "create", Before: "cat.creating"}},
	}}})
	require.NoError(t, err)
	match, ok := table.Match(http.MethodPost, "/cats")
	require.True(t, ok)
	e, ok, err := match.Before(&event.Request{Method: http.MethodPost, Path: "/cats", Body: []byte(`{"name":"Felix"}`)})
	require.NoError(t, err)
	require.True(t, ok)

	nameless := replying(t, http.StatusOK, "application/json", `{"data":{}}`)
	every := object{"events": []string{"cat.*"}}
	with := func(configuration object) object {
		every := maps.Clone(every)
		every["configuration"] = configuration
		return every
	}
	gate := newGate(t, interceptor.Config{},
		hook(t, "change", nameless.URL, with(object{"processResponse": true, "responseProcessing": object{"mergeStrategy": "replace"}})),
		hook(t, "a", nameless.URL, with(object{"onFailure": "allow"})),
		hook(t, "b", nameless.URL, with(object{"onFailure": "flag"})),
		hook(t, "c", nameless.URL, with(object{"onFailure": "reject"})))
	d, err := gate.Intercept(t.Context(), e)
	require.NoError(t, err)
	require.Equal(t, "c", d.Block.Webhook)
	require.Equal(t, interceptor.ReasonCondition, d.Calls[3].Reason)
	require.Len(t, nameless.events(), 1)
}

func TestMutatingWebhooksAreFilteredOnWhatTheBodyHasBecome(t *testing.T) {
	t.Parallel()
	rename := replying(t, http.StatusOK, "application/json", `{"data":{"name":"Felix"}}`)
	felix := adding(t, "felix")
	d := decide(t, `{"name":"Tom"}`,
		hook(t, "a", rename.URL, merging(nil)),
		hook(t, "b", felix.URL, object{
			"filters":       object{"data.name": "Felix"},
			"configuration": merging(nil)["configuration"],
		}))
	require.JSONEq(t, `{"name":"Felix","felix":true}`, string(d.Body))
}

// TestAConditionThatCannotBeEvaluatedIsAFailure: it is no "no".
func TestAConditionThatCannotBeEvaluatedIsAFailure(t *testing.T) {
	t.Parallel()
	for name, configuration := range map[string]object{"mutating": merging(nil), "validating": {}} {
		s := replying(t, http.StatusNoContent, "", "")
		with := func(policy string) interceptor.Decision {
			options := object{"when": `request.body.missing == "s3cret"`}
			c, ok := configuration["configuration"].(object)
			if !ok {
				c = object{}
			}
			c = maps.Clone(c)
			c["onFailure"] = policy
			options["configuration"] = c
			return decide(t, `{"name":"s3cret"}`, hook(t, "check", s.URL, options), hook(t, "later", s.URL, nil))
		}
		closed := with("reject")
		require.Equal(t, http.StatusBadGateway, closed.Block.Status, name)
		require.Equal(t, interceptor.ReasonCondition, closed.Calls[0].Reason)
		require.NotContains(t, closed.Calls[0].Failure.Error(), "s3cret")
		require.Len(t, closed.Calls, 1)
		require.Empty(t, s.events(), "%s: what is blocked costs no further call", name)

		open := with("allow")
		require.Nil(t, open.Block)
		require.Equal(t, interceptor.OutcomeFailedOpen, open.Calls[0].Outcome)
		require.Len(t, s.events(), 1, "the other was asked")
	}
}
