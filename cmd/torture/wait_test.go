package main

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// fakeRecords are records in which a test can write.
func fakeRecords(t *testing.T) (p paths, register, receivers, clients *record) {
	t.Helper()
	p = pathsIn(t.TempDir())
	open := func(path string) *record {
		r, err := openRecord(path)
		require.NoError(t, err)
		t.Cleanup(func() { require.NoError(t, r.close()) })
		return r
	}
	return p, open(p.register), open(p.receivers), open(p.clients)
}

func TestWaitEndsWhenNothingIsOwed(t *testing.T) {
	t.Parallel()
	p, register, receivers, _ := fakeRecords(t)
	w := newWaiter(p, []string{"r1"})
	for _, done := range []accepted{{Number: 1, Action: create, ID: "o"}, {Number: 2, Action: remove, ID: "o"}} {
		require.NoError(t, register.add(done))
		require.NoError(t, receivers.add(received{Hook: "r1", notice: noticeOf(done)}))
	}
	open, err := w.wait(t.Context(), time.Minute, time.Minute)
	require.NoError(t, err)
	require.Zero(t, open)
}

func TestWaitIsPatientAboutWhatWasPromised(t *testing.T) {
	t.Parallel()
	p, register, receivers, clients := fakeRecords(t)
	require.NoError(t, register.add(accepted{Number: 1, Action: create, ID: "o"}))
	require.NoError(t, clients.add(told{Number: 1, Status: 201}))
	w := newWaiter(p, []string{"r1", "r2"})
	began := time.Now()
	open, err := w.wait(t.Context(), 500*time.Millisecond, 0)
	require.NoError(t, err)
	require.Equal(t, 2, open)
	require.Equal(t, 2, w.promised())
	require.GreaterOrEqual(t, time.Since(began), 500*time.Millisecond)

	require.NoError(t, receivers.add(received{Hook: "r2", notice: notice{Event: "e", Action: create, Number: 1}}))
	open, err = w.wait(t.Context(), 0, 0)
	require.NoError(t, err)
	require.Equal(t, 1, open, "it goes on where it was")
}

func TestWaitGivesUpDoubtfulWritesWhenNothingHappens(t *testing.T) {
	t.Parallel()
	p, register, _, clients := fakeRecords(t)
	require.NoError(t, register.add(accepted{Number: 1, Action: create, ID: "o"}))
	require.NoError(t, clients.add(told{Number: 1, Error: "connection reset"}))
	open, err := newWaiter(p, []string{"r1"}).wait(t.Context(), time.Minute, 200*time.Millisecond)
	require.NoError(t, err)
	require.Equal(t, 1, open)
}

func TestWaitEndsWithTheRun(t *testing.T) {
	t.Parallel()
	p, register, _, _ := fakeRecords(t)
	require.NoError(t, register.add(accepted{Number: 1, Action: create}))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := newWaiter(p, []string{"r1"}).wait(ctx, time.Minute, time.Minute)
	require.ErrorIs(t, err, context.Canceled)
}

func TestWaitRefusesDamagedRecords(t *testing.T) {
	t.Parallel()
	for i := range 3 {
		p, register, receivers, clients := fakeRecords(t)
		require.NoError(t, []*record{register, receivers, clients}[i].add("no entry"))
		_, err := newWaiter(p, nil).wait(t.Context(), 0, 0)
		require.ErrorIs(t, err, errRecord)
	}
}
