//go:build !linux

package local

import "os"

// syncedFile flushes with what the system has.
type syncedFile struct{ *os.File }
