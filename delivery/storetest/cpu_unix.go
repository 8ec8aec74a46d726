//go:build unix

package storetest

import (
	"syscall"
	"time"
)

// cpuTime is how much of the processors this process has used, in user and
// kernel.
func cpuTime() time.Duration {
	var u syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &u) != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
