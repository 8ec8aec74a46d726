package delivery_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/voorpoort/voorpoort/delivery"
	"github.com/voorpoort/voorpoort/delivery/storetest"
)

// purged is a store that notes what it was asked to remove.
type purged struct {
	delivery.Store

	mu    sync.Mutex
	calls []purge
	fails error
}

type purge struct {
	at       time.Duration // since the store was made
	age      time.Duration // 0: nothing by age
	maxBytes int64
}

func (p *purged) Purge(_ context.Context, before time.Time, maxBytes int64) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	call := purge{at: time.Since(begun()), maxBytes: maxBytes}
	if !before.IsZero() {
		call.age = time.Since(before)
	}
	p.calls = append(p.calls, call)
	return 0, p.fails
}

// begun is when the clock of a test in a bubble begins.
func begun() time.Time { return time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC) }

func TestTheRetentionCanChangeWhileTheEngineRuns(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		store := &purged{Store: storetest.NewMemory()}
		engine := delivery.New(store, delivery.Options{Retention: -1})
		time.Sleep(150 * time.Minute)
		require.Empty(t, store.calls, "for ever")
		engine.Retain(time.Minute, 0)
		engine.Retain(time.Minute, 0) // no change
		time.Sleep(90 * time.Minute)
		engine.Retain(-1, 100)
		time.Sleep(time.Minute)
		engine.Retain(0, 0)
		time.Sleep(time.Minute)
		engine.Retain(-1, 0)
		time.Sleep(3 * time.Hour)
		require.NoError(t, engine.Stop(t.Context()))
		require.Equal(t, []purge{
			{at: 150 * time.Minute, age: time.Minute},
			{at: 210 * time.Minute, age: time.Minute}, // an hour later
			{at: 240 * time.Minute, maxBytes: 100},
			{at: 241 * time.Minute, age: delivery.DefaultRetention},
		}, store.calls)
	})
}

func TestAPurgeThatFailsIsTriedAgainSoon(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		store := &purged{Store: storetest.NewMemory(), fails: errors.New("down")}
		engine := delivery.New(store, delivery.Options{})
		time.Sleep(10 * time.Minute)
		require.NoError(t, engine.Stop(t.Context()))
		require.Greater(t, len(store.calls), 3)
	})
}
