package local

import (
	"context"
	"fmt"
	"os"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/voorpoort/voorpoort/delivery"
)

// badDisk is a disk whose files fail when they are told to.
type badDisk struct {
	realDisk
	mu       sync.Mutex
	write    func(p []byte) (int, error) // nil writes
	sync     error
	truncate error
	create   error
}

func (d *badDisk) set(change func()) {
	d.mu.Lock()
	defer d.mu.Unlock()
	change()
}

func (d *badDisk) Create(path string) (diskFile, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.create != nil {
		return nil, d.create
	}
	f, err := d.realDisk.Create(path)
	return &badFile{f, d}, err
}

type badFile struct {
	diskFile
	d *badDisk
}

func (f *badFile) WriteAt(p []byte, offset int64) (int, error) {
	f.d.mu.Lock()
	defer f.d.mu.Unlock()
	if f.d.write != nil {
		n, err := f.d.write(p)
		_, _ = f.diskFile.WriteAt(p[:n], offset)
		return n, err
	}
	return f.diskFile.WriteAt(p, offset)
}

func (f *badFile) Sync() error {
	f.d.mu.Lock()
	defer f.d.mu.Unlock()
	if f.d.sync != nil {
		return f.d.sync
	}
	return f.diskFile.Sync()
}

func (f *badFile) Truncate(n int64) error {
	f.d.mu.Lock()
	defer f.d.mu.Unlock()
	if f.d.truncate != nil {
		return f.d.truncate
	}
	return f.diskFile.Truncate(n)
}

// TestAFailingDisk: callers whose record could not be written are told, nothing
// of theirs is there, and the next ones are served when the disk works again. At
// the end a crash shows that what was acknowledged is there, once.
func TestAFailingDisk(t *testing.T) {
	t.Parallel()
	full := func(p []byte) (int, error) { return len(p) / 2, syscall.ENOSPC }
	cases := map[string]func(d *badDisk){
		"no room":                          func(d *badDisk) { d.write = full },
		"no room, nothing written":         func(d *badDisk) { d.write = func([]byte) (int, error) { return 0, syscall.ENOSPC } },
		"no room, and no cutting off":      func(d *badDisk) { d.write, d.truncate = full, syscall.EIO },
		"a short write without an error":   func(d *badDisk) { d.write = func(p []byte) (int, error) { return len(p) - 1, nil } },
		"no flush":                         func(d *badDisk) { d.sync = syscall.EIO },
		"no flush, and no cutting off":     func(d *badDisk) { d.sync, d.truncate = syscall.EIO, syscall.EIO },
		"no flush, and no file afterwards": func(d *badDisk) { d.sync, d.create = syscall.EIO, syscall.EMFILE },
	}
	for name, fail := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir, d := t.TempDir(), &badDisk{}
			s := openTest(t, dir, Options{disk: d})
			frozen(t, s)
			require.NoError(t, s.Hold(t.Context(), delivery.Hold{ID: "h", Created: time.Now(), Intent: []byte("{}")}))
			appendTest(t, s, testMessage("before", "a"))
			for round := range 3 {
				d.set(func() { fail(d) })
				for i := range 3 {
					require.Error(t, s.Append(t.Context(), testMessage(fmt.Sprint("failed", round, i), "a")))
				}
				require.Error(t, s.Hold(t.Context(), delivery.Hold{ID: "failed"}))
				require.Error(t, s.Release(t.Context(), "h", testMessage("released", "a")))
				require.Error(t, s.Health())
				d.set(func() { d.write, d.sync, d.truncate, d.create = nil, nil, nil, nil })
				appendTest(t, s, testMessage(fmt.Sprint("after", round), "a"))
			}
			require.NoError(t, s.Release(t.Context(), "h", testMessage("released", "a")), "the hold was not lost")
			require.ErrorIs(t, s.Release(t.Context(), "failed"), delivery.ErrNoHold)
			crash(t, s)

			s = openTest(t, dir, Options{})
			for _, id := range []string{"before", "after0", "after1", "after2", "released"} {
				require.True(t, has(t, s, id), id)
			}
			require.Len(t, leaseTest(t, s, "a", 100), 5, "nothing that failed is there")
			orphans, err := s.Orphans(t.Context(), 10)
			require.NoError(t, err)
			require.Empty(t, orphans)
		})
	}
}

