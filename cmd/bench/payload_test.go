package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestDocumentIsJSONOfTheSizeAskedFor(t *testing.T) {
	t.Parallel()
	for _, size := range []int{answerSize, requestSize, 10 << 20} {
		doc := document(size)
		require.Len(t, doc, size)
		require.True(t, json.Valid(doc))
	}
}

func TestPatchTouchesFourLeavesOfTheDocument(t *testing.T) {
	t.Parallel()
	var answer struct {
		Data struct {
			Status  string         `json:"status"`
			Self    map[string]any `json:"@self"`
			Address map[string]any `json:"address"`
		} `json:"data"`
	}
	require.NoError(t, json.Unmarshal([]byte(patch), &answer))
	require.Equal(t, 4, 1+len(answer.Data.Self)+len(answer.Data.Address))
	for _, name := range []string{`"status"`, `"@self"`, `"address"`, `"city"`} {
		require.Contains(t, string(document(requestSize)), name)
	}
}

func TestWireIsARequest(t *testing.T) {
	t.Parallel()
	body := document(requestSize)
	req, err := http.ReadRequest(bufio.NewReader(bytes.NewReader(wire("127.0.0.1:80", "/a?b=c", body))))
	require.NoError(t, err)
	require.Equal(t, "127.0.0.1:80", req.Host)
	require.Equal(t, "/a?b=c", req.RequestURI)
	got, err := io.ReadAll(req.Body)
	require.NoError(t, err)
	require.Equal(t, body, got)
}
