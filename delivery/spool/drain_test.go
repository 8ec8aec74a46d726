package spool

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/voorpoort/voorpoort/delivery"
	"github.com/voorpoort/voorpoort/delivery/local"
	"github.com/voorpoort/voorpoort/delivery/storetest"
	"github.com/voorpoort/voorpoort/event"
)

// TestAClockThatIsSetBackChangesNoOrder: a record that came later may have an
// earlier time.
func TestAClockThatIsSetBackChangesNoOrder(t *testing.T) {
	t.Parallel()
	var back atomic.Int64
	near, err := local.Open(t.TempDir(), local.Options{Now: func() time.Time { return time.Now().Add(-time.Duration(back.Load())) }})
	require.NoError(t, err)
	far := &shared{Store: storetest.NewMemory()}
	far.down.Store(true)
	s, err := New(far, near, Options{Aside: t.TempDir(), Down: func(error) bool { return true }})
	require.NoError(t, err)
	for n := range 5 {
		back.Store(int64(min(n, 1)) * int64(1500*time.Millisecond)) // less than what a store makes up for
		require.NoError(t, s.Append(t.Context(), message(fmt.Sprint(n))))
	}
	far.down.Store(false)
	require.Eventually(t, func() bool { return s.Waiting() == 0 }, 20*time.Second, 10*time.Millisecond)
	require.Equal(t, []string{"0", "1", "2", "3", "4"}, far.told())
	require.NoError(t, s.Close())
}

// hanging is a shared store that does not answer.
type hanging struct{ *shared }

func (hanging) Append(ctx context.Context, _ ...delivery.Message) error {
	<-ctx.Done()
	return ctx.Err()
}

// TestAStopInTheMiddleOfACallGivesTheRecordBack: the next start tells it at once,
// and one after a kill when a minute is over.
func TestAStopInTheMiddleOfACallGivesTheRecordBack(t *testing.T) {
	t.Parallel()
	for name, within := range map[string]time.Duration{"stopped": time.Second, "killed": drainLease + lookAgain} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				far := &shared{Store: kept{storetest.NewMemory()}}
				near := &stubborn{Store: kept{storetest.NewMemory()}}
				s, err := New(hanging{far}, near, Options{Aside: t.TempDir(), Down: func(error) bool { return true }})
				require.NoError(t, err)
				require.NoError(t, s.Append(t.Context(), message("1")))
				time.Sleep(drainCall / 2)
				synctest.Wait()
				near.fail.Store(name == "killed") // nothing of it reaches the disk any more
				require.NoError(t, s.Close())

				near.fail.Store(false)
				again := open(t, far, near)
				time.Sleep(within)
				synctest.Wait()
				require.Equal(t, []string{"1"}, far.told())
				require.NoError(t, again.Close())
			})
		})
	}
}

// TestARecordOutweighsADoubt: another gateway took the hold for an orphan while
// this one could not reach the shared store.
func TestARecordOutweighsADoubt(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		far := &shared{Store: storetest.NewMemory()}
		s, err := New(far, storetest.NewMemory(), Options{Aside: t.TempDir(), Down: func(err error) bool { return errors.Is(err, errDown) }})
		require.NoError(t, err)
		require.NoError(t, s.Hold(t.Context(), delivery.Hold{ID: "h"}))
		doubt := message(event.DoubtID("1"))
		doubt.Targets[0].Dead = "outcome unknown"
		require.NoError(t, far.Store.Release(t.Context(), "h", doubt))
		far.down.Store(true)
		require.NoError(t, s.Release(t.Context(), "h", message("1")))
		far.down.Store(false)
		settled()
		_, all, err := far.Message(t.Context(), doubt.Source, doubt.ID)
		require.NoError(t, err)
		require.Equal(t, delivery.Discarded, all[0].State)
		_, all, err = far.Message(t.Context(), doubt.Source, "1")
		require.NoError(t, err)
		require.Equal(t, delivery.Pending, all[0].State)
		require.NoError(t, s.Close())
	})
}

// forgetful is a local store that does not take some outcomes, or does not say in
// time that it has taken a message.
type forgetful struct {
	delivery.Store
	refuses atomic.Int64 // so many outcomes, before it takes some again
	silent  atomic.Bool
}

func (f *forgetful) Finish(ctx context.Context, outcomes ...delivery.Outcome) error {
	if f.refuses.Add(-1) >= 0 {
		return errors.New("no room")
	}
	return f.Store.Finish(ctx, outcomes...)
}

