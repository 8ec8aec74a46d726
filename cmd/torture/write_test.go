package main

import (
	"encoding/json"
	"io"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestWriteAsRequest(t *testing.T) {
	t.Parallel()
	cases := []struct {
		write        write
		method, path string
		body         bool
	}{
		{write{Number: 7, Action: create}, http.MethodPost, "/api/objects/torture/thing?number=7", true},
		{write{Number: 8, Action: update, ID: "o-1"}, http.MethodPut, "/api/objects/torture/thing/o-1?number=8", true},
		{write{Number: 9, Action: remove, ID: "o-1"}, http.MethodDelete, "/api/objects/torture/thing/o-1?number=9", false},
	}
	for _, tc := range cases {
		req, err := tc.write.request(t.Context(), "http://gateway")
		require.NoError(t, err)
		require.Equal(t, tc.method, req.Method)
		require.Equal(t, tc.path, req.URL.RequestURI())
		raw, err := io.ReadAll(req.Body)
		require.NoError(t, err)
		if !tc.body {
			require.Empty(t, raw)
			require.Empty(t, req.Header)
			continue
		}
		var sent content
		require.NoError(t, json.Unmarshal(raw, &sent))
		require.Equal(t, tc.write.Number, sent.Number)
		require.True(t, sent.whole())
		require.Equal(t, "application/json", req.Header.Get("Content-Type"))
	}
	_, err := write{}.request(t.Context(), "http://bad host")
	require.Error(t, err)
}

func TestTextBelongsToItsNumber(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for n := range number(200) {
		again := text(n)
		require.Equal(t, again, text(n))
		require.GreaterOrEqual(t, len(text(n)), 40)
		require.False(t, seen[text(n)])
		seen[text(n)] = true
	}
	require.False(t, content{Number: 1, Text: text(2)}.whole())
	require.False(t, content{Number: 1, Text: text(1)[1:]}.whole())
}
