package local

import "time"

// Options of a store. The zero value is right for nearly everyone.
type Options struct {
	// SegmentBytes is the size at which the journal begins another file.
	// Default 64 MiB, at least 4 KiB.
	SegmentBytes int64

	// BacklogBytes is how much may wait between the journal and the index.
	// Callers wait when it is more: memory stays bounded when the index is
	// slower than the journal. Default 20 MiB.
	BacklogBytes int64

	// CacheBytes is how much the messages that are kept in memory may take, so
	// that lanes that lease the same message share its bytes. Default 16 MiB.
	CacheBytes int64

	// LockWait is how long Open waits for another process to let the folder go.
	// Default 5 s.
	LockWait time.Duration

	// Now is the clock. Default time.Now.
	Now func() time.Time

	disk  disk  // of tests
	layer int64 // bytes of a layer that is written; of tests
}

const (
	minSegment = 4 << 10
	windowSize = 256 // deliveries of a lane that are kept in memory in their order
)

func (o Options) withDefaults() Options {
	o.SegmentBytes = max(orDefault(o.SegmentBytes, 64<<20), minSegment)
	o.BacklogBytes = orDefault(o.BacklogBytes, 20<<20)
	o.CacheBytes = orDefault(o.CacheBytes, 16<<20)
	o.LockWait = orDefault(o.LockWait, 5*time.Second)
	if o.layer == 0 {
		o.layer = min(flushBytes, max(1, o.BacklogBytes/4))
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.disk == nil {
		o.disk = realDisk{}
	}
	return o
}

func orDefault[T int64 | time.Duration](v, def T) T {
	if v <= 0 {
		return def
	}
	return v
}
