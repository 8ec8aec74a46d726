package main

import (
	"bytes"
	"context"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/voorpoort/voorpoort/cmd/internal/process"
)

// fakeReceivers are receivers in this process; path is their record.
func fakeReceivers(t *testing.T, count int) (all receivers, control, path string) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "receivers")
	rec, err := openRecord(path)
	require.NoError(t, err)
	addresses, err := process.PickAddresses(t.Context(), count)
	require.NoError(t, err)
	for i, address := range addresses {
		r := newReceiver(hookName(i), address, rec)
		require.NoError(t, r.open(t.Context()))
		t.Cleanup(r.close)
		all = append(all, r)
	}
	server := httptest.NewServer(all.control())
	t.Cleanup(server.Close)
	return all, server.URL, path
}

func post(t *testing.T, address string, body []byte, timeout time.Duration) (int, error) {
	t.Helper()
	return postWith(t.Context(), address, body, timeout)
}

func postWith(ctx context.Context, address string, body []byte, timeout time.Duration) (int, error) {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+address+"/", bytes.NewReader(body))
	if err != nil {
		return 0, err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0, err
	}
	return resp.StatusCode, resp.Body.Close()
}

func TestReceiverWritesDownAndThenAnswers(t *testing.T) {
	t.Parallel()
	all, _, path := fakeReceivers(t, 2)
	for i, r := range all {
		status, err := post(t, r.address, eventOf(write{number(i + 1), create, "o-1"}, ""), time.Minute)
		require.NoError(t, err)
		require.Equal(t, http.StatusNoContent, status)
	}
	status, err := post(t, all[0].address, []byte("no event"), time.Minute)
	require.NoError(t, err)
	require.Equal(t, http.StatusNoContent, status)

	entries, _, err := readRecord[received](path)
	require.NoError(t, err)
	require.Len(t, entries, 3)
	require.Equal(t, "r1", entries[0].Hook)
	require.Equal(t, number(1), entries[0].Number)
	require.Equal(t, "r2", entries[1].Hook)
	require.NotEmpty(t, entries[2].Damaged)
}

func TestReceiverThatIsNotWellTakesNothing(t *testing.T) {
	t.Parallel()
	event := eventOf(write{1, create, "o-1"}, "")
	for _, m := range badModes {
		t.Run(string(m), func(t *testing.T) {
			t.Parallel()
			all, control, path := fakeReceivers(t, 2)
			require.NoError(t, steer(t.Context(), http.MethodPost, control+"/mode?name=r1&mode="+string(m)))
			for range 2 * len(rubbish) {
				status, err := post(t, all[0].address, event, 300*time.Millisecond)
				require.True(t, err != nil || status/100 != 2, "%d %v", status, err)
				if m == hang {
					break
				}
			}
			status, err := post(t, all[1].address, event, time.Minute)
			require.NoError(t, err, "the other is well")
			require.Equal(t, http.StatusNoContent, status)

			require.NoError(t, steer(t.Context(), http.MethodPost, control+"/mode?mode=well"))
			status, err = post(t, all[0].address, event, time.Minute)
			require.NoError(t, err)
			require.Equal(t, http.StatusNoContent, status)
			entries, _, err := readRecord[received](path)
			require.NoError(t, err)
			require.Len(t, entries, 2)
		})
	}
}

func TestWhoHangsIsLetGoByTheNextMode(t *testing.T) {
	t.Parallel()
	all, control, _ := fakeReceivers(t, 1)
	require.NoError(t, steer(t.Context(), http.MethodPost, control+"/mode?mode=hang"))
	ended := make(chan error, 1)
	go func() {
		_, err := postWith(t.Context(), all[0].address, eventOf(write{1, create, "o-1"}, ""), time.Minute)
		ended <- err
	}()
	time.Sleep(50 * time.Millisecond)
	require.NoError(t, steer(t.Context(), http.MethodPost, control+"/mode?mode=well"))
	require.Error(t, <-ended)
}

func TestOrdersThatNobodyCanFollow(t *testing.T) {
	t.Parallel()
	_, control, _ := fakeReceivers(t, 1)
	require.Error(t, steer(t.Context(), http.MethodPost, control+"/mode?mode=asleep"))
	require.Error(t, steer(t.Context(), http.MethodPost, control+"/mode?name=r9&mode=well"))
	require.Error(t, steer(t.Context(), http.MethodPost, "http://127.0.0.1:1/mode"))
	require.Error(t, steer(t.Context(), "bad method", control))
}

func TestRubbishNeverSays2xx(t *testing.T) {
	t.Parallel()
	for _, text := range rubbish {
		require.NotRegexp(t, `^HTTP/1\.[01] 2`, text)
	}
}
