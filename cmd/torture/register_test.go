package main

import (
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// fakeRegister is a register in this process; path is its record.
func fakeRegister(t *testing.T) (r *register, url, path string) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "register")
	rec, err := openRecord(path)
	require.NoError(t, err)
	r = newRegister(rec)
	server := httptest.NewServer(r.handler())
	t.Cleanup(func() {
		server.Close()
		require.NoError(t, rec.close())
	})
	return r, server.URL, path
}

func do(t *testing.T, w write, base string) (status int, body []byte) {
	t.Helper()
	req, err := w.request(t.Context(), base)
	require.NoError(t, err)
	resp, err := http.DefaultClient.Do(req)
	require.NoError(t, err)
	defer resp.Body.Close()
	body, err = io.ReadAll(resp.Body)
	require.NoError(t, err)
	return resp.StatusCode, body
}

func get(t *testing.T, url string) (status int, body []byte) {
	t.Helper()
	resp, err := http.Get(url)
	require.NoError(t, err)
	defer resp.Body.Close()
	body, err = io.ReadAll(resp.Body)
	require.NoError(t, err)
	return resp.StatusCode, body
}

func TestRegisterWritesDownWhatItDoes(t *testing.T) {
	t.Parallel()
	_, url, path := fakeRegister(t)
	status, object := do(t, write{Number: 1, Action: create}, url)
	require.Equal(t, http.StatusCreated, status)
	id := idOf(object)
	require.NotEmpty(t, id)

	status, updated := do(t, write{Number: 2, Action: update, ID: id}, url)
	require.Equal(t, http.StatusOK, status)
	status, now := get(t, url+collection+"/"+id)
	require.Equal(t, http.StatusOK, status)
	require.Equal(t, updated, now)

	status, _ = do(t, write{Number: 3, Action: remove, ID: id}, url)
	require.Equal(t, http.StatusNoContent, status)
	status, _ = get(t, url+collection+"/"+id)
	require.Equal(t, http.StatusNotFound, status)

	entries, _, err := readRecord[accepted](path)
	require.NoError(t, err)
	require.Len(t, entries, 3)
	for i, a := range []action{create, update, remove} {
		require.NotZero(t, entries[i].At)
		entries[i].At = 0
		require.Equal(t, accepted{Number: number(i + 1), Action: a, ID: id}, entries[i])
	}
}

func TestRegisterWritesNothingDownThatItRefuses(t *testing.T) {
	t.Parallel()
	_, url, path := fakeRegister(t)
	for want, w := range map[int]write{
		http.StatusUnprocessableEntity: {Number: refusal, Action: create},
		http.StatusNotFound:            {Number: 1, Action: update, ID: "o-absent"},
	} {
		status, _ := do(t, w, url)
		require.Equal(t, want, status)
	}
	status, _ := do(t, write{Number: 2, Action: remove, ID: "o-absent"}, url)
	require.Equal(t, http.StatusNotFound, status)
	for _, target := range []string{"?number=3", "?number=x", ""} { // without a body, or without a number
		resp, err := http.Post(url+collection+target, "application/json", http.NoBody)
		require.NoError(t, err)
		require.NoError(t, resp.Body.Close())
		require.Equal(t, http.StatusBadRequest, resp.StatusCode)
	}
	entries, _, err := readRecord[accepted](path)
	require.NoError(t, err)
	require.Empty(t, entries)
}

func TestRegisterThatCannotWriteDownDoesNothing(t *testing.T) {
	t.Parallel()
	r, url, _ := fakeRegister(t)
	file := r.record.file
	broken, err := openRecord(filepath.Join(t.TempDir(), "broken"))
	require.NoError(t, err)
	require.NoError(t, broken.close())
	r.record = broken
	status, _ := do(t, write{Number: 1, Action: create}, url)
	require.Equal(t, http.StatusInternalServerError, status)
	require.Empty(t, r.objects)
	r.record = &record{file: file}
}

func TestRegisterIsSlowWhenToldSo(t *testing.T) {
	t.Parallel()
	_, url, path := fakeRegister(t)
	require.NoError(t, steer(t.Context(), http.MethodPost, url+"/control/pace?before=50ms&during=300ms"))
	require.Error(t, steer(t.Context(), http.MethodPost, url+"/control/pace?before=soon&during=0s"))

	midway := make(chan error, 1)
	go func() { midway <- steer(t.Context(), http.MethodGet, url+"/control/midway") }()
	time.Sleep(50 * time.Millisecond) // the question is there before the write
	done := make(chan told, 1)
	started := time.Now()
	go func() {
		c := client{writer: &writer{Gateways: []string{url}}, http: http.DefaultClient}
		answer, _ := c.send(t.Context(), write{Number: 1, Action: create})
		done <- answer
	}()
	require.NoError(t, <-midway)
	require.GreaterOrEqual(t, time.Since(started), 50*time.Millisecond)
	require.Empty(t, done, "the answer is not there yet")
	entries, _, err := readRecord[accepted](path)
	require.NoError(t, err)
	require.Len(t, entries, 1, "but the write is done")
	require.True(t, (<-done).done())
	require.GreaterOrEqual(t, time.Since(started), 350*time.Millisecond)
}

func TestIDOf(t *testing.T) {
	t.Parallel()
	require.Equal(t, "o-1", idOf(store("o-1", content{Number: 1})))
	require.Empty(t, idOf([]byte(`{"id":5}`)))
	require.Empty(t, idOf(nil))
}
