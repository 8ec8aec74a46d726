package local

import (
	"errors"
	"os"

	"golang.org/x/sys/unix"
)

// syncedFile flushes with fdatasync: the size of the file goes with it, its
// times do not.
type syncedFile struct{ *os.File }

func (f syncedFile) Sync() error {
	for {
		err := unix.Fdatasync(int(f.Fd()))
		if !errors.Is(err, unix.EINTR) {
			return err
		}
	}
}
