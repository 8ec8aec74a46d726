package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
)

// disk is a small file system of the run's own, which can be filled.
type disk struct{ path string }

// mountDisk mounts a tmpfs of so many bytes. It needs Linux and the right to
// mount.
func mountDisk(path string, size int64) (*disk, error) {
	if err := os.MkdirAll(path, 0o700); err != nil {
		return nil, fmt.Errorf("making a disk: %w", err)
	}
	if err := mountTmpfs(path, size); err != nil {
		return nil, fmt.Errorf("making a disk: %w", err)
	}
	return &disk{path: path}, nil
}

// filler is the file that takes all the room.
func (d *disk) filler() string { return filepath.Join(d.path, "filler") }

// fill takes all the room that is left.
func (d *disk) fill() error {
	file, err := os.OpenFile(d.filler(), os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return fmt.Errorf("filling the disk: %w", err)
	}
	defer file.Close()
	for size := 1 << 20; size > 0; {
		_, err := file.Write(make([]byte, size))
		switch {
		case errors.Is(err, syscall.ENOSPC):
			size /= 2
		case err != nil:
			return fmt.Errorf("filling the disk: %w", err)
		}
	}
	return nil
}

// free gives the room back.
func (d *disk) free() error {
	if err := os.Remove(d.filler()); err != nil && !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("freeing the disk: %w", err)
	}
	return nil
}

func (d *disk) unmount() error {
	if err := unmount(d.path); err != nil {
		return fmt.Errorf("taking a disk away: %w", err)
	}
	return nil
}
