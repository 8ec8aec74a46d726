package delivery

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

// TestHealth: failing from the first failure until nothing fails any more; that
// we stop is none.
func TestHealth(t *testing.T) {
	t.Parallel()
	var told []string
	h := health{failing: map[string]error{}, changed: func(err error) { told = append(told, fmt.Sprint(err)) }}
	h.note("a", nil)
	h.note("a", fmt.Errorf("leasing: %w", context.Canceled))
	require.NoError(t, h.err())
	h.note("a", errors.New("first"))
	h.note("b", errors.New("second"))
	h.note("a", errors.New("third"))
	require.Error(t, h.err())
	h.note("a", nil)
	require.EqualError(t, h.err(), "second")
	h.note("b", nil)
	require.NoError(t, h.err())
	require.Equal(t, []string{"first", "<nil>"}, told)
}

// TestNewsAreInOrder, also when an observer makes news.
func TestNewsAreInOrder(t *testing.T) {
	t.Parallel()
	var n news
	var got []int
	n.tell(func() {
		got = append(got, 1)
		n.tell(func() { got = append(got, 3) })
		n.deliver()
	})
	n.tell(func() { got = append(got, 2) })
	n.deliver()
	require.Equal(t, []int{1, 2, 3}, got)
}

// TestBackoff: 100 ms doubling to 5 s, or half of that by chance, for ever.
func TestBackoff(t *testing.T) {
	t.Parallel()
	b := storeBackoff()
	for i := range 1000 {
		most := min(100*time.Millisecond<<min(i, 10), 5*time.Second)
		d := b.next()
		require.LessOrEqual(t, d, most)
		require.GreaterOrEqual(t, d, most/2)
	}
	b.reset()
	require.LessOrEqual(t, b.next(), 100*time.Millisecond)
}

func TestSleep(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		require.True(t, sleep(ctx, time.Second))
		require.False(t, sleep(ctx, time.Hour))
	})
}
