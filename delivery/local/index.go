package local

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"go.etcd.io/bbolt"
	bolterrors "go.etcd.io/bbolt/errors"
)

// ErrLocked says that another process has the folder open.
var ErrLocked = errors.New("delivery/local: another process has the store open")

// The buckets of the index.
var (
	bucketMeta       = []byte("meta")       // format, position, clock
	bucketLanes      = []byte("lanes")      // name -> number of the lane
	bucketStats      = []byte("stats")      // lane, 0 for all -> counters
	bucketMessages   = []byte("messages")   // Seq -> storedMessage
	bucketNames      = []byte("names")      // id and source -> Seq
	bucketDeliveries = []byte("deliveries") // lane, state, Seq -> record
	bucketDue        = []byte("due")        // lane, time, Seq -> nothing
	bucketOrder      = []byte("order")      // lane, key, Seq -> place
	bucketHolds      = []byte("holds")      // created, id -> intent
	bucketLog        = []byte("log")        // id -> row
	bucketLaneRows   = []byte("rows-lane")  // lane, success, id -> nothing
	bucketNameRows   = []byte("rows-name")  // message's id, id -> lane, success
	bucketDocuments  = []byte("documents")  // kind, key -> document
)

var buckets = [][]byte{
	bucketMeta, bucketLanes, bucketStats, bucketMessages, bucketNames, bucketDeliveries,
	bucketDue, bucketOrder, bucketHolds, bucketLog, bucketLaneRows, bucketNameRows,
	bucketDocuments,
}

var (
	keyFormat   = []byte("format")
	keyPosition = []byte("position")
	keyClock    = []byte("clock") // the latest time that the store knew
	format      = []byte("1")
)

func indexPath(dir string) string { return filepath.Join(dir, "index.db") }

// openIndex opens the bbolt file, which is also the lock of the folder.
func openIndex(path string, wait time.Duration) (*bbolt.DB, error) {
	if err := checkIndex(path, wait); err != nil {
		return nil, err
	}
	for {
		db, file, err := openBolt(path, wait, false)
		if err != nil {
			return nil, err
		}
		// The file may have been compacted, and so replaced, while this process
		// waited for its lock: then the lock is that of a file without a name.
		if replaced(path, file) {
			if err := db.Close(); err != nil {
				return nil, err
			}
			continue
		}
		if err := db.Update(createBuckets); err != nil {
			return nil, errors.Join(fmt.Errorf("delivery/local: preparing %s: %w", path, err), db.Close())
		}
		return db, nil
	}
}

func replaced(path string, file *os.File) bool {
	there, err := os.Stat(path)
	if err != nil {
		return errors.Is(err, fs.ErrNotExist)
	}
	here, err := file.Stat()
	return err == nil && !os.SameFile(there, here)
}

func openBolt(path string, wait time.Duration, readOnly bool) (db *bbolt.DB, file *os.File, err error) {
	defer func() {
		if r := recover(); r != nil {
			db, err = nil, &DamageError{path, -1, fmt.Sprint(r)}
		}
	}()
	db, err = bbolt.Open(path, 0o600, &bbolt.Options{
		Timeout:         wait,
		ReadOnly:        readOnly,
		NoFreelistSync:  true, // it is found again at opening; commits are smaller
		FreelistType:    bbolt.FreelistMapType,
		InitialMmapSize: 256 << 20, // address space, not memory: growing it stops readers
		OpenFile: func(name string, flag int, mode os.FileMode) (*os.File, error) {
			var err error
			file, err = os.OpenFile(name, flag, mode) //nolint:gosec // a name in the store's own folder
			return file, err
		},
	})
	switch {
	case errors.Is(err, bolterrors.ErrTimeout):
		return nil, nil, fmt.Errorf("%w: %s is locked", ErrLocked, path)
	case errors.Is(err, bolterrors.ErrInvalid), errors.Is(err, bolterrors.ErrChecksum), errors.Is(err, bolterrors.ErrVersionMismatch):
		return nil, nil, &DamageError{path, -1, err.Error()}
	case err != nil:
		return nil, nil, fmt.Errorf("delivery/local: opening %s: %w", path, err)
	}
	return db, file, nil
}

// checkIndex reads the whole index. bbolt does the same when it opens a file to
// be written, but in a goroutine of its own, where a damaged page would end the
// process.
func checkIndex(path string, wait time.Duration) error {
	if info, err := os.Stat(path); err != nil || info.Size() == 0 {
		return nil //nolint:nilerr // it is made when it is opened
	}
	db, _, err := openBolt(path, wait, true)
	if err != nil {
		return err
	}
	err = walkIndex(db, func(_, _, _ []byte) error { return nil })
	return errors.Join(err, closeDamaged(db))
}

// walkIndex gives each entry of the index.
func walkIndex(db *bbolt.DB, each func(bucket, k, v []byte) error) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = &DamageError{db.Path(), -1, fmt.Sprint(r)}
		}
	}()
	return db.View(func(tx *bbolt.Tx) error {
		return tx.ForEach(func(name []byte, b *bbolt.Bucket) error {
			return b.ForEach(func(k, v []byte) error { return each(name, k, v) })
		})
	})
}

// closeDamaged closes an index that may be damaged, and was read only.
func closeDamaged(db *bbolt.DB) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = &DamageError{db.Path(), -1, fmt.Sprint(r)}
		}
	}()
	return db.Close()
}

func createBuckets(tx *bbolt.Tx) error {
	for _, name := range buckets {
		if _, err := tx.CreateBucketIfNotExists(name); err != nil {
			return err
		}
	}
	meta := tx.Bucket(bucketMeta)
	switch v := meta.Get(keyFormat); {
	case v == nil:
		return meta.Put(keyFormat, format)
	case string(v) != string(format):
		return fmt.Errorf("it has format %q, this program writes %q", v, format)
	}
	return nil
}

func loadPosition(tx *bbolt.Tx) position {
	d := &decoder{b: tx.Bucket(bucketMeta).Get(keyPosition)}
	return position{uint64(d.int()), d.int()}
}

func (p position) encode() []byte {
	return appendInt(appendInt(nil, int64(p.segment)), p.offset)
}

// view reads the index. Damage that bbolt meets becomes an error.
func (s *Store) view(do func(tx *bbolt.Tx) error) (err error) {
	defer s.rescue(&err)
	return s.db.View(do)
}

// rescue turns what bbolt panics with on a damaged page into an error.
func (s *Store) rescue(err *error) {
	if r := recover(); r != nil {
		*err = &DamageError{s.db.Path(), -1, fmt.Sprint(r)}
	}
}
