package spool

import (
	"bytes"
	"context"
	"errors"
	"os"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/voorpoort/voorpoort/delivery"
	"github.com/voorpoort/voorpoort/delivery/storetest"
)

var errTooLarge = errors.New("too large")

// narrow is a shared store that does not take every message.
type narrow struct {
	*shared
	most  int          // bytes of an event
	cause error        // what it says of a larger one
	tries atomic.Int32 // with larger ones
}

func (n *narrow) fits(messages []delivery.Message) error {
	for _, m := range messages {
		if len(m.Event) > n.most {
			n.tries.Add(1)
			return n.cause
		}
	}
	return nil
}

func (n *narrow) Release(ctx context.Context, hold string, messages ...delivery.Message) error {
	if err := errors.Join(n.reach(), n.fits(messages)); err != nil {
		return err
	}
	return n.shared.Release(ctx, hold, messages...)
}

func (n *narrow) Append(ctx context.Context, messages ...delivery.Message) error {
	if err := errors.Join(n.reach(), n.fits(messages)); err != nil {
		return err
	}
	return n.shared.Append(ctx, messages...)
}

// setting are the things of a test with records that are put aside.
type setting struct {
	*Store
	far    *narrow
	near   *storetest.Memory
	folder string

	mu    sync.Mutex
	aside []string
}

// files are those that were put aside.
func (s *setting) files() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.aside)
}

func narrowed(t *testing.T, cause error) *setting {
	t.Helper()
	s := &setting{far: &narrow{shared: &shared{Store: storetest.NewMemory()}, most: 100, cause: cause}, near: storetest.NewMemory(), folder: t.TempDir()}
	var err error
	s.Store, err = New(s.far, s.near, Options{
		Down: func(err error) bool { return errors.Is(err, errDown) }, Aside: s.folder,
		WentAside: func(file string, _ error) {
			s.mu.Lock()
			defer s.mu.Unlock()
			s.aside = append(s.aside, file)
		},
	})
	require.NoError(t, err)
	t.Cleanup(func() { _ = s.Close() })
	return s
}

// large is a message that the shared store will not have.
func large(id string) delivery.Message {
	m := message(id)
	m.Event = bytes.Repeat([]byte("x"), 200)
	return m
}

// TestARecordThatIsRefusedForGoodDoesNotHoldUpTheRest, whatever the shared store
// says of it: some only break the connection.
func TestARecordThatIsRefusedForGoodDoesNotHoldUpTheRest(t *testing.T) {
	t.Parallel()
	for _, cause := range []error{errTooLarge, errDown} {
		synctest.Test(t, func(t *testing.T) {
			s := narrowed(t, cause)
			s.far.down.Store(true)
			require.NoError(t, s.Append(t.Context(), message("1")))
			require.NoError(t, s.Append(t.Context(), large("2")))
			require.NoError(t, s.Append(t.Context(), message("3")))
			settled()
			require.Empty(t, s.files(), "an outage is not its fault")

			s.far.down.Store(false)
			settled()
			require.Equal(t, []string{"1", "3"}, s.far.told())
			require.Zero(t, s.Waiting())
			require.EqualValues(t, maxRefusals+1, s.far.tries.Load())
			require.Len(t, s.files(), 1)
			data, err := os.ReadFile(s.files()[0])
			require.NoError(t, err)
			kept, err := decode(data)
			require.NoError(t, err)
			require.Equal(t, []delivery.Message{large("2")}, kept.Messages, "as it was, for whoever wants to tell it")
			require.Equal(t, cause.Error(), kept.Why)
			n, err := Aside(s.folder)
			require.NoError(t, err)
			require.Equal(t, 1, n)
			require.Empty(t, holds(t, s.far), "nothing is left of the tries whether it works")
			require.NoError(t, s.Close())
		})
	}
}

// TestOnlyTheMessageThatIsRefusedIsPutAside: the others of its write are told, and
// its hold ends.
func TestOnlyTheMessageThatIsRefusedIsPutAside(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := narrowed(t, errTooLarge)
		require.NoError(t, s.Hold(t.Context(), delivery.Hold{ID: "h"}))
		s.far.down.Store(true)
		require.NoError(t, s.Release(t.Context(), "h", message("1"), large("2"), message("3")))
		s.far.down.Store(false)
		settled()
		require.Equal(t, []string{"1", "3"}, s.far.told())
		require.Empty(t, holds(t, s.far))
		require.Len(t, s.files(), 1)
		data, err := os.ReadFile(s.files()[0])
		require.NoError(t, err)
		kept, err := decode(data)
		require.NoError(t, err)
		require.Equal(t, "h", kept.Hold)
		require.Equal(t, []delivery.Message{large("2")}, kept.Messages)
		require.NoError(t, s.Close())
	})
}

func TestWhatIsNoRecordIsPutAsideAsItIs(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := narrowed(t, errTooLarge)
		damaged := delivery.Message{ID: "d", Source: Lane, Time: time.Now(), Event: []byte("damaged"), Targets: []delivery.Target{{Lane: Lane}}}
		require.NoError(t, s.near.Append(t.Context(), damaged))
		s.far.down.Store(true)
		require.NoError(t, s.Append(t.Context(), message("1")))
		s.far.down.Store(false)
		settled()
		require.Equal(t, []string{"1"}, s.far.told())
		require.Zero(t, s.Waiting(), "also when the count was wrong before")
		require.Len(t, s.files(), 1)
		data, err := os.ReadFile(s.files()[0])
		require.NoError(t, err)
		require.Equal(t, "damaged", string(data))
		require.NoError(t, s.Close())
	})
}

// TestWhatCannotBePutAsideStaysWhereItIs: it is never lost.
func TestWhatCannotBePutAsideStaysWhereItIs(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := narrowed(t, errTooLarge)
		require.NoError(t, os.Remove(s.folder))
		require.NoError(t, os.WriteFile(s.folder, nil, 0o600), "a file where the folder should be")
		s.far.down.Store(true)
		require.NoError(t, s.Append(t.Context(), large("1")))
		s.far.down.Store(false)
		settled()
		require.EqualValues(t, 1, s.Waiting())
		require.Empty(t, s.files())
		require.NoError(t, os.Remove(s.folder))
		settled()
		require.Zero(t, s.Waiting())
		require.Len(t, s.files(), 1)
		require.NoError(t, s.Close())
	})
}

func TestTheCountOfWaitingRecordsIsTold(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var waiting atomic.Int64
		far, near := &shared{Store: kept{storetest.NewMemory()}}, kept{storetest.NewMemory()}
		opt := Options{Aside: t.TempDir(), Down: func(error) bool { return true }, Count: func(n int64) { waiting.Add(n) }}
		far.down.Store(true)
		s, err := New(far, near, opt)
		require.NoError(t, err)
		for _, id := range []string{"1", "2"} {
			require.NoError(t, s.Append(t.Context(), message(id)))
		}
		require.EqualValues(t, 2, waiting.Load())
		synctest.Wait() // it rests: nothing is leased, which a store in memory would keep
		require.NoError(t, s.Close())
		require.NoError(t, s.Close())
		require.Zero(t, waiting.Load(), "those of a closed store are nobody's")
		s, err = New(far, near, opt)
		require.NoError(t, err)
		require.EqualValues(t, 2, waiting.Load())
		far.down.Store(false)
		settled()
		require.Zero(t, waiting.Load())
		require.NoError(t, s.Close())
		_, err = New(far, near, Options{})
		require.ErrorIs(t, err, errIncomplete)
	})
}
