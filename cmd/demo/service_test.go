package main

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestServiceComesBackToItsAddress(t *testing.T) {
	t.Parallel()
	s := &service{handler: http.NotFoundHandler()}
	require.NoError(t, s.stop(), "before the first start")
	require.NoError(t, s.start())
	address := s.address
	require.NoError(t, s.start(), "twice is harmless")

	ask := func() error {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+address, http.NoBody)
		require.NoError(t, err)
		resp, err := http.DefaultClient.Do(req)
		if err == nil {
			err = resp.Body.Close()
		}
		return err
	}
	require.NoError(t, ask())
	require.NoError(t, s.stop())
	require.NoError(t, s.stop())
	require.Error(t, ask())
	require.NoError(t, s.start())
	require.Equal(t, address, s.address)
	require.NoError(t, ask())
	require.NoError(t, s.stop())
}

func TestServiceWhoseAddressIsTaken(t *testing.T) {
	t.Parallel()
	first := &service{handler: http.NotFoundHandler()}
	require.NoError(t, first.start())
	t.Cleanup(func() { _ = first.stop() })
	second := &service{handler: http.NotFoundHandler(), address: first.address}
	require.ErrorContains(t, second.start(), "starting a sample program")
}
