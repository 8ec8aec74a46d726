package local_test

import (
	"encoding/binary"
	"path/filepath"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"
	"go.etcd.io/bbolt"

	"github.com/voorpoort/voorpoort/delivery"
	"github.com/voorpoort/voorpoort/delivery/local"
	"github.com/voorpoort/voorpoort/delivery/storetest"
)

// BenchmarkStore measures the store, and next to it what bbolt does by itself:
// the same events, one put each, by 64 callers of its Batch.
//
//	go test ./delivery/local -run '^$' -bench Store -benchtime 3s
func BenchmarkStore(b *testing.B) {
	b.Run("bbolt-batch/64", boltBench)
	storetest.Bench(b, func(b *testing.B) delivery.Store {
		b.Helper()
		s, err := local.Open(b.TempDir(), local.Options{})
		require.NoError(b, err)
		return s
	})
}

// BenchmarkPages measures what people look at in a large store.
//
//	go test ./delivery/local -run '^$' -bench Pages -benchtime 20x
func BenchmarkPages(b *testing.B) {
	storetest.BenchPages(b, func(b *testing.B) delivery.Store {
		b.Helper()
		s, err := local.Open(b.TempDir(), local.Options{})
		require.NoError(b, err)
		return s
	})
}

func boltBench(b *testing.B) {
	db, err := bbolt.Open(filepath.Join(b.TempDir(), "bare.db"), 0o600, &bbolt.Options{
		NoFreelistSync: true, FreelistType: bbolt.FreelistMapType, InitialMmapSize: 256 << 20,
	})
	require.NoError(b, err)
	defer func() { _ = db.Close() }()
	db.MaxBatchSize = 64
	bucket := []byte("events")
	require.NoError(b, db.Update(func(tx *bbolt.Tx) error {
		_, err := tx.CreateBucket(bucket)
		return err
	}))
	var count, left atomic.Int64
	left.Store(int64(b.N))
	errs := make(chan error, 64)
	b.ReportAllocs()
	b.ResetTimer()
	for range cap(errs) {
		go func() {
			for left.Add(-1) >= 0 {
				n := count.Add(1)
				event := storetest.BenchMessage(int(n), 4).Event
				key := binary.BigEndian.AppendUint64(nil, uint64(n))
				if err := db.Batch(func(tx *bbolt.Tx) error { return tx.Bucket(bucket).Put(key, event) }); err != nil {
					errs <- err
					return
				}
			}
			errs <- nil
		}()
	}
	for range cap(errs) {
		require.NoError(b, <-errs)
	}
	b.StopTimer()
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "events/s")
}
