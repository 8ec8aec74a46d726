package caddymodule

import (
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

func TestAnOutageDoesNotFillTheLog(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		told := 0
		report := seldom(func(error) { told++ })
		for range 100 {
			report(errors.New("down"))
			time.Sleep(200 * time.Millisecond)
		}
		require.Equal(t, 2, told)
	})
}
