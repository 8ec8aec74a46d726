package redis

import (
	"fmt"
	"testing"
	"time"

	goredis "github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"github.com/voorpoort/voorpoort/delivery"
)

// Nobody looks at more than MaxScan messages for one call.
func TestALookAtMessagesHasAnEnd(t *testing.T) {
	t.Parallel()
	server := startServer(t, everysec...)
	store := server.open(t, server.config())
	var batch []delivery.Message
	for i := range delivery.MaxScan + 1000 {
		batch = append(batch, message(fmt.Sprint("m", i)))
		if len(batch) == 1000 {
			require.NoError(t, store.Append(t.Context(), batch...))
			batch = nil
		}
	}
	for _, newest := range []bool{true, false} {
		q := delivery.MessageQuery{Subject: "none", Newest: newest}
		page, next, err := store.Messages(t.Context(), q)
		require.NoError(t, err)
		require.Empty(t, page)
		require.EqualValues(t, map[bool]int{true: 1001, false: delivery.MaxScan}[newest], next)
		q.After, q.Before = map[bool]uint64{false: next}[newest], map[bool]uint64{true: next}[newest]
		_, next, err = store.Messages(t.Context(), q)
		require.NoError(t, err)
		require.Zero(t, next, "that was all")
	}
}

// A server's clock that goes back does not change the order of messages.
func TestMessagesKeepTheirOrderWhenTheClockGoesBack(t *testing.T) {
	t.Parallel()
	server := startServer(t)
	store := server.open(t, server.config())
	require.NoError(t, store.Append(t.Context(), message("m1")))
	c := server.client()
	defer c.Close()
	later := float64(time.Now().Add(time.Hour).UnixMicro())
	require.NoError(t, c.ZAdd(t.Context(), store.anchor+"messages", goredis.Z{Score: later, Member: place(1)}).Err())
	require.NoError(t, store.Append(t.Context(), message("m2")))
	require.NoError(t, store.Append(t.Context(), message("m3")))
	page, next, err := store.Messages(t.Context(), delivery.MessageQuery{After: 1, Newest: true})
	require.NoError(t, err)
	require.Zero(t, next)
	require.Len(t, page, 2)
	require.Equal(t, "m3", page[0].ID)
}

// Two texts with one mark are two texts all the same.
func TestMessagesOfAnotherTypeWithTheSameMark(t *testing.T) {
	t.Parallel()
	require.Equal(t, mark("plumless"), mark("buckeroo"))
	server := startServer(t)
	store := server.open(t, server.config())
	m := message("m")
	m.Type = "plumless"
	require.NoError(t, store.Append(t.Context(), m))
	for want, q := range map[int]delivery.MessageQuery{
		0: {Type: "buckeroo"}, 1: {Type: "plumless", Source: m.Source, Newest: true},
	} {
		page, _, err := store.Messages(t.Context(), q)
		require.NoError(t, err)
		require.Len(t, page, want)
	}
}
