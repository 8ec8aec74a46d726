package delivery_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/voorpoort/voorpoort/delivery"
)

// sharing is a store of which there are other gateways. What was given back nobody
// takes here.
type sharing struct {
	*shaky
	refuses error
	back    []string
}

func (s *sharing) Disclaim(_ context.Context, hold string) error {
	if s.refuses == nil {
		s.back = append(s.back, hold)
	}
	return s.refuses
}

// TestWhatAnotherGatewayCanSettleIsGivenBack, once; what may be settled here later
// is tried again.
func TestWhatAnotherGatewayCanSettleIsGivenBack(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		err     error // of the recoverer
		refuses error // of the store
		back    []string
		again   bool // it is tried
	}{
		"foreign":       {err: &delivery.ForeignError{Err: errRegister}, back: []string{"h"}},
		"wrapped":       {err: errors.Join(errors.New("x"), &delivery.ForeignError{Err: errRegister}), back: []string{"h"}},
		"not foreign":   {err: errRegister, again: true},
		"no other":      {err: &delivery.ForeignError{Err: errRegister}, refuses: errors.ErrUnsupported, again: true},
		"store is away": {err: &delivery.ForeignError{Err: errRegister}, refuses: errRegister, again: true},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := newScene(t, delivery.Options{})
				s.orphan("h")
				store, tries := &sharing{shaky: s.store, refuses: test.refuses}, 0
				e := delivery.New(store, delivery.Options{Observer: s.told, Random: func() float64 { return 0 }, Recoverer: witness(func(delivery.Hold) (delivery.Recovery, error) {
					tries++
					return delivery.Recovery{}, test.err
				})})
				pass(2 * time.Minute)
				require.NoError(t, e.Stop(context.Background()))
				require.Equal(t, test.back, store.back)
				require.Equal(t, test.again, tries > 1)
				require.Contains(t, s.told.tried()[0], errRegister.Error())
				require.Equal(t, 1, s.holds(), "it is kept")
			})
		})
	}
}
