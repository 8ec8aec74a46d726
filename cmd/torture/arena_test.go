package main

import (
	"context"
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/voorpoort/voorpoort/cmd/internal/process"
)

func freeAddress(t *testing.T) string {
	t.Helper()
	address, err := process.PickAddress(t.Context())
	require.NoError(t, err)
	return address
}

func TestARoleThatEndsTellsWhy(t *testing.T) {
	t.Parallel()
	s := &stage{self: os.Args[0], env: asMain}
	_, err := s.role(t.Context(), t.TempDir(), "nobody", freeAddress(t), "")
	require.ErrorIs(t, err, process.ErrEnded)
	require.ErrorContains(t, err, `no role is called "nobody"`)
}

func TestTheWaitForARoleEndsWithTheContext(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	s := &stage{self: os.Args[0], env: asMain}
	_, err := s.role(ctx, t.TempDir(), "register", freeAddress(t), "/dev/null")
	require.Error(t, err)
}