// TestAnIndexThatCannotBeWritten: appends go on until the backlog is full, and
// nothing is lost.
func TestAnIndexThatCannotBeWritten(t *testing.T) {
	t.Parallel()
	s := openTest(t, t.TempDir(), Options{BacklogBytes: 20_000})
	var broken atomic.Bool
	broken.Store(true)
	s.failCommit = func() error {
		if broken.Load() {
			return syscall.ENOSPC
		}
		return nil
	}
	stored := 0
	for {
		m := testMessage(fmt.Sprint("m", stored), "a")
		m.Event = make([]byte, 1000)
		ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
		err := s.Append(ctx, m)
		cancel()
		if err != nil {
			require.ErrorIs(t, err, context.DeadlineExceeded)
			break
		}
		require.Less(t, stored, 100, "the backlog is bounded")
		stored++
	}
	require.Greater(t, stored, 10)
	require.ErrorIs(t, s.Health(), syscall.ENOSPC)
	broken.Store(false)
	require.NoError(t, s.flushed(t.Context()))
	require.NoError(t, s.Health())
	require.Len(t, leaseTest(t, s, "a", 1000), stored)
	appendTest(t, s, testMessage("more", "a"))
}

// TestClosingWithAnIndexThatCannotBeWritten keeps everything in the journal.
func TestClosingWithAnIndexThatCannotBeWritten(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := openTest(t, dir, Options{})
	frozen(t, s)
	for i := range 20 {
		appendTest(t, s, testMessage(fmt.Sprint("m", i), "a"))
	}
	require.NoError(t, s.Close())
	s = openTest(t, dir, Options{})
	require.Len(t, leaseTest(t, s, "a", 100), 20)
}

// TestCallersThatLeave: one that gives up before its record is taken has not
// stored anything.
func TestCallersThatLeave(t *testing.T) {
	t.Parallel()
	slow := make(chan struct{})
	d := &slowDisk{wait: slow}
	s := openTest(t, t.TempDir(), Options{disk: d})
	d.on.Store(true)
	first := make(chan error, 1)
	go func() { first <- s.Append(context.Background(), testMessage("first", "a")) }()
	require.Eventually(t, func() bool { return d.waiting.Load() == 1 }, 5*time.Second, time.Millisecond)
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	require.ErrorIs(t, s.Append(ctx, testMessage("second", "a")), context.DeadlineExceeded)
	d.on.Store(false)
	close(slow)
	require.NoError(t, <-first)
	require.True(t, has(t, s, "first"))
	require.False(t, has(t, s, "second"))
}

type slowDisk struct {
	realDisk
	on      atomic.Bool
	waiting atomic.Int32
	wait    chan struct{}
}

func (d *slowDisk) Create(path string) (diskFile, error) {
	f, err := d.realDisk.Create(path)
	return &slowFile{f, d}, err
}

type slowFile struct {
	diskFile
	d *slowDisk
}

func (f *slowFile) Sync() error {
	if f.d.on.Load() {
		f.d.waiting.Add(1)
		<-f.d.wait
	}
	return f.diskFile.Sync()
}

// TestAFullDisk fills a small file system, if this machine lets it be made.
func TestAFullDisk(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=3m"); err != nil {
		t.Skip("mounting a file system:", err)
	}
	t.Cleanup(func() { _ = syscall.Unmount(dir, 2) })
	s, err := Open(dir, Options{})
	require.NoError(t, err)
	acknowledged := map[string]bool{}
	failures := 0
	for i := 0; failures < 5; i++ {
		require.Less(t, i, 10_000)
		m := testMessage(fmt.Sprint("m", i), "a")
		m.Event = make([]byte, 20_000)
		if err := s.Append(t.Context(), m); err != nil {
			require.ErrorIs(t, err, syscall.ENOSPC)
			failures++
			continue
		}
		acknowledged[m.ID] = true
	}
	require.Greater(t, len(acknowledged), 10)
	require.NoError(t, syscall.Mount("tmpfs", dir, "tmpfs", syscall.MS_REMOUNT, "size=60m"))
	appendTest(t, s, testMessage("more", "a"))
	acknowledged["more"] = true
	require.NoError(t, s.flushed(t.Context()))
	for id := range acknowledged {
		require.True(t, has(t, s, id), id)
	}
	require.NoError(t, s.Close())
	s, err = Open(dir, Options{})
	require.NoError(t, err)
	require.Len(t, leaseTest(t, s, "a", 10_000), len(acknowledged))
	require.NoError(t, s.Close())
}

// TestThePermissions: others than the owner may not read what is stored.
func TestThePermissions(t *testing.T) {
	t.Parallel()
	dir := t.TempDir() + "/store"
	s := openTest(t, dir, Options{})
	appendTest(t, s, testMessage("m", "a"))
	info, err := os.Stat(dir)
	require.NoError(t, err)
	require.EqualValues(t, 0o700, info.Mode().Perm())
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	require.Len(t, entries, 2)
	for _, e := range entries {
		info, err := e.Info()
		require.NoError(t, err)
		require.EqualValues(t, 0o600, info.Mode().Perm(), e.Name())
	}
	require.Positive(t, s.Size())
}
