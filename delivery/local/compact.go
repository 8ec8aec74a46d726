package local

import (
	"errors"
	"fmt"
	"os"
	"time"

	"go.etcd.io/bbolt"
)

// compactStep is how much one transaction of a compaction writes.
const compactStep = 16 << 20

// Compact writes the index of a store that is not open anew, without what is
// free in it, and puts it in the place of the old one. It gives the sizes
// of both files, in bytes. It needs room for the new file beside the old. [Open] does the same when the file is larger than 64 MiB
// and more than half of it is free.
func Compact(dir string) (before, after int64, err error) {
	old, err := os.Stat(indexPath(dir))
	if err != nil {
		return 0, 0, fmt.Errorf("delivery/local: compacting the index: %w", err)
	}
	db, err := openIndex(indexPath(dir), Options{}.withDefaults().LockWait)
	if err != nil {
		return 0, 0, err
	}
	if err := compactTo(db, compactPath(dir)); err != nil {
		return 0, 0, errors.Join(err, db.Close())
	}
	made, err := os.Stat(compactPath(dir))
	if err != nil {
		return 0, 0, errors.Join(err, db.Close())
	}
	err = errors.Join(os.Rename(compactPath(dir), indexPath(dir)), realDisk{}.SyncDir(dir), db.Close())
	return old.Size(), made.Size(), err
}

func compactPath(dir string) string { return indexPath(dir) + ".compact" }

// compactIfWorthIt gives the index, compacted if that frees much. That it cannot
// be compacted, for lack of room, is no reason not to open it.
func compactIfWorthIt(db *bbolt.DB, dir string, wait time.Duration) (*bbolt.DB, error) {
	_ = os.Remove(compactPath(dir))
	info, err := os.Stat(indexPath(dir))
	if err != nil || info.Size() < compactAbove || freeBytes(db) < info.Size()/2 {
		return db, nil //nolint:nilerr // then it stays as it is
	}
	if err := compactTo(db, compactPath(dir)); err != nil {
		_ = os.Remove(compactPath(dir))
		return db, nil //nolint:nilerr // then it stays as it is
	}
	// Who waits for the lock of the old file finds out that it was replaced.
	if err := os.Rename(compactPath(dir), indexPath(dir)); err != nil {
		return db, nil //nolint:nilerr // then it stays as it is
	}
	if err := errors.Join(realDisk{}.SyncDir(dir), db.Close()); err != nil {
		return nil, err
	}
	return openIndex(indexPath(dir), wait)
}

func compactTo(db *bbolt.DB, path string) error {
	to, err := bbolt.Open(path, 0o600, &bbolt.Options{NoFreelistSync: true, FreelistType: bbolt.FreelistMapType, NoSync: true})
	if err != nil {
		return fmt.Errorf("delivery/local: compacting the index: %w", err)
	}
	if err := errors.Join(bbolt.Compact(to, db, compactStep), to.Sync(), to.Close()); err != nil {
		return fmt.Errorf("delivery/local: compacting the index: %w", err)
	}
	return nil
}

// compactAbove is the size of the index from which Open looks whether to
// compact it.
const compactAbove = 64 << 20

// freeBytes gives how much of the file is free.
func freeBytes(db *bbolt.DB) int64 {
	return int64(db.Stats().FreePageN+db.Stats().PendingPageN) * int64(db.Info().PageSize)
}
