package caddymodule

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

// succeeds is a settlement that works at once.
func succeeds(context.Context) error { return nil }

func TestArrearsAreTriedUntilTheySucceed(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var reported, tries int
		a := newArrears(func(error) { reported++ })
		defer a.close()
		start, first := time.Now(), time.Time{}
		require.True(t, a.add(arrear{first: 15 * time.Second, settle: func(context.Context) error {
			if tries++; tries == 1 {
				first = time.Now()
			}
			if tries < 5 {
				return errors.New("down")
			}
			return nil
		}}))
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
		ended, lastTries, lost := false, 0, 0
		require.True(t, a.add(arrear{settle: func(ctx context.Context) error {
			<-ctx.Done()
			ended = true
			return nil
		}}))
		require.True(t, a.add(arrear{first: time.Hour, lost: func(error) { lost++ }, settle: func(ctx context.Context) error {
			require.NoError(t, ctx.Err(), "the last try has time of its own")
			lastTries++
			return errors.New("still down")
		}}))
		synctest.Wait()
		a.close()
		a.close()
		require.True(t, ended)
		require.Equal(t, 1, lastTries)
		require.Equal(t, 1, lost, "it is said")
		require.False(t, a.add(arrear{settle: succeeds}))
	})
}

// TestTheLastTriesShareTheirTime: a long line does not hold up the end.
func TestTheLastTriesShareTheirTime(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		a := newArrears(func(error) {})
		for range 100 {
			require.True(t, a.add(arrear{keys: []string{"k"}, settle: func(ctx context.Context) error {
				<-ctx.Done()
				return ctx.Err()
			}}))
		}
		synctest.Wait()
		begun := time.Now()
		a.close()
		require.Equal(t, lastPatience, time.Since(begun))
	})
}

func TestArrearsAreBoundedByTheirNumber(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		a := newArrears(func(error) {})
		defer a.close()
		for range maxArrears / 2 {
			require.True(t, a.add(arrear{first: time.Hour, settle: succeeds, minor: true}))
		}
		require.False(t, a.add(arrear{first: time.Hour, settle: succeeds, minor: true}), "half is for what matters")
		for range maxArrears / 2 {
			require.True(t, a.add(arrear{first: time.Hour, settle: succeeds}))
		}
		require.False(t, a.add(arrear{first: time.Hour, settle: succeeds}))
	})
}

func TestArrearsAreBoundedByTheirBytes(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		a := newArrears(func(error) {})
		defer a.close()
		require.False(t, a.add(arrear{size: maxArrearsBytes/2 + 1, settle: succeeds, minor: true}))
		require.True(t, a.add(arrear{size: maxArrearsBytes - 1, settle: succeeds}))
		require.False(t, a.add(arrear{size: 2, settle: succeeds}))
		require.True(t, a.add(arrear{size: 1, settle: succeeds}))
		time.Sleep(time.Second)
		synctest.Wait()
		require.True(t, a.add(arrear{size: maxArrearsBytes, settle: succeeds}), "what is settled gives its room back")
	})
}

// TestArrearsOfOneKeyKeepTheirOrder, and those of others do not wait for them.
func TestArrearsOfOneKeyKeepTheirOrder(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		a := newArrears(func(error) {})
		defer a.close()
		var mu sync.Mutex
		down, order := true, []string{}
		add := func(name string, first time.Duration, keys ...string) {
			require.True(t, a.add(arrear{first: first, keys: keys, settle: func(context.Context) error {
				mu.Lock()
				defer mu.Unlock()
				if down && name != "other" {
					return errors.New("down")
				}
				order = append(order, name)
				return nil
			}}))
		}
		require.False(t, a.has([]string{"cat"}))
		add("1", time.Minute, "cat", "cat")
		add("2", 0, "cat", "dog")
		add("3", 0, "dog")
		add("other", 0, "bird")
		time.Sleep(time.Second)
		synctest.Wait()
		mu.Lock()
		require.Equal(t, []string{"other"}, order)
		down = false
		mu.Unlock()
		require.False(t, a.has([]string{"bird"}))
		require.True(t, a.has([]string{"bird", "dog"}))
		time.Sleep(2 * time.Minute)
		synctest.Wait()
		mu.Lock()
		defer mu.Unlock()
		require.Equal(t, []string{"other", "1", "2", "3"}, order)
		require.False(t, a.has([]string{"cat", "dog"}))
	})
}
