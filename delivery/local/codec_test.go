package local

import (
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/voorpoort/voorpoort/delivery"
)

func TestTimesKeepTheirOrder(t *testing.T) {
	t.Parallel()
	require.True(t, fromNanos(nanos(time.Time{})).IsZero())
	now := time.Now()
	require.True(t, now.Equal(fromNanos(nanos(now))))
	ascending := []time.Time{
		time.Date(1, 1, 1, 0, 0, 1, 0, time.UTC), time.Date(1700, 1, 1, 0, 0, 0, 0, time.UTC), time.Unix(0, -1),
		time.Unix(0, 0), now, time.Date(2262, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC),
	}
	for i := range ascending[1:] {
		require.Less(t, sortable(nanos(ascending[i])), sortable(nanos(ascending[i+1])))
	}
	require.EqualValues(t, math.MaxInt64, nanos(ascending[6]))
}

func TestAMessageComesBack(t *testing.T) {
	t.Parallel()
	m := delivery.Message{ID: "id", Source: "s", Type: "t", Class: "c", Subject: "é\x00", Time: time.Date(9999, 12, 31, 23, 59, 59, 1, time.UTC), Event: []byte(`{"a":1}`)}
	m.Targets = []delivery.Target{{Lane: "a", Due: time.Unix(5, 6).UTC(), Key: "k", Skip: "s", Dead: "d"}, {Lane: "b"}}
	b, direct, err := encodeAppend("hold", time.Unix(1, 0), []delivery.Message{m, m})
	require.NoError(t, err)
	k, payload, size, ok := parseFrame(b)
	require.True(t, ok)
	require.Equal(t, len(b), size)
	require.Equal(t, kindRelease, k)
	op, err := decodeOperation(k, payload)
	require.NoError(t, err)
	got := op.(*appendOp)
	require.Equal(t, "hold", got.hold)
	require.EqualValues(t, time.Second, got.stored)
	require.Len(t, got.messages, 2)
	require.Equal(t, m, *got.messages[1].Message)
	require.Equal(t, got, direct, "what is applied now is what is applied after a crash")

	h, hold := encodeHold(delivery.Hold{ID: "h", Created: time.Now(), Intent: []byte("{}")})
	k, payload, _, ok = parseFrame(h)
	require.True(t, ok)
	op, err = decodeOperation(k, payload)
	require.NoError(t, err)
	require.Equal(t, op, hold)
}

func TestWhatTheContractRefuses(t *testing.T) {
	t.Parallel()
	s := openTest(t, t.TempDir(), Options{})
	for name, target := range map[string]delivery.Target{
		"no lane":       {},
		"a long lane":   {Lane: string(make([]byte, 256))},
		"a NUL":         {Lane: "a\x00b"},
		"too long keys": {Lane: "a", Key: string(make([]byte, 1025))},
	} {
		m := testMessage("m")
		m.Targets = []delivery.Target{target}
		require.Error(t, s.Append(t.Context(), m), name)
	}
	require.Error(t, s.Hold(t.Context(), delivery.Hold{}))
	require.Error(t, s.Hold(t.Context(), delivery.Hold{ID: string(make([]byte, 65))}))
	require.NoError(t, s.Hold(t.Context(), delivery.Hold{ID: "h"}))
	require.ErrorIs(t, s.Hold(t.Context(), delivery.Hold{ID: "h"}), errHeld)
	require.False(t, has(t, s, "m"))
}

func TestRecordsComeBack(t *testing.T) {
	t.Parallel()
	r := record{due: 1, first: noTime, changed: -3, asked: 7, attempts: 300, flags: flagFailed | flagParked, key: "k", reason: "why"}
	got, err := decodeRecord(r.encode())
	require.NoError(t, err)
	require.Equal(t, r, got)

	c := counters{rows: [2]uint64{8, 9}, bytes: 10}
	c.Stats = delivery.Stats{Total: 1, Successful: 2, Failed: 3, Pending: 4, Retrying: 5, Dead: 6, Skipped: 7, LastAttempt: time.Unix(1, 2).UTC()}
	gotCounters, err := decodeCounters(c.encode())
	require.NoError(t, err)
	require.Equal(t, c, gotCounters)

	stored := storedMessage{stored: 5, lanes: []uint32{1, 1 << 30}, body: []byte("body")}
	gotStored, err := decodeStored(stored.encode())
	require.NoError(t, err)
	require.Equal(t, stored, gotStored)
}

// FuzzDecode gives any bytes to the readers of records. None panics, or gives
// more than there was; what was read is written as it was read.
func FuzzDecode(f *testing.F) {
	m := testMessage("m", "a", "b")
	appendFrame, _, err := encodeAppend("h", time.Unix(1, 0), []delivery.Message{m})
	require.NoError(f, err)
	f.Add(byte(kindRelease), appendFrame[frameSize:])
	holdFrame, _ := encodeHold(delivery.Hold{ID: "h", Intent: []byte("{}")})
	f.Add(byte(kindHold), holdFrame[frameSize:])
	f.Add(byte(kindReplay), encodeReplay(&replayOp{"a", 1, 2, 3})[frameSize:])
	f.Add(byte(kindDiscard), encodeDiscard(&discardOp{"a", 1, 2, "r"})[frameSize:])
	f.Add(byte(kindSettle), encodeSettle(&settleOp{"a", 1, 2})[frameSize:])
	f.Add(byte(9), append([]byte("webhook\x00k"), encodeDocument(&delivery.Document{Number: 1, Revision: 2, Data: []byte("{}")})...))
	f.Add(byte(0), (&record{key: "k", asked: 1}).encode())
	f.Add(byte(0), (&counters{}).encode())
	f.Add(byte(0), encodeRow(1, &delivery.Attempt{Lane: "a", Error: "e", Request: []byte("x")}))
	f.Add(byte(0), (&storedMessage{stored: 1, lanes: []uint32{2}, body: encodeMessage(nil, &m)}).encode())
	f.Fuzz(func(t *testing.T, k byte, data []byte) {
		if op, err := decodeOperation(kind(k), data); err == nil {
			if a, ok := op.(*appendOp); ok {
				require.LessOrEqual(t, len(a.messages), len(data))
			}
		}
		if r, err := decodeRecord(data); err == nil {
			again, err := decodeRecord(r.encode())
			require.NoError(t, err)
			require.Equal(t, r, again)
		}
		if c, err := decodeCounters(data); err == nil {
			require.Len(t, c.encode(), len(data))
		}
		if a, err := decodeRow(1, data); err == nil {
			require.LessOrEqual(t, len(a.Request)+len(a.Response)+len(a.Error), len(data))
		}
		key := data[:min(len(data), int(k))]
		if d, err := decodeDocument(key, data[len(key):]); err == nil && d.Key != "" {
			again, err := decodeDocument(documentKey(d.Kind, d.Key), encodeDocument(&d))
			require.NoError(t, err)
			again.Created, again.Updated = d.Created, d.Updated // the first year that a time can have is not kept to the second
			require.Equal(t, d, again)
		}
		require.LessOrEqual(t, len(rowType(data)), len(data))
		if s, err := decodeStored(data); err == nil {
			require.LessOrEqual(t, 4*len(s.lanes)+len(s.body), len(data))
		}
		_, _ = decodeMessage(data)
	})
}
