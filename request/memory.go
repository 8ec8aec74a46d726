package request

import (
	"math/bits"
	"sync"
)

// MaxMemory is the most bytes of [Memory] that are used again, 64 KiB. A larger
// body is rare, and would keep much for the few that need it.
const MaxMemory = 1 << maxDoubling

// Sizes of the memory that is used again: four to each doubling, so that at most
// a fifth of it is not needed.
const (
	minMemory   = 1 << minDoubling
	memorySizes = 1 + steps*(maxDoubling-minDoubling)

	minDoubling, maxDoubling = 10, 16
	steps                    = 4
)

// memories are the pools, from minMemory to MaxMemory. What is in them is all
// zeros: no client's data stays where no client is being served.
var memories [memorySizes]sync.Pool

// Memory is a piece of memory for a body, or for what is made of one. It can be
// recycled for another request. Memory that is not is left to the garbage
// collector, so that whoever is in doubt does nothing.
type Memory struct {
	bytes []byte
	pool  *sync.Pool // nil for memory that is too large to be kept
}

// NewMemory gives memory for at least n bytes, all of them zero.
func NewMemory(n int) *Memory {
	if n > MaxMemory {
		return &Memory{bytes: make([]byte, n)}
	}
	at, size := memorySize(n)
	pool := &memories[at]
	if m, ok := pool.Get().(*Memory); ok {
		return m
	}
	return &Memory{bytes: make([]byte, size), pool: pool}
}

// memorySize is the smallest size for n bytes, and its position among all.
func memorySize(n int) (at, size int) {
	if n <= minMemory {
		return 0, minMemory
	}
	doubling := bits.Len(uint(n-1)) - 1
	step := 1 << doubling / steps
	beyond := (n - 1<<doubling + step - 1) / step
	return (doubling-minDoubling)*steps + beyond, 1<<doubling + beyond*step
}

// Buffer is the memory as an empty slice, to be appended to.
func (m *Memory) Buffer() []byte { return m.bytes[:0] }

// Holds tells whether a slice begins where the memory does: whether it was
// appended to Buffer and has not outgrown it.
func (m *Memory) Holds(data []byte) bool {
	return cap(data) > 0 && len(m.bytes) > 0 && &data[:1][0] == &m.bytes[0]
}

// Recycle wipes the memory and lets another request have it. The caller must be
// certain that nobody looks at it any more, and not use it afterwards. Memory
// of more than 64 KiB is only wiped.
func (m *Memory) Recycle() {
	clear(m.bytes)
	if m.pool != nil {
		m.pool.Put(m)
	}
}
