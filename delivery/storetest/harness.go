package storetest

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/voorpoort/voorpoort/delivery"
)

// source is the CloudEvents source of the messages of the suite.
const source = "/register/test"

// granularity is what a store may lose of a time: they keep milliseconds.
const granularity = 2 * time.Millisecond

// harness is one store under test, with what the clauses have in common. Its
// methods fail the test by themselves.
type harness struct {
	*testing.T
	delivery.Store

	suite *suite
	ctx   context.Context //nolint:containedctx // the harness is one test's frame
}

func newHarness(t *testing.T, s *suite) *harness {
	t.Helper()
	h := &harness{T: t, Store: s.open(t), suite: s, ctx: t.Context()}
	t.Cleanup(func() { _ = h.Close() })
	return h
}

// message gives a message for lanes, due at once.
func message(id string, lanes ...string) delivery.Message {
	m := delivery.Message{
		ID: id, Source: source, Type: "nl.voorpoort.test.created", Class: "ObjectCreatedEvent",
		Subject: "subject-" + id, Time: time.Now(),
		Event: fmt.Appendf(nil, `{"specversion":"1.0","id":%q,"source":%q,"data":{"n":%q}}`, id, source, id),
	}
	for _, lane := range lanes {
		m.Targets = append(m.Targets, delivery.Target{Lane: lane})
	}
	return m
}

// to gives a message for one target.
func to(id string, target delivery.Target) delivery.Message {
	m := message(id)
	m.Targets = []delivery.Target{target}
	return m
}

// keyed gives a message that is ordered in a lane.
func keyed(id, lane, key string) delivery.Message {
	return to(id, delivery.Target{Lane: lane, Key: key})
}

func (h *harness) append(messages ...delivery.Message) {
	h.Helper()
	require.NoError(h, h.Append(h.ctx, messages...))
}

func (h *harness) finish(outcomes ...delivery.Outcome) {
	h.Helper()
	require.NoError(h, h.Finish(h.ctx, outcomes...))
}

// soon is an end of a lease that no test reaches.
func soon() time.Time { return time.Now().Add(time.Hour) }

// take leases n deliveries of a lane, which may become due while it waits.
func (h *harness) take(lane string, n int) []delivery.Lease {
	h.Helper()
	return h.takeUntil(lane, n, soon())
}

func (h *harness) takeUntil(lane string, n int, until time.Time) []delivery.Lease {
	h.Helper()
	var all []delivery.Lease
	for end := time.Now().Add(h.suite.wait); len(all) < n && time.Now().Before(end); {
		leases, _, err := h.Lease(h.ctx, lane, n-len(all), until)
		require.NoError(h, err)
		require.LessOrEqual(h, len(leases), n-len(all), "Lease gives at most limit")
		if all = append(all, leases...); len(leases) == 0 {
			time.Sleep(time.Millisecond)
		}
	}
	require.Len(h, all, n, "leases of lane %s: %v", lane, ids(all))
	return all
}

// one leases one delivery, which must be the message with this id.
func (h *harness) one(lane, id string) delivery.Lease {
	h.Helper()
	l := h.take(lane, 1)[0]
	require.Equal(h, id, l.Message.ID)
	return l
}

// none is that nothing of a lane can be leased now; it gives Lease's next.
func (h *harness) none(lane string) time.Time {
	h.Helper()
	leases, next, err := h.Lease(h.ctx, lane, 10, soon())
	require.NoError(h, err)
	require.Empty(h, ids(leases), "nothing of lane %s is due", lane)
	return next
}

// row is an attempt of a lease for the log.
func row(l delivery.Lease, success bool) *delivery.Attempt {
	a := &delivery.Attempt{
		Lane: l.Lane, Message: l.Message.ID, Seq: l.Message.Seq, Type: l.Message.Type, Class: l.Message.Class,
		Time: time.Now(), Duration: 12 * time.Millisecond, Number: l.Attempt,
		URL: "https://receiver.example/hook", Method: "POST", Success: success, Status: 200,
		Response: []byte("thanks"),
	}
	if !success {
		a.Status, a.Reason, a.Error = 503, delivery.ReasonServer, "the receiver answered 503"
		a.Request, a.Response = l.Message.Event, []byte("later")
	}
	return a
}

func done(l delivery.Lease) delivery.Outcome {
	return delivery.Outcome{Lease: l, Verdict: delivery.Done, Attempt: row(l, true)}
}

func retry(l delivery.Lease, due time.Time) delivery.Outcome {
	return delivery.Outcome{Lease: l, Verdict: delivery.Retry, Due: due, Attempt: row(l, false)}
}

func bury(l delivery.Lease, reason string) delivery.Outcome {
	return delivery.Outcome{Lease: l, Verdict: delivery.Bury, Reason: reason, Attempt: row(l, false)}
}

// where gives the delivery of a message in a lane.
func (h *harness) where(lane, id string) delivery.Delivery {
	h.Helper()
	_, deliveries, err := h.Message(h.ctx, source, id)
	require.NoError(h, err)
	for _, d := range deliveries {
		if d.Lane == lane {
			return d
		}
	}
	require.Fail(h, "no delivery", "message %s has none in lane %s", id, lane)
	return delivery.Delivery{}
}

func (h *harness) stats(lane string) delivery.Stats {
	h.Helper()
	st, err := h.Stats(h.ctx, lane)
	require.NoError(h, err)
	require.Equal(h, st.Total, st.Successful+st.Failed, "Total is Successful and Failed together")
	return st
}

// eventually waits for something that a store does by itself.
func (h *harness) eventually(what string, is func() bool) {
	h.Helper()
	require.Eventually(h, is, h.suite.wait, 2*time.Millisecond, what)
}

// each runs n goroutines and waits for them; the first error fails the test.
func (h *harness) each(n int, do func(i int) error) {
	h.Helper()
	errs := make(chan error, n)
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() { errs <- do(i) })
	}
	wg.Wait()
	close(errs)
	for err := range errs {
		require.NoError(h, err)
	}
}

func ids(leases []delivery.Lease) []string {
	all := make([]string, 0, len(leases))
	for _, l := range leases {
		all = append(all, l.Message.ID)
	}
	return all
}

// same is that two times are equal for a store.
func (h *harness) same(want, got time.Time, what string) {
	h.Helper()
	require.WithinDuration(h, want, got, granularity, what)
}
