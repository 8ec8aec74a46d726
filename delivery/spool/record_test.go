package spool

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/voorpoort/voorpoort/delivery"
)

func message(id string) delivery.Message {
	return delivery.Message{
		ID: id, Source: "urn:test", Type: "cat.created", Class: `OCA\Cat`, Subject: "cat/" + id,
		Time: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC), Event: []byte("{ \"id\": \"" + id + "\",\n \"data\":\"<é>\"}"),
		Targets: []delivery.Target{{Lane: "a", Key: "k"}, {Lane: "b", Skip: "disabled"}, {Lane: "c", Dead: "broken"}},
	}
}

func TestARecordIsReadAsItWasWritten(t *testing.T) {
	t.Parallel()
	for _, want := range []record{
		{Messages: []delivery.Message{message("1"), message("2")}},
		{Hold: "h", Messages: []delivery.Message{message("1")}},
		{Hold: "h", Messages: []delivery.Message{}},
	} {
		written, err := want.encode()
		require.NoError(t, err)
		got, err := decode(written)
		require.NoError(t, err)
		require.Equal(t, want.Hold, got.Hold)
		require.Len(t, got.Messages, len(want.Messages))
		for i := range want.Messages {
			require.Equal(t, want.Messages[i], got.Messages[i])
		}
	}
}

func FuzzDecode(f *testing.F) {
	written, _ := record{Hold: "h", Messages: []delivery.Message{message("1")}}.encode()
	f.Add(written)
	f.Add([]byte("{}\n"))
	f.Add([]byte("{\"messages\":[{}],\"sizes\":[-1]}\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		r, err := decode(data)
		if err != nil {
			require.ErrorIs(t, err, errRecord)
			return
		}
		total := 0
		for _, m := range r.Messages {
			total += len(m.Event)
		}
		require.LessOrEqual(t, total, len(data))
	})
}
