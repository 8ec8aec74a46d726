package manage

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/voorpoort/voorpoort/delivery"
	"github.com/voorpoort/voorpoort/settle"
)

// hold stores the intent of a write of some time ago.
func (d *office) hold(id string, age time.Duration) {
	d.t.Helper()
	intent := settle.Intent{Method: "POST", Path: "/pets", Rule: "pets"}
	raw, err := intent.MarshalBinary()
	require.NoError(d.t, err)
	require.NoError(d.t, d.store.Hold(d.t.Context(), delivery.Hold{ID: id, Created: time.Now().Add(-age), Intent: raw}))
}

func TestHoldsAreListedAndSettledByHand(t *testing.T) {
	t.Parallel()
	d := newOffice(t)
	d.hold("h1", time.Minute)
	require.NoError(t, d.store.Hold(t.Context(), delivery.Hold{ID: "h2", Created: time.Now(), Intent: []byte("of another version")}))

	list := d.do("GET", "/api/holds", "").ok(200)
	require.Equal(t, "POST", at(t, list, "results", 0, "method"))
	require.Equal(t, "/pets", at(t, list, "results", 0, "path"))
	require.Equal(t, "pets", at(t, list, "results", 0, "rule"))
	require.InDelta(t, 60, at(t, list, "results", 0, "ageSeconds"), 2)
	require.Nil(t, at(t, list, "results", 1, "method"), "what cannot be read is there all the same")

	d.do("POST", "/api/holds/h1/settle", `{"happened":true}`).ok(200)
	require.Equal(t, map[string]bool{"h1": true}, d.settled)
	d.do("POST", "/api/holds/h1/settle", `{"happened":true}`).problem(404)
	require.Equal(t, []any{"#/happened"}, d.do("POST", "/api/holds/h2/settle", `{}`).problem(400))
}

// A person who is too early would have the real event passed over.
func TestAHoldWhoseRequestIsUnderWayIsNotForPeople(t *testing.T) {
	t.Parallel()
	d := newOffice(t)
	d.hold("h1", time.Minute)
	d.handler.config.UnderWay = func(id string) bool { return id == "h1" }
	d.handler.config.Settle = func(context.Context, string, bool) error { return ErrUnderWay }
	require.Equal(t, true, at(t, d.do("GET", "/api/holds", "").ok(200), "results", 0, "underWay"))
	d.do("POST", "/api/holds/h1/settle", `{"happened":true}`).problem(409)
}
