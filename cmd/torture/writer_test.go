package main

import (
	"context"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/voorpoort/voorpoort/cmd/internal/process"
)

// fakeWriter writes to the given base URLs; path is its record.
func fakeWriter(t *testing.T, targets ...string) (w *writer, path string) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "clients")
	rec, err := openRecord(path)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, rec.close()) })
	return &writer{
		Gateways: targets, Clients: 4, Rate: 2000, Seed: 1, Record: rec,
		fail: func(err error) { t.Error(err) },
	}, path
}

func runFor(t *testing.T, w *writer, d time.Duration) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), d)
	defer cancel()
	w.run(ctx)
}

func TestWriterAndRegisterAgree(t *testing.T) {
	t.Parallel()
	_, url, registerPath := fakeRegister(t)
	w, path := fakeWriter(t, url)
	runFor(t, w, 300*time.Millisecond)

	clients, _, err := readRecord[told](path)
	require.NoError(t, err)
	require.Len(t, clients, int(w.sent()), "each client waits for its last answer")
	done := map[number]bool{}
	kinds := map[action]int{}
	for _, c := range clients {
		require.Empty(t, c.Error)
		require.Positive(t, c.Took)
		kinds[c.Action]++
		if c.done() {
			done[c.Number] = true
		} else {
			require.Zero(t, c.Number%refusal, "a client writes only to objects that it knows")
		}
	}
	require.Len(t, kinds, 3)
	entries, _, err := readRecord[accepted](registerPath)
	require.NoError(t, err)
	require.Len(t, entries, len(done))
	for _, e := range entries {
		require.True(t, done[e.Number])
	}
}

func TestWriterNotesWhatWentWrong(t *testing.T) {
	t.Parallel()
	cut := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "100")
		w.WriteHeader(http.StatusCreated)
		_, _ = w.Write([]byte("half"))
	}))
	t.Cleanup(cut.Close)
	nobody, err := process.PickAddress(t.Context())
	require.NoError(t, err)
	w, path := fakeWriter(t, cut.URL, "http://"+nobody)
	runFor(t, w, 100*time.Millisecond)

	clients, _, err := readRecord[told](path)
	require.NoError(t, err)
	seen := map[int]bool{}
	for _, c := range clients {
		require.NotEmpty(t, c.Error)
		require.False(t, c.done())
		require.Equal(t, create, c.Action, "there is nothing else to write to")
		seen[c.Status] = true
	}
	require.Equal(t, map[int]bool{0: true, http.StatusCreated: true}, seen, "both targets in turn")
}

func TestWriterKeepsItsRate(t *testing.T) {
	t.Parallel()
	_, url, _ := fakeRegister(t)
	w, _ := fakeWriter(t, url)
	w.Rate = 100
	runFor(t, w, time.Second)
	require.Positive(t, w.sent())
	require.LessOrEqual(t, w.sent(), uint64(150), "a busy machine may be slower, never faster")
}

func TestWriterThatCannotWriteDownStops(t *testing.T) {
	t.Parallel()
	_, url, _ := fakeRegister(t)
	w, _ := fakeWriter(t, url)
	rec, err := openRecord(filepath.Join(t.TempDir(), "closed"))
	require.NoError(t, err)
	require.NoError(t, rec.close())
	failed := make(chan error, w.Clients)
	w.Record, w.fail = rec, func(err error) { failed <- err }
	runFor(t, w, time.Minute)
	require.Error(t, <-failed)
}
