package main

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestPlayViewers(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "Bearer "+tailToken || r.URL.RequestURI() != tailPath {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		_, _ = io.WriteString(w, "retry: 500\n\nid: 1\nevent: attempt\ndata: {}\n\nid: 2\nevent: attempt\ndata: {}\n\n")
	}))
	defer server.Close()
	var out bytes.Buffer
	require.NoError(t, playViewers(t.Context(), strings.TrimPrefix(server.URL, "http://"), 3, strings.NewReader(""), &out))
	first, rest, _ := strings.Cut(out.String(), "\n")
	require.Equal(t, "watching", first)
	var seen watched
	require.NoError(t, json.Unmarshal([]byte(rest), &seen))
	require.Equal(t, 3, seen.Viewers)
	require.LessOrEqual(t, seen.Attempts, 6, "they may be stopped before they have read all")
}

func TestCountAttempts(t *testing.T) {
	t.Parallel()
	require.EqualValues(t, 2, countAttempts(strings.NewReader("event: attempt\ndata: {}\n\n: still here\n\nevent: attempt\n\nevent: lane\n\n")))
}

func TestAGatewayWithATailHasTheOtherRoutesAsWell(t *testing.T) {
	t.Parallel()
	text := gateWithTail(somewhere)
	require.Contains(t, text, "handle /gateway/*")
	require.Contains(t, text, "token read "+tailTokenHash)
	require.Contains(t, text, gateProxy(somewhere))
}
