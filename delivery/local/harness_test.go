package local

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/voorpoort/voorpoort/delivery"
)

// testMessage gives a message for lanes.
func testMessage(id string, lanes ...string) delivery.Message {
	m := delivery.Message{
		ID: id, Source: "/test", Type: "created", Class: "Created", Subject: "s",
		Time: time.Now(), Event: fmt.Appendf(nil, `{"id":%q}`, id),
	}
	for _, l := range lanes {
		m.Targets = append(m.Targets, delivery.Target{Lane: l})
	}
	return m
}

func openTest(t testing.TB, dir string, opt Options) *Store {
	t.Helper()
	s, err := Open(dir, opt)
	require.NoError(t, err)
	t.Cleanup(func() { _ = s.Close() })
	return s
}

// crash ends the use of a store as a kill would: the journal stays as it is, and
// nothing that waits reaches the index.
func crash(t testing.TB, s *Store) {
	t.Helper()
	s.closeOnce.Do(func() {
		close(s.closing)
		s.life.Lock()
		s.closed = true
		s.life.Unlock()
		s.journal.close()
		s.flusher.set(&s.flusher.crashed)
		<-s.flusher.ended
		s.applier.stop()
		require.NoError(t, s.db.Close())
	})
}

func appendTest(t testing.TB, s *Store, messages ...delivery.Message) {
	t.Helper()
	require.NoError(t, s.Append(context.Background(), messages...))
}

func has(t testing.TB, s *Store, id string) bool {
	t.Helper()
	_, _, err := s.Message(context.Background(), "/test", id)
	if err != nil {
		require.ErrorIs(t, err, delivery.ErrNotFound)
	}
	return err == nil
}

func leaseTest(t testing.TB, s *Store, lane string, n int) []delivery.Lease {
	t.Helper()
	require.NoError(t, s.flushed(context.Background()))
	leases, _, err := s.Lease(context.Background(), lane, n, time.Now().Add(time.Hour))
	require.NoError(t, err)
	return leases
}

// lastSegment gives the file of the journal with the highest number.
func lastSegment(t testing.TB, dir string) string {
	t.Helper()
	numbers, err := segmentNumbers(dir)
	require.NoError(t, err)
	require.NotEmpty(t, numbers)
	return segmentPath(dir, numbers[len(numbers)-1])
}

// copyDir copies the files of a store.
func copyDir(t testing.TB, dir string) string {
	t.Helper()
	to := t.TempDir()
	require.NoError(t, os.CopyFS(to, os.DirFS(dir)))
	return to
}

func damage(t testing.TB, path string, offset int64, with []byte) {
	t.Helper()
	f, err := os.OpenFile(filepath.Clean(path), os.O_WRONLY, 0)
	require.NoError(t, err)
	_, err = f.WriteAt(with, offset)
	require.NoError(t, err)
	require.NoError(t, f.Close())
}
