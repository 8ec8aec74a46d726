package main

import (
	"net/http"
	"testing"

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
