package local

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.etcd.io/bbolt"

	"github.com/voorpoort/voorpoort/delivery"
)

// stuck keeps the file of a store from being written until it is let go.
func stuck(t *testing.T, s *Store) (free func()) {
	t.Helper()
	require.NoError(t, s.flushed(context.Background()))
	var freed atomic.Bool
	s.failCommit = func() error {
		if freed.Load() {
			return nil
		}
		return errors.New("not now")
	}
	return func() { freed.Store(true) }
}

// TestADeliveryInMemory: what is appended is leased, finished and counted while
// nothing reaches the file. Afterwards the file has its end and nothing of what
// was between.
func TestADeliveryInMemory(t *testing.T) {
	t.Parallel()
	s := openTest(t, t.TempDir(), Options{})
	free := stuck(t, s)
	for i := range 50 {
		m := testMessage(fmt.Sprint("m", i), "a")
		m.Targets = append(m.Targets, delivery.Target{Lane: "keyed", Key: "k"})
		appendTest(t, s, m)
		for _, lane := range []string{"a", "keyed"} {
			require.NoError(t, s.applied(t.Context()))
			leases, _, err := s.Lease(t.Context(), lane, 10, time.Now().Add(time.Hour))
			require.NoError(t, err)
			require.Len(t, leases, 1)
			require.Equal(t, m.Event, leases[0].Message.Event)
			require.NoError(t, s.Finish(t.Context(), delivery.Outcome{
				Lease: leases[0], Verdict: delivery.Done,
				Attempt: &delivery.Attempt{Lane: lane, Message: m.ID, Seq: leases[0].Message.Seq, Time: time.Now(), Success: true},
			}))
		}
	}
	st, err := s.Stats(t.Context(), "keyed")
	require.NoError(t, err)
	require.EqualValues(t, 50, st.Successful)
	require.Zero(t, st.Pending)
	free()
	require.NoError(t, s.flushed(t.Context()))
	require.NoError(t, s.view(func(tx *bbolt.Tx) error {
		require.Zero(t, countKeys(tx.Bucket(bucketDue).Cursor()))
		require.Zero(t, countKeys(tx.Bucket(bucketOrder).Cursor()))
		require.Equal(t, 100, countKeys(tx.Bucket(bucketDeliveries).Cursor()))
		require.Equal(t, 100, countKeys(tx.Bucket(bucketLog).Cursor()))
		return nil
	}))
}

// TestASecondAppendIsPassedOver wherever the first one is: in the young layer,
// in the old one, in the file before the highest name, and behind it.
func TestASecondAppendIsPassedOver(t *testing.T) {
	t.Parallel()
	s := openTest(t, t.TempDir(), Options{})
	appendTest(t, s, testMessage("b", "a"), testMessage("y", "a"))
	free := stuck(t, s)
	appendTest(t, s, testMessage("c", "a"))
	s.flusher.set(&s.flusher.hurry)
	require.Eventually(t, func() bool {
		s.layers.RLock()
		defer s.layers.RUnlock()
		return s.layers.old != nil
	}, 5*time.Second, time.Millisecond)
	appendTest(t, s, testMessage("d", "a"))
	for _, id := range []string{"b", "y", "c", "d", "a", "z", "a", "z"} {
		appendTest(t, s, testMessage(id, "a"))
	}
	free()
	require.Len(t, leaseTest(t, s, "a", 100), 6)
}

// TestWhatADamagedIndexDoes while the store is open: what was acknowledged stays
// in the journal, callers that need the index are told, and so is who asks for
// the health.
func TestWhatADamagedIndexDoes(t *testing.T) {
	t.Parallel()
	s := openTest(t, t.TempDir(), Options{})
	appendTest(t, s, testMessage("m", "a"))
	require.NoError(t, s.flushed(t.Context()))
	require.NoError(t, s.db.Update(func(tx *bbolt.Tx) error {
		return tx.Bucket(bucketDeliveries).Put(deliveryKey(s.lane("a").id, delivery.Pending, 1), []byte("?"))
	}))
	require.ErrorIs(t, s.Replay(t.Context(), "a", 1, time.Now()), errDecode)
	require.ErrorIs(t, s.Health(), errDecode)
	require.NoError(t, s.Append(t.Context(), testMessage("journal", "a")))
	_, err := s.Stats(t.Context(), "a")
	require.ErrorIs(t, err, errDecode)
	require.NoError(t, s.Close())
}

// TestALine compares a line whose parts are in two layers and in the file with
// what it should be.
func TestALine(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(3, 4))
	s := openTest(t, t.TempDir(), Options{})
	l := newLane(s, 7, "a")
	model := map[uint64]byte{}
	var old *layer
	young := newLayer(numbers{})
	for step := range 3000 {
		b := newBatch(s, young, old)
		seq := 1 + random.Uint64N(40)
		at := []byte{waits, inFront, parks, leaves}[random.IntN(4)]
		b.spot(l, "k", seq, at)
		if model[seq] = at; at == leaves {
			delete(model, seq)
		}
		b.spot(l, "another", seq, waits)
		var first uint64
		for seq := range model {
			if first == 0 || seq < first {
				first = seq
			}
		}
		got, place := b.first(l, "k")
		require.Equal(t, first, got, "step %d", step)
		if first > 0 {
			require.Equal(t, model[first], place)
		}
		seen := 0
		b.walk(lineKey{7, "k"}, func(sp spot) bool {
			require.Equal(t, model[sp.seq], sp.place)
			seen++
			return true
		})
		require.Len(t, model, seen)
		require.NoError(t, b.err)
		b.end()
		switch random.IntN(20) {
		case 0:
			if old != nil {
				require.NoError(t, s.transact(old.write))
			}
			old, young = young, newLayer(numbers{})
		case 1:
			if old != nil {
				require.NoError(t, s.transact(old.write))
				old = nil
			}
		}
	}
}
