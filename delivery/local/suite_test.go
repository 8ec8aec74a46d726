package local

import (
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/voorpoort/voorpoort/delivery"
	"github.com/voorpoort/voorpoort/delivery/storetest"
)

// TestTheContractOfSmallLayers has every few operations written as a layer of
// their own, each by a slow transaction, so that what the suite asks for is in
// the young layer, in the old one and in the file.
func TestTheContractOfSmallLayers(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(t *testing.T) delivery.Store {
		s := openTest(t, t.TempDir(), Options{layer: 1})
		s.failCommit = func() error {
			time.Sleep(2 * time.Millisecond)
			return nil
		}
		return s
	})
}

// TestTheContract holds the store to what every store does. It is opened again
// after an orderly end and after a crash, by turns.
func TestTheContract(t *testing.T) {
	t.Parallel()
	var turn atomic.Int32
	storetest.Run(t,
		func(t *testing.T) delivery.Store { return openTest(t, t.TempDir(), Options{}) },
		storetest.WithReopen(func(t *testing.T, s delivery.Store) delivery.Store {
			l := s.(*Store)
			if turn.Add(1)%2 == 0 {
				require.NoError(t, l.Close())
			} else {
				crash(t, l)
			}
			return openTest(t, l.Dir(), Options{})
		}),
	)
}
