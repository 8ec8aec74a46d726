package main

import (
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestDiskFillsAndIsFreed(t *testing.T) {
	t.Parallel()
	d, err := mountDisk(filepath.Join(t.TempDir(), "disk"), 1<<20)
	if err != nil {
		t.Skip(err)
	}
	t.Cleanup(func() { require.NoError(t, d.unmount()) })
	file := filepath.Join(d.path, "file")
	require.NoError(t, os.WriteFile(file, make([]byte, 1000), 0o600))
	require.NoError(t, d.fill())
	require.ErrorIs(t, os.WriteFile(filepath.Join(d.path, "other"), make([]byte, 5000), 0o600), syscall.ENOSPC)
	require.NoError(t, d.free())
	require.NoError(t, d.free(), "twice is harmless")
	require.NoError(t, os.WriteFile(filepath.Join(d.path, "other"), make([]byte, 5000), 0o600))
}

func TestDiskThatIsNoFolder(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "file")
	require.NoError(t, os.WriteFile(file, nil, 0o600))
	_, err := mountDisk(file, 1<<20)
	require.Error(t, err)
	require.Error(t, (&disk{path: file}).fill())
}