func (f *forgetful) Append(ctx context.Context, messages ...delivery.Message) error {
	err := f.Store.Append(ctx, messages...)
	if f.silent.Load() {
		return context.DeadlineExceeded
	}
	return err
}

// TestARecordThatCannotBeGivenBackIsNotOvertaken, nor does it wait for the end of
// its lease.
func TestARecordThatCannotBeGivenBackIsNotOvertaken(t *testing.T) {
	t.Parallel()
	for _, taken := range []bool{true, false} {
		inner, err := local.Open(t.TempDir(), local.Options{})
		require.NoError(t, err)
		near := &forgetful{Store: inner}
		near.refuses.Store(3)
		far := &shared{Store: storetest.NewMemory()}
		far.down.Store(!taken)
		for n := range 3 { // of an earlier life
			m, err := wrap(record{Messages: []delivery.Message{message(fmt.Sprint(n))}})
			require.NoError(t, err)
			require.NoError(t, inner.Append(t.Context(), m))
		}
		s, err := New(far, near, Options{Aside: t.TempDir(), Down: func(error) bool { return true }})
		require.NoError(t, err)
		require.NoError(t, s.Append(t.Context(), message("3")))
		require.Eventually(t, func() bool { return near.refuses.Load() < 0 }, 20*time.Second, time.Millisecond)
		far.down.Store(false)
		require.Eventually(t, func() bool { return s.Waiting() == 0 }, 20*time.Second, 10*time.Millisecond)
		require.Equal(t, []string{"0", "1", "2", "3"}, far.told())
		require.NoError(t, s.Close())
	}
}

// TestWhatMayBeStoredIsNotOvertaken: the caller did not wait for the answer of the
// local store.
func TestWhatMayBeStoredIsNotOvertaken(t *testing.T) {
	t.Parallel()
	inner, err := local.Open(t.TempDir(), local.Options{})
	require.NoError(t, err)
	near := &forgetful{Store: inner}
	far := &shared{Store: storetest.NewMemory()}
	far.down.Store(true)
	s, err := New(far, near, Options{Aside: t.TempDir(), Down: func(error) bool { return true }})
	require.NoError(t, err)
	near.silent.Store(true)
	require.ErrorIs(t, s.Append(t.Context(), message("first")), context.DeadlineExceeded)
	near.silent.Store(false)
	require.EqualValues(t, 1, s.Waiting())
	require.NoError(t, s.Append(t.Context(), message("second")))
	far.down.Store(false)
	require.Eventually(t, func() bool { return s.Waiting() == 0 }, 20*time.Second, 10*time.Millisecond)
	require.Equal(t, []string{"first", "second"}, far.told())
	require.NoError(t, s.Append(t.Context(), message("third")))
	require.NoError(t, s.Close())
}

// TestARecordThatComesWithoutAWordIsFound: its caller had gone before the disk had
// it.
func TestARecordThatComesWithoutAWordIsFound(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		near, far := storetest.NewMemory(), &shared{Store: storetest.NewMemory()}
		s, err := New(far, near, Options{Aside: t.TempDir(), Down: func(error) bool { return true }})
		require.NoError(t, err)
		synctest.Wait() // it has looked, and there was nothing
		m, err := wrap(record{Messages: []delivery.Message{message("late")}})
		require.NoError(t, err)
		require.NoError(t, near.Append(t.Context(), m))
		time.Sleep(lookAgain + time.Second)
		require.Equal(t, []string{"late"}, far.told())
		require.NoError(t, s.Close())
	})
}

// BenchmarkDrain takes over what was kept, one record after another.
func BenchmarkDrain(b *testing.B) {
	near, err := local.Open(b.TempDir(), local.Options{})
	require.NoError(b, err)
	for n := 0; n < b.N; n += 100 {
		var batch []delivery.Message
		for i := n; i < min(n+100, b.N); i++ {
			m, err := wrap(record{Messages: []delivery.Message{message(fmt.Sprint(i))}})
			require.NoError(b, err)
			batch = append(batch, m)
		}
		require.NoError(b, near.Append(b.Context(), batch...))
	}
	far := &shared{Store: storetest.NewMemory()}
	b.ResetTimer()
	s, err := New(far, near, Options{Aside: b.TempDir(), Down: func(error) bool { return true }})
	require.NoError(b, err)
	for s.Waiting() > 0 {
		time.Sleep(100 * time.Microsecond)
	}
	b.StopTimer()
	require.Len(b, far.told(), b.N)
	require.NoError(b, s.Close())
}
