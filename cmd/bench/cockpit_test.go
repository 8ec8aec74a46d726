package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/voorpoort/voorpoort/catalogue"
	"github.com/voorpoort/voorpoort/delivery"
	"github.com/voorpoort/voorpoort/delivery/local"
)

func TestFillTheCockpit(t *testing.T) {
	t.Parallel()
	store, err := local.Open(filepath.Join(t.TempDir(), "store"), local.Options{})
	require.NoError(t, err)
	defer func() { _ = store.Close() }()
	size := cockpit{Webhooks: 20, Messages: 40, Rows: 100}
	hooks, err := size.fill(t.Context(), store)
	require.NoError(t, err)
	documents, err := store.Documents(t.Context(), catalogue.Kind)
	require.NoError(t, err)
	require.Len(t, documents, 20)
	_, total, err := store.Attempts(t.Context(), delivery.AttemptQuery{})
	require.NoError(t, err)
	require.EqualValues(t, 100, total)
	st, err := store.Stats(t.Context(), hooks[0].UUID)
	require.NoError(t, err)
	require.EqualValues(t, 53, st.Total, "every second row, and its part of the others")
	require.EqualValues(t, 2, st.Dead)
	require.Contains(t, size.paths(hooks), fmt.Sprintf("webhooks/%d/logs/stats", hooks[0].ID))
}

func TestAskPage(t *testing.T) {
	t.Parallel()
	var asked atomic.Int64
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked.Add(1)
		if r.URL.Path != "/gateway/api/holds" {
			w.WriteHeader(http.StatusNotFound)
		}
		_, _ = w.Write([]byte("12345"))
	}))
	defer server.Close()
	address := strings.TrimPrefix(server.URL, "http://")
	p, err := askPage(t.Context(), address, "holds")
	require.NoError(t, err)
	require.Equal(t, 5, p.Bytes)
	require.Len(t, p.Took, cockpitAsks)
	require.EqualValues(t, 1+cockpitAsks, asked.Load())
	_, err = askPage(t.Context(), address, "other")
	require.ErrorIs(t, err, errStatus)
}

func TestReportCockpit(t *testing.T) {
	t.Parallel()
	var out strings.Builder
	reportCockpit(&out, []paged{
		{Store: "embedded", Path: "holds", Bytes: 2048, Took: []time.Duration{time.Millisecond, 2 * time.Millisecond, 60 * time.Millisecond}},
	}, cockpit{Webhooks: 1, Messages: 2, Rows: 3})
	require.Regexp(t, `embedded \|\s*holds \|\s*2.0 \|\s*2.00 \|\s*60.00 \|\s*< 50 ms, missed`, out.String())
}

func TestTogether(t *testing.T) {
	t.Parallel()
	var done atomic.Int64
	require.NoError(t, together(3, 50, func(int) error { done.Add(1); return nil }))
	require.EqualValues(t, 50, done.Load())
	failed := errors.New("failed")
	require.ErrorIs(t, together(3, 1_000_000, func(i int) error {
		if i == 7 {
			return failed
		}
		return nil
	}), failed)
	require.ErrorIs(t, together(1, 1, func(int) error { return context.Canceled }), context.Canceled)
}
