package webhook

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestOrder(t *testing.T) {
	t.Parallel()
	for members, want := range map[string]Hook{
		``:                                    {},
		`"ordered":false`:                     {},
		`"ordered":true`:                      {Ordered: true, OrderPolicy: OrderPark},
		`"ordered":true,"orderPolicy":"park"`: {Ordered: true, OrderPolicy: OrderPark},
		`"ordered":true,"orderPolicy":"hold"`: {Ordered: true, OrderPolicy: OrderHold},
		`"ordered":true,"orderPolicy":"skip-after","skipAfter":1`: {Ordered: true, OrderPolicy: OrderSkip, SkipAfter: 1},
	} {
		got := compileJSON(t, subscriber(members))
		require.Equal(t, want.Ordered, got.Ordered, members)
		require.Equal(t, want.OrderPolicy, got.OrderPolicy, members)
		require.Equal(t, want.SkipAfter, got.SkipAfter, members)
	}
}

func TestOrderFaults(t *testing.T) {
	t.Parallel()
	for members, want := range map[string]string{
		`"ordered":true,"orderPolicy":"fifo"`:                `/orderPolicy: is "fifo"; allowed are "park", "hold", "skip-after"`,
		`"orderPolicy":"hold"`:                               `/orderPolicy: needs ordered to be true`,
		`"ordered":true,"orderPolicy":"hold","maxRetries":0`: `/orderPolicy: hold attempts the first event until it is taken; without retries take park or skip-after`,
		`"ordered":true,"skipAfter":3`:                       `/skipAfter: is only for orderPolicy "skip-after"`,
		`"ordered":true,"orderPolicy":"hold","skipAfter":3`:  `/skipAfter: is only for orderPolicy "skip-after"`,
		`"ordered":true,"orderPolicy":"skip-after"`:          `/skipAfter: is 0; allowed is 1 to 101`,
	} {
		_, err := tryJSON(subscriber(members))
		require.Equal(t, []string{want}, fieldErrors(t, err), members)
	}
	_, err := Compile(Webhook{
		Name: "n", URL: NewAddress("http://a.example/"), Ordered: true, OrderPolicy: OrderHold, Configuration: Configuration{DisableRetries: true},
	}, Defaults{})
	require.Equal(t, []string{"/orderPolicy: hold attempts the first event until it is taken; without retries take park or skip-after"}, fieldErrors(t, err))
}

func TestConcurrency(t *testing.T) {
	t.Parallel()
	require.Equal(t, 16, compileJSON(t, subscriber(``)).Concurrency)
	require.Equal(t, 1, compileJSON(t, subscriber(`"concurrency":1`)).Concurrency)
	_, err := Compile(Webhook{Name: "n", URL: NewAddress("http://a.example/"), Concurrency: -1}, Defaults{})
	require.Equal(t, []string{"/concurrency: is -1; allowed is 1 to 256"}, fieldErrors(t, err))
}
