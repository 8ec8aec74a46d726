package main

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestClock(t *testing.T) {
	t.Parallel()
	var c clock
	require.WithinDuration(t, time.Now(), c.now(), time.Minute)
	c.set(time.December)
	require.Equal(t, time.December, c.now().Month())
	require.Equal(t, time.Now().Year(), c.now().Year())
	c.set(0)
	require.WithinDuration(t, time.Now(), c.now(), time.Minute)
}
