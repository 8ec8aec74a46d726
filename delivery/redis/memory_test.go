package redis

import (
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/voorpoort/voorpoort/delivery"
	"github.com/voorpoort/voorpoort/delivery/storetest"
)

// The figures of the package's documentation.
func TestMemoryOfAMessage(t *testing.T) {
	t.Parallel()
	const n = 5000
	server := startServer(t)
	store := server.open(t, server.config())
	c := server.client()
	defer c.Close()
	used := func() int {
		info, err := c.Info(t.Context(), "memory").Result()
		require.NoError(t, err)
		_, rest, _ := strings.Cut(info, "used_memory_dataset:")
		bytes, err := strconv.Atoi(strings.TrimSpace(strings.SplitN(rest, "\r", 2)[0]))
		require.NoError(t, err)
		return bytes
	}
	empty := used()
	for i := 0; i < n; i += 100 {
		var batch []delivery.Message
		for j := range 100 {
			batch = append(batch, storetest.BenchMessage(i+j, 4))
		}
		require.NoError(t, store.Append(t.Context(), batch...))
	}
	pending := used()
	for lane := range 4 {
		require.Len(t, drain(t, store, fmt.Sprint("lane", lane)), n)
	}
	settled := used()
	t.Logf("bytes a message of 1536 bytes for 4 lanes: %d pending, %d delivered", (pending-empty)/n, (settled-empty)/n)
	require.Less(t, (pending-empty)/n, 4096)
	require.Less(t, (settled-empty)/n, 3584)

	outcomes := make([]delivery.Outcome, n)
	for i := range outcomes {
		m := storetest.BenchMessage(i, 0)
		outcomes[i] = delivery.Outcome{Lease: delivery.Lease{Lane: "lane0", Message: &m}, Attempt: &delivery.Attempt{
			Lane: "lane0", Message: m.ID, Type: m.Type, Class: m.Class, Time: time.Now(), URL: "https://receiver.example/hook",
			Method: "POST", Success: true, Status: 204,
		}}
	}
	require.NoError(t, store.Finish(t.Context(), outcomes...))
	logged := used()
	t.Logf("bytes a row of the log: %d", (logged-settled)/n)
	require.Less(t, (logged-settled)/n, 1024)

	removed, err := store.Purge(t.Context(), time.Now().Add(time.Hour), 0)
	require.NoError(t, err)
	require.Equal(t, n, removed)
	// What is left is bounded: nothing grows with messages that came and went.
	keys, err := c.Keys(t.Context(), "*").Result()
	require.NoError(t, err)
	require.Less(t, len(keys), 12, "%q", keys)
	for _, index := range []string{"ids", "messages", "log", "logf", "logt", "logm"} {
		require.NotContains(t, keys, store.anchor+index)
	}
	size, err := c.HGet(t.Context(), store.anchor+"meta", "bytes").Int()
	require.NoError(t, err)
	require.Zero(t, size)
}
