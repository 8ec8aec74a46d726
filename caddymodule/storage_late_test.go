package caddymodule

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/zap"
	zaplog "go.uber.org/zap/zaptest/observer"

	"github.com/voorpoort/voorpoort/delivery"
	"github.com/voorpoort/voorpoort/delivery/redis"
	"github.com/voorpoort/voorpoort/delivery/storetest"
)

// sleeping is a shared store that is down at first.
type sleeping struct {
	Storage
	why   error // it cannot be opened
	awake atomic.Bool
}

var errAsleep = &redis.UnavailableError{Op: "connect", Err: errors.New("connection refused")}

func (s *sleeping) Resource() string { return "sleeping" }

func (s *sleeping) Open(context.Context, *zap.Logger) (delivery.Store, error) {
	if !s.awake.Load() {
		return nil, s.why
	}
	return storetest.NewMemory(), nil
}

func TestAStoreThatIsDownAtTheStartIsConnectedLater(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		core, logs := zaplog.New(zap.InfoLevel)
		far := &sleeping{why: errAsleep}
		store, err := (&lateStorage{Storage: far, policy: storeDownAllow}).Open(t.Context(), zap.New(core))
		require.NoError(t, err)
		require.Equal(t, zap.ErrorLevel, logs.TakeAll()[0].Level)
		found := make(chan string, 10)
		ctx, cancel := context.WithCancel(t.Context())
		watched := make(chan error)
		go func() { watched <- store.Watch(ctx, func(lane string, _ time.Time) { found <- lane }) }()

		m := delivery.Message{ID: "1", Source: "s", Targets: []delivery.Target{{Lane: "a"}}}
		require.ErrorIs(t, store.Append(ctx, m), errNotConnected)
		require.True(t, unavailable(store.Append(ctx, m)), "so that the policy decides")
		_, _, err = store.Lease(ctx, "a", 1, time.Now())
		require.ErrorIs(t, err, errNotConnected)
		time.Sleep(2 * time.Minute)
		require.Len(t, logs.TakeAll(), 1, "once a minute")

		far.awake.Store(true)
		time.Sleep(connectLast)
		synctest.Wait()
		require.Equal(t, "the shared store is connected", logs.TakeAll()[0].Message)
		require.NoError(t, store.Append(ctx, m))
		require.Equal(t, "a", <-found)
		cancel()
		require.ErrorIs(t, <-watched, context.Canceled)
		require.NoError(t, store.Close())
		require.Error(t, store.Append(t.Context(), m))
	})
}

// silentStorage is a shared store whose network swallows everything.
type silentStorage struct{ Storage }

func (silentStorage) Open(ctx context.Context, _ *zap.Logger) (delivery.Store, error) {
	<-ctx.Done()
	return nil, ctx.Err()
}

func TestTheStartDoesNotWaitForAStoreThatSaysNothing(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		begun := time.Now()
		store, err := (&lateStorage{Storage: silentStorage{}, policy: storeDownSpool}).Open(t.Context(), zap.NewNop())
		require.NoError(t, err)
		require.Equal(t, connectPatience, time.Since(begun))
		require.NoError(t, store.Close())
	})
}

func TestAStoreThatWasNeverThereCanBeClosed(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		store, err := (&lateStorage{Storage: &sleeping{why: errAsleep}, policy: storeDownSpool}).Open(t.Context(), zap.NewNop())
		require.NoError(t, err)
		watched := make(chan error)
		go func() { watched <- store.Watch(t.Context(), nil) }()
		require.NoError(t, store.Close())
		require.ErrorIs(t, <-watched, errLateClosed)
		require.ErrorIs(t, store.Hold(t.Context(), delivery.Hold{ID: "h"}), errLateClosed)
	})
}

func TestAStoreThatIsWrongStopsTheStart(t *testing.T) {
	t.Parallel()
	for _, wrong := range []error{
		errors.New("redis: the server is Redis 5.0; 6.2 or later is needed"),
		&redis.UnavailableError{Op: "connect", Code: "WRONGPASS", Err: errors.New("WRONGPASS invalid username-password pair")},
	} {
		_, err := (&lateStorage{Storage: &sleeping{why: wrong}, policy: storeDownAllow}).Open(t.Context(), zap.NewNop())
		require.ErrorIs(t, err, wrong)
	}
}

// TestOnlyAPolicyForAStoreThatIsAwayLetsTheGatewayStart: under reject nothing
// could be written.
func TestOnlyAPolicyForAStoreThatIsAwayLetsTheGatewayStart(t *testing.T) {
	t.Parallel()
	for policy, starts := range map[string]bool{storeDownReject: false, storeDownAllow: true, storeDownSpool: true} {
		h := provisioned(t, `{"store":{"type":"redis","url":"redis://h"},"on_store_down":"`+policy+`","spool":null}`, `{"presets":["openregister"]}`)
		storage := h.app.storage
		if s, ok := storage.(*spooledStorage); ok {
			storage = s.Storage
		}
		_, late := storage.(*lateStorage)
		require.Equal(t, starts, late, policy)
	}
}
