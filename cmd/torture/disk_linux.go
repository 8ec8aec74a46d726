package main

import (
	"fmt"
	"syscall"
)

func mountTmpfs(path string, size int64) error {
	return syscall.Mount("tmpfs", path, "tmpfs", 0, fmt.Sprintf("size=%d,mode=0700", size))
}

func unmount(path string) error { return syscall.Unmount(path, 0) }
