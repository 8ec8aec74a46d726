package caddymodule

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

func TestArrearsAreTriedUntilTheySucceed(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var reported, tries int
		a := newArrears(func(error) { reported++ })
		defer a.close()
		start, first := time.Now(), time.Time{}
		require.True(t, a.add(15*time.Second, func(context.Context) error {
			if tries++; tries == 1 {
				first = time.Now()
			}
			if tries < 5 {
				return errors.New("down")
			}
			return nil
		}))
		require.Equal(t, 1, a.count())
		time.Sleep(5 * time.Minute)
		synctest.Wait()
		require.Equal(t, 15*time.Second, first.Sub(start))
		require.Equal(t, 5, tries)
		require.Equal(t, 4, reported)
		require.Zero(t, a.count())
	})
}

func TestArrearsEndWithTheirOwner(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		a := newArrears(func(error) {})
		ended, lastTries := false, 0
		require.True(t, a.add(0, func(ctx context.Context) error {
			<-ctx.Done()
			ended = true
			return nil
		}))
		require.True(t, a.add(time.Hour, func(ctx context.Context) error {
			require.NoError(t, ctx.Err(), "the last try has time of its own")
			lastTries++
			return errors.New("still down")
		}))
		synctest.Wait()
		a.close()
		require.True(t, ended)
		require.Equal(t, 1, lastTries)
		require.False(t, a.add(0, func(context.Context) error { return nil }))
	})
}

func TestArrearsAreBounded(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		a := newArrears(func(error) {})
		defer a.close()
		for range maxArrears {
			require.True(t, a.add(time.Hour, func(context.Context) error { return nil }))
		}
		require.False(t, a.add(time.Hour, func(context.Context) error { return nil }))
	})
}

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
