package main

import (
	"os"
	"runtime"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestParseStat(t *testing.T) {
	t.Parallel()
	cpu, err := parseStat("1234 (a (odd) name) S 1 1 1 0 -1 4194560 1 2 3 4 150 25 0 0 20 0 9 0 1 1 1")
	require.NoError(t, err)
	require.Equal(t, 1750*time.Millisecond, cpu)

	for _, bad := range []string{"", "1 (x", "1 (x) S 1", "1 (x) S 1 1 1 0 -1 1 1 2 3 4 a 25 0 0"} {
		_, err := parseStat(bad)
		require.ErrorIs(t, err, errNoUsage, bad)
	}
}

func TestParseStatus(t *testing.T) {
	t.Parallel()
	m, err := parseStatus("Name:\tx\nVmHWM:\t    2048 kB\nVmRSS:\t    1024 kB\nThreads:\t3\n")
	require.NoError(t, err)
	require.Equal(t, memory{Now: 1 << 20, Peak: 2 << 20}, m)

	for _, bad := range []string{"", "VmRSS: 1 kB\n", "VmRSS: x kB\nVmHWM: 1 kB\n"} {
		_, err := parseStatus(bad)
		require.ErrorIs(t, err, errNoUsage, bad)
	}
}

func TestUsageOfThisProcess(t *testing.T) {
	t.Parallel()
	if runtime.GOOS != "linux" {
		t.Skip("needs /proc")
	}
	_, err := cpuTime(os.Getpid())
	require.NoError(t, err)
	m, err := memoryOf(os.Getpid())
	require.NoError(t, err)
	require.GreaterOrEqual(t, m.Peak, m.Now)

	_, err = cpuTime(-1)
	require.ErrorIs(t, err, os.ErrNotExist)
	_, err = memoryOf(-1)
	require.ErrorIs(t, err, os.ErrNotExist)
}
