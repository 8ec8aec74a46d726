package push

import (
	"context"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

func testToken(text string) token {
	return token{authorization: bearerPrefix + text, expires: time.Now().Add(time.Hour)}
}

func TestAFetchThatFailsIsSharedByThoseWhoWait(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var fetched atomic.Int64
		cache := &tokenCache{now: time.Now, fetch: func(context.Context) (token, *failure) {
			fetched.Add(1)
			time.Sleep(time.Second)
			return token{}, noToken("boom", 0)
		}}
		var wg sync.WaitGroup
		for range 20 {
			wg.Go(func() {
				_, failed := cache.get(t.Context())
				require.EqualError(t, failed, "auth: no token: boom")
			})
		}
		wg.Wait()
		require.EqualValues(t, 1, fetched.Load())
	})
}

// Whoever fetches may be told to stop: another takes over.
func TestTheOthersGoOnWhenTheFirstGivesUp(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var fetched atomic.Int64
		cache := &tokenCache{now: time.Now, fetch: func(ctx context.Context) (token, *failure) {
			if fetched.Add(1) == 1 {
				<-ctx.Done()
				return token{}, noToken("given up", 0)
			}
			return testToken("second"), nil
		}}
		first, cancel := context.WithCancel(t.Context())
		var wg sync.WaitGroup
		wg.Go(func() {
			_, failed := cache.get(first)
			require.EqualError(t, failed, "auth: no token: given up")
		})
		synctest.Wait()
		for range 20 {
			wg.Go(func() {
				value, failed := cache.get(t.Context())
				require.Nil(t, failed)
				require.Equal(t, "Bearer second", value)
			})
		}
		impatient, stop := context.WithTimeout(t.Context(), time.Millisecond)
		defer stop()
		_, failed := cache.get(impatient)
		require.EqualError(t, failed, "auth: no token: the token endpoint did not answer in time")
		cancel()
		wg.Wait()
		require.EqualValues(t, 2, fetched.Load())
	})
}

func TestOnlyTheTokenThatWasRefusedIsDropped(t *testing.T) {
	t.Parallel()
	fetched := 0
	cache := &tokenCache{now: time.Now, fetch: func(context.Context) (token, *failure) {
		fetched++
		return testToken(string(rune('0' + fetched))), nil
	}}
	get := func() string {
		value, failed := cache.get(t.Context())
		require.Nil(t, failed)
		return value
	}
	require.Equal(t, "Bearer 1", get())
	cache.drop("Bearer 0")
	require.Equal(t, "Bearer 1", get())
	cache.drop("Bearer 1")
	require.Equal(t, "Bearer 2", get())
	cache.drop("Bearer 1")
	require.Equal(t, "Bearer 2", get(), "a refusal that comes late costs nothing")
}

func TestATokenWithoutALifetimeIsUsedOnce(t *testing.T) {
	t.Parallel()
	fetched := 0
	cache := &tokenCache{now: testClock, fetch: func(context.Context) (token, *failure) {
		fetched++
		return token{authorization: "Bearer x", expires: testTime}, nil
	}}
	for want := 1; want < 4; want++ {
		_, failed := cache.get(t.Context())
		require.Nil(t, failed)
		require.Equal(t, want, fetched)
	}
}
