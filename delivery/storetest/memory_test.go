package storetest_test

import (
	"testing"

	"github.com/voorpoort/voorpoort/delivery"
	"github.com/voorpoort/voorpoort/delivery/storetest"
)

// TestMemory shows that the suite asks for nothing that the obvious store does
// not do.
func TestMemory(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(*testing.T) delivery.Store { return storetest.NewMemory() })
}
