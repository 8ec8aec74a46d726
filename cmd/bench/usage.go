package main

import (
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"
)

// clockTick is the unit of CPU times in /proc: the kernel reports 100 a second to
// every program, whatever its own clock does.
const clockTick = time.Second / 100

var errNoUsage = errors.New("the kernel's account of the process is not as expected")

// cpuTime returns the CPU time a process has used, user and system, of all its
// threads. It needs Linux's /proc.
func cpuTime(pid int) (time.Duration, error) {
	raw, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	if err != nil {
		return 0, fmt.Errorf("reading CPU time: %w", err)
	}
	return parseStat(string(raw))
}

// parseStat reads fields 14 and 15 of proc_pid_stat(5). The second field is the
// program's name in parentheses and may itself have spaces and parentheses.
func parseStat(stat string) (time.Duration, error) {
	end := strings.LastIndexByte(stat, ')')
	fields := strings.Fields(stat[end+1:]) // begins with field 3
	if end < 0 || len(fields) < 13 {
		return 0, errNoUsage
	}
	var ticks int64
	for _, field := range fields[11:13] {
		n, err := strconv.ParseInt(field, 10, 64)
		if err != nil {
			return 0, fmt.Errorf("%w: %w", errNoUsage, err)
		}
		ticks += n
	}
	return time.Duration(ticks) * clockTick, nil
}

// memory is how much of a process is in RAM, in bytes: now, and at most so far.
type memory struct{ Now, Peak int64 }

// memoryOf needs Linux's /proc.
func memoryOf(pid int) (memory, error) {
	raw, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/status")
	if err != nil {
		return memory{}, fmt.Errorf("reading memory use: %w", err)
	}
	return parseStatus(string(raw))
}

func parseStatus(status string) (memory, error) {
	var m memory
	for line := range strings.Lines(status) {
		name, value, _ := strings.Cut(line, ":")
		var target *int64
		switch name {
		case "VmRSS":
			target = &m.Now
		case "VmHWM":
			target = &m.Peak
		default:
			continue
		}
		kib, err := strconv.ParseInt(strings.TrimSuffix(strings.TrimSpace(value), " kB"), 10, 64)
		if err != nil {
			return memory{}, fmt.Errorf("%w: %w", errNoUsage, err)
		}
		*target = kib << 10
	}
	if m.Now == 0 || m.Peak == 0 {
		return memory{}, errNoUsage
	}
	return m, nil
}
