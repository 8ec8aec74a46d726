package redis

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/voorpoort/voorpoort/delivery"
	"github.com/voorpoort/voorpoort/delivery/storetest"
)

// impatient has holds orphaned soon, as no test wants to wait half a minute.
var impatient = Options{Heartbeat: 600 * time.Millisecond}

func TestSuite(t *testing.T) {
	server := startServer(t, everysec...) // power loss is not what the suite is about
	again := func(t *testing.T, s delivery.Store) *Store {
		store, err := Open(t.Context(), s.(*Store).config, impatient)
		require.NoError(t, err)
		t.Cleanup(func() { _ = store.Close() })
		return store
	}
	storetest.Run(t,
		func(t *testing.T) delivery.Store { return server.open(t, server.config(), impatient) },
		storetest.WithReopen(func(t *testing.T, s delivery.Store) delivery.Store {
			require.NoError(t, s.Close())
			return again(t, s)
		}),
		storetest.WithPeer(func(t *testing.T, s delivery.Store) delivery.Store { return again(t, s) }),
	)
}
