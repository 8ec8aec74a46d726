package caddymodule

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/voorpoort/voorpoort/catalogue"
	"github.com/voorpoort/voorpoort/delivery"
	"github.com/voorpoort/voorpoort/manage"
)

// failedOnce has a webhook fail once, with its retry due in an hour, and then be at
// another address, where a handler answers.
func failedOnce(t *testing.T, answer http.HandlerFunc) (*cockpit, *failingStore, catalogue.Entry, delivery.Attempt) {
	t.Helper()
	h, store := telling(t, loopback, "")
	bad, _ := interceptorOf(t, http.StatusInternalServerError)
	policy := `"maxRetries":5,"retryPolicy":"fixed"`
	e := made(t, h.app, fmt.Sprintf(`{"name":"a","url":%q,`+policy+`}`, bad))
	_, err := send(t, h, http.MethodPost, cats, `{}`, registerSays(201, `{"id":"1"}`))
	require.NoError(t, err)
	var row delivery.Attempt
	require.Eventually(t, func() bool {
		rows := attemptsOf(t, store, e.UUID)
		if len(rows) > 0 {
			row = rows[0]
		}
		return len(rows) > 0
	}, 20*time.Second, 5*time.Millisecond)
	server := httptest.NewServer(answer)
	t.Cleanup(server.Close)
	require.NoError(t, h.app.catalogue.Delete(t.Context(), e.UUID, 0))
	e = made(t, h.app, fmt.Sprintf(`{"name":"a","uuid":%q,"url":%q,`+policy+`}`, e.UUID, server.URL))
	require.NoError(t, store.Replay(t.Context(), e.UUID, row.Seq, time.Now().Add(time.Hour)))
	return cockpitOf(t, h), store, e, row
}

func attemptsOf(t *testing.T, store *failingStore, lane string) []delivery.Attempt {
	t.Helper()
	rows, _, err := store.Attempts(context.WithoutCancel(t.Context()), delivery.AttemptQuery{Lane: lane})
	require.NoError(t, err)
	return rows
}

// A call that has gone out is in the log, whether or not whoever asked for it
// waits for the answer.
func TestACallWhoseCallerLeavesIsInTheLog(t *testing.T) {
	t.Parallel()
	ctx, leave := context.WithCancel(t.Context())
	c, store, e, row := failedOnce(t, func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body) // only then the server sees that the other side goes
		leave()
		<-r.Context().Done()
	})
	due := stored(t, store)[0].Due
	again, err := c.resend(ctx, e, row)
	require.NoError(t, err)
	require.False(t, again.Success)
	rows := attemptsOf(t, store, e.UUID)
	require.Len(t, rows, 2)
	require.Equal(t, "broken: the call was given up before there was an answer", rows[0].Error)
	require.WithinDuration(t, due, stored(t, store)[0].Due, time.Second, "it is retried as it was to be")

	_, err = c.resend(ctx, e, row)
	require.ErrorIs(t, err, context.Canceled)
	require.Len(t, attemptsOf(t, store, e.UUID), 2, "nothing was sent for somebody who had left before")
}

// leavesAfterFinish is a store whose caller leaves as soon as a call is written down.
type leavesAfterFinish struct {
	delivery.Store
	leave context.CancelFunc
}

func (s leavesAfterFinish) Finish(ctx context.Context, outcomes ...delivery.Outcome) error {
	err := s.Store.Finish(ctx, outcomes...)
	s.leave()
	return err
}

func TestADeliveryIsSettledWhenTheCallerLeaves(t *testing.T) {
	t.Parallel()
	ctx, leave := context.WithCancel(t.Context())
	c, store, e, row := failedOnce(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) })
	left := *c
	left.store = leavesAfterFinish{c.store, leave}
	again, err := left.resend(ctx, e, row)
	require.NoError(t, err)
	require.True(t, again.Success)
	require.Error(t, ctx.Err())
	require.Equal(t, delivery.Delivered, stored(t, store)[0].State)
}

// While a person makes a call nobody else makes it, and afterwards the retry is
// due when it was.
func TestARetryByHandKeepsTheQueueOff(t *testing.T) {
	t.Parallel()
	during := make(chan delivery.Delivery, 1)
	var looked atomic.Pointer[failingStore]
	c, store, e, row := failedOnce(t, func(w http.ResponseWriter, _ *http.Request) {
		during <- stored(t, looked.Load())[0] //nolint:contextcheck // of the test
		w.WriteHeader(http.StatusInternalServerError)
	})
	looked.Store(store)
	soon := time.Now().Add(30 * time.Second)
	require.NoError(t, store.Replay(t.Context(), e.UUID, row.Seq, soon))
	again, err := c.resend(t.Context(), e, row)
	require.NoError(t, err)
	require.False(t, again.Success)
	require.True(t, (<-during).Due.After(again.Time.Add(e.Hook.Timeout+delivery.DefaultLeaseMargin)), "not while the call lasts")
	after := stored(t, store)[0]
	require.WithinDuration(t, soon, after.Due, time.Second)
	require.Equal(t, 1, after.Attempts, "one of its own")
}

// While the gateway makes a call a person does not make it as well.
func TestARetryByHandWaitsForTheQueue(t *testing.T) {
	t.Parallel()
	called, end := make(chan struct{}, 8), make(chan struct{})
	c, store, e, row := failedOnce(t, func(w http.ResponseWriter, _ *http.Request) {
		called <- struct{}{}
		<-end
		w.WriteHeader(http.StatusInternalServerError)
	})
	defer close(end)
	require.NoError(t, store.Replay(t.Context(), e.UUID, row.Seq, time.Now()))
	<-called // the gateway's own
	leased := stored(t, store)[0]
	_, err := c.resend(t.Context(), e, row)
	require.ErrorIs(t, err, manage.ErrUnderWay)
	require.Empty(t, called)
	require.WithinDuration(t, leased.Due, stored(t, store)[0].Due, 5*time.Second, "its lease stays")
}
