package main

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestReceiverTellsEventsFromCalls(t *testing.T) {
	t.Parallel()
	h := newReceiver()
	for _, event := range []string{
		`{"specversion":"1.0","id":"a","data":{"id":"x"}}`,
		`{"specversion":"1.0","id":"b","data":{"id":"x"}}`,
		`{"specversion":"1.0","id":"a","data":{"id":"y"}}`,
	} {
		require.Equal(t, http.StatusNoContent, serve(t, h, http.MethodPost, "/one", event).Code)
	}
	require.JSONEq(t, `{"calls":3,"events":2}`, serve(t, h, http.MethodGet, "/one", "").Body.String())
	require.JSONEq(t, `{"calls":0,"events":0}`, serve(t, h, http.MethodGet, "/another", "").Body.String())
}

func TestReceiverRefusesWhatIsNoEvent(t *testing.T) {
	t.Parallel()
	h := newReceiver()
	for _, body := range []string{"", "{}", `{"id":""}`, `{"id":"never closed`} {
		require.Equal(t, http.StatusBadRequest, serve(t, h, http.MethodPost, "/one", body).Code, body)
	}
	require.JSONEq(t, `{"calls":0,"events":0}`, serve(t, h, http.MethodGet, "/one", "").Body.String())
}

func TestAShutBoxAnswersWhenItIsOpened(t *testing.T) {
	t.Parallel()
	h := newReceiver()
	for range 2 {
		require.Equal(t, http.StatusOK, serve(t, h, http.MethodPut, "/one/shut", "").Code)
	}
	status := make(chan int)
	go func() { status <- serve(t, h, http.MethodPost, "/one", `{"id":"a"}`).Code }()
	require.Equal(t, http.StatusNoContent, serve(t, h, http.MethodPost, "/another", `{"id":"a"}`).Code)
	select {
	case code := <-status:
		t.Fatalf("it answered %d", code)
	case <-time.After(50 * time.Millisecond):
	}
	require.JSONEq(t, `{"calls":0,"events":0}`, serve(t, h, http.MethodGet, "/one", "").Body.String())
	for range 2 {
		require.Equal(t, http.StatusOK, serve(t, h, http.MethodPut, "/one/open", "").Code)
	}
	require.Equal(t, http.StatusNoContent, <-status)
	require.JSONEq(t, `{"calls":1,"events":1}`, serve(t, h, http.MethodGet, "/one", "").Body.String())
}
