package local

import (
	"os"
	"path/filepath"
)

// disk is what the journal needs of a file system; tests let it fail.
type disk interface {
	// Create makes a file that does not exist yet.
	Create(path string) (diskFile, error)
	Remove(path string) error
	// SyncDir makes the names in a folder durable.
	SyncDir(dir string) error
}

// diskFile is a file that is written from its beginning to its end.
type diskFile interface {
	WriteAt(p []byte, offset int64) (int, error)
	Sync() error
	Truncate(size int64) error
	Close() error
}

type realDisk struct{}

func (realDisk) Create(path string) (diskFile, error) {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600) //nolint:gosec // a name in the store's own folder
	if err != nil {
		return nil, err
	}
	return syncedFile{f}, nil
}

func (realDisk) Remove(path string) error { return os.Remove(path) }

func (realDisk) SyncDir(dir string) error {
	d, err := os.Open(filepath.Clean(dir))
	if err != nil {
		return err
	}
	defer func() { _ = d.Close() }()
	return d.Sync()
}
