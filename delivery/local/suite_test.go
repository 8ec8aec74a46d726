package local_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/voorpoort/voorpoort/delivery"
	"github.com/voorpoort/voorpoort/delivery/local"
	"github.com/voorpoort/voorpoort/delivery/storetest"
)

func open(t testing.TB, dir string) *local.Store {
	t.Helper()
	s, err := local.Open(dir, local.Options{})
	require.NoError(t, err)
	return s
}

// TestTheContract holds the store to what every store does.
func TestTheContract(t *testing.T) {
	t.Parallel()
	storetest.Run(t,
		func(t *testing.T) delivery.Store { return open(t, t.TempDir()) },
		storetest.WithReopen(func(t *testing.T, s delivery.Store) delivery.Store {
			require.NoError(t, s.Close())
			return open(t, s.(*local.Store).Dir())
		}),
	)
}
