package caddymodule

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

func TestContextsOfOneMomentShareADeadline(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := patience{lasts: 5 * time.Second}
		first := p.of(t.Context())
		time.Sleep(momentLasts - time.Nanosecond)
		second := p.of(t.Context())
		require.Equal(t, first.Done(), second.Done())
		time.Sleep(time.Nanosecond)
		third := p.of(t.Context())
		require.NotEqual(t, first.Done(), third.Done())

		time.Sleep(5*time.Second - time.Nanosecond)
		require.NoError(t, second.Err(), "it lasts as long as it has to")
		time.Sleep(time.Nanosecond)
		synctest.Wait()
		require.ErrorIs(t, second.Err(), context.DeadlineExceeded)
		require.NoError(t, third.Err())
		time.Sleep(momentLasts)
		synctest.Wait()
		require.ErrorIs(t, third.Err(), context.DeadlineExceeded)
	})
}

// TestASharedContextOutlivesItsRequest, whose values it has.
func TestASharedContextOutlivesItsRequest(t *testing.T) {
	t.Parallel()
	type key struct{}
	synctest.Test(t, func(t *testing.T) {
		client, leave := context.WithCancel(context.WithValue(t.Context(), key{}, "mine"))
		p := patience{lasts: time.Second}
		ctx := p.of(client)
		leave()
		require.NoError(t, ctx.Err())
		require.Equal(t, "mine", ctx.Value(key{}))

		child, cancel := context.WithCancel(ctx)
		defer cancel()
		time.Sleep(time.Second + momentLasts)
		synctest.Wait()
		require.ErrorIs(t, child.Err(), context.DeadlineExceeded, "its children end with it")
	})
}
