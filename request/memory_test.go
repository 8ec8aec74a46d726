package request

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestMemoryIsLargeEnough(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ want, size int }{
		{0, 1 << 10},
		{1 << 10, 1 << 10},
		{1<<10 + 1, 1280},
		{1280, 1280},
		{2049, 2560},
		{4000, 4 << 10},
		{64<<10 - 1, 64 << 10},
		{64 << 10, 64 << 10},
		{64<<10 + 1, 64<<10 + 1}, // not from a pool: exactly what was asked for
		{1 << 20, 1 << 20},
	} {
		m := NewMemory(c.want)
		require.Empty(t, m.Buffer())
		require.Equal(t, c.size, cap(m.Buffer()), "for %d bytes", c.want)
	}
}

// Each size has a pool of its own, so that what a pool gives is never too small.
func TestMemorySizes(t *testing.T) {
	t.Parallel()
	last, largest := -1, 0
	for n := range MaxMemory + 1 {
		at, size := memorySize(n)
		if size < n || size > max(minMemory, n+n/4+1) {
			t.Fatalf("%d bytes for %d", size, n)
		}
		if (at == last) != (size == largest) || at > last+1 {
			t.Fatalf("the pool of %d bytes is the %dth, after the %dth", size, at, last)
		}
		last, largest = at, size
	}
	require.Equal(t, memorySizes-1, last)
	require.Equal(t, MaxMemory, largest)
}

// Not parallel: nobody else may take the memory while the test looks at it.
func TestRecycledMemoryIsWipedToItsEnd(t *testing.T) {
	for _, size := range []int{10, 5000, 64 << 10, 64<<10 + 1} {
		m := NewMemory(size)
		data := m.Buffer()[:cap(m.Buffer())]
		for i := range data {
			data[i] = 'x'
		}
		m.Recycle()
		require.Equal(t, make([]byte, len(data)), data, "of %d bytes", size)
	}
}

func TestLargeMemoryIsNotKept(t *testing.T) { // not parallel, as above
	NewMemory(MaxMemory + 1).Recycle()
	for at := range memories {
		m, ok := memories[at].Get().(*Memory)
		require.True(t, !ok || len(m.bytes) <= MaxMemory)
	}
}

func TestMemoryHolds(t *testing.T) {
	t.Parallel()
	m := NewMemory(10)
	full := m.Buffer()[:cap(m.Buffer())]
	require.True(t, m.Holds(m.Buffer()))
	require.True(t, m.Holds(append(m.Buffer(), "text"...)))
	require.True(t, m.Holds(full))
	require.False(t, m.Holds(full[1:]), "a part of it")
	require.False(t, m.Holds(append(full, 'x')), "it has outgrown the memory")
	require.False(t, m.Holds(nil))
	require.False(t, (&Memory{}).Holds([]byte("x")))
}
