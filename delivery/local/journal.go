package local

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"sync"
)

// aheadBytes is how much of a file is filled with zeros before records come
// there: a flush that does not move the end of the file leaves the file system's
// own journal alone, and takes about half the time.
const aheadBytes = 1 << 20

// groupBytes is how much one flush takes at most: a caller with little does not
// wait for megabytes of others.
const groupBytes = 4 << 20

// position is a place in the journal: where a record ends.
type position struct {
	segment uint64
	offset  int64
}

// call is one record on its way to the journal.
type call struct {
	frame []byte
	op    operation
	check func() error // in the order of the journal, before the record is taken
	undo  func()       // of check, when the record could not be written

	dropped func()     // the record was not written
	applied chan error // for the answer of the index; nil if nobody waits for it
	reply   chan error // gets one answer

	mu    sync.Mutex
	taken bool
	gone  bool // the caller does not wait any more, and the record was not taken
}

// journal is the files and the goroutine that writes them.
type journal struct {
	dir   string
	disk  disk
	limit int64 // of a segment
	sink  func(c *call, at position)

	// Of the writing goroutine.
	file   diskFile // nil when the next write begins another
	head   segment
	good   int64 // how much of the file is flushed
	ahead  int64 // how much of it is filled
	buffer []byte

	mu      sync.Mutex
	calls   []*call
	closed  bool
	failure error // of the last write, nil after a good one
	wake    chan struct{}
	ended   chan struct{}
}

// start begins a new file after the recovered end of the one before it, and the
// goroutine.
func (j *journal) start(last uint64, end int64) error {
	j.head, j.good = segment{number: last}, end
	j.wake, j.ended = make(chan struct{}, 1), make(chan struct{})
	if err := j.roll(); err != nil {
		return err
	}
	go j.run()
	return nil
}

// submit has a record written and waits until it is durable.
func (j *journal) submit(ctx context.Context, c *call) error {
	c.reply = make(chan error, 1)
	j.mu.Lock()
	if j.closed {
		j.mu.Unlock()
		c.dropped()
		return ErrClosed
	}
	j.calls = append(j.calls, c)
	j.mu.Unlock()
	signal(j.wake)
	select {
	case err := <-c.reply:
		return err
	case <-ctx.Done():
		return c.leave(ctx)
	}
}

// signal wakes a goroutine that waits on a channel with room for one.
func signal(wake chan struct{}) {
	select {
	case wake <- struct{}{}:
	default:
	}
}

// leave withdraws a record that was not taken yet. One that was taken may be
// stored: nobody can tell but the answer, which the caller does not want.
func (c *call) leave(ctx context.Context) error {
	c.mu.Lock()
	c.gone = !c.taken
	c.mu.Unlock()
	return ctx.Err()
}

func (c *call) take() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.taken = !c.gone
	return c.taken
}

func (j *journal) run() {
	defer close(j.ended)
	for {
		group, more := j.next()
		if len(group) > 0 {
			j.write(group)
			// Who was answered may have more to write: it comes first.
			runtime.Gosched()
			continue
		}
		if !more {
			return
		}
		<-j.wake
	}
}

// next takes the calls of one flush; more is false when no more will come.
func (j *journal) next() (group []*call, more bool) {
	j.mu.Lock()
	defer j.mu.Unlock()
	size, n := 0, 0
	for n < len(j.calls) && size < groupBytes {
		size += len(j.calls[n].frame)
		n++
	}
	group, j.calls = j.calls[:n:n], j.calls[n:]
	if len(j.calls) == 0 {
		j.calls = nil
	}
	return group, !j.closed
}

// write makes one flush of a group and answers its callers.
func (j *journal) write(group []*call) {
	kept, refused := group[:0:0], map[*call]error{}
	for _, c := range group {
		if !c.take() {
			refused[c] = context.Canceled
			continue
		}
		if c.check != nil {
			if err := c.check(); err != nil {
				refused[c] = err
				continue
			}
		}
		kept = append(kept, c)
	}
	err := j.flush(kept)
	if len(kept) > 0 {
		j.mu.Lock()
		j.failure = err
		j.mu.Unlock()
	}
	for _, c := range group {
		if r := refused[c]; r != nil {
			c.dropped()
			// What refused it may be the work of another of this group.
			c.reply <- errors.Join(r, err)
			continue
		}
		if err != nil {
			if c.undo != nil {
				c.undo()
			}
			c.dropped()
		}
		c.reply <- err
	}
}

// flush writes records and makes them durable, all or none.
func (j *journal) flush(calls []*call) error {
	if len(calls) == 0 {
		return nil
	}
	if j.file == nil || j.good >= j.limit {
		if err := j.roll(); err != nil {
			return fmt.Errorf("delivery/local: beginning a file of the journal: %w", err)
		}
	}
	b := j.head.marker(j.buffer[:0], j.good)
	for _, c := range calls {
		b = append(b, c.frame...)
	}
	if j.buffer = b; cap(b) > 2*groupBytes {
		j.buffer = nil
	}
	if n, err := j.file.WriteAt(b, j.good); err != nil || n < len(b) {
		return j.back(err)
	}
	j.fill(j.good + int64(len(b)))
	if err := j.file.Sync(); err != nil {
		// What the system did with the pages is unknown, and a second flush
		// could succeed without them: the file ends before this write.
		j.abandon()
		return fmt.Errorf("delivery/local: flushing the journal: %w", err)
	}
	at := position{j.head.number, j.good + markerSize}
	j.good += int64(len(b))
	for _, c := range calls {
		at.offset += int64(len(c.frame))
		j.sink(c, at)
	}
	return nil
}

// zeros are what a file is filled with.
var zeros = make([]byte, aheadBytes)

// fill fills the file ahead of its end, if there is room.
func (j *journal) fill(end int64) {
	if end <= j.ahead {
		return
	}
	j.ahead = end
	n := min(aheadBytes, j.limit-end)
	if n <= 0 {
		return
	}
	if _, err := j.file.WriteAt(zeros[:n], end); err != nil {
		_ = j.file.Truncate(end)
		return
	}
	j.ahead = end + n
}

// back takes a failed write back, so that the room it took is free again.
func (j *journal) back(cause error) error {
	if cause == nil {
		cause = errors.New("short write")
	}
	j.ahead = j.good
	if err := j.file.Truncate(j.good); err != nil {
		j.abandon()
	}
	return fmt.Errorf("delivery/local: writing the journal: %w", cause)
}

// abandon ends the use of a file whose end is in doubt. The next file's head
// says how much of it counts.
func (j *journal) abandon() {
	_ = j.file.Truncate(j.good)
	_ = j.file.Close()
	j.file = nil
}

// roll begins the next file.
func (j *journal) roll() error {
	var salt [8]byte
	_, _ = rand.Read(salt[:])
	head := segment{number: j.head.number + 1, prevEnd: j.good, salt: binary.BigEndian.Uint64(salt[:])}
	path := segmentPath(j.dir, head.number)
	f, err := j.disk.Create(path)
	if err != nil {
		return err
	}
	if err := j.begin(f, head); err != nil {
		_ = f.Close()
		return errors.Join(err, j.disk.Remove(path))
	}
	if j.file != nil {
		_ = j.file.Close()
	}
	j.file, j.head, j.good, j.ahead = f, head, headerSize, headerSize
	return nil
}

func (j *journal) begin(f diskFile, head segment) error {
	if n, err := f.WriteAt(head.header(), 0); err != nil || n < headerSize {
		return errors.Join(err, errors.New("no room for the head of the file"))
	}
	if err := f.Sync(); err != nil {
		return err
	}
	return j.disk.SyncDir(j.dir)
}

// close ends the goroutine after the calls that wait.
func (j *journal) close() {
	j.mu.Lock()
	already := j.closed
	j.closed = true
	j.mu.Unlock()
	if already {
		return
	}
	signal(j.wake)
	<-j.ended
	if j.file != nil {
		_ = j.file.Close()
	}
}

func segmentPath(dir string, number uint64) string {
	return filepath.Join(dir, fmt.Sprintf("journal-%016d.log", number))
}

// segmentNumbers lists the files of a journal, ascending.
func segmentNumbers(dir string) ([]uint64, error) {
	entries, err := os.ReadDir(dir) // sorted by name, and so by number
	if err != nil {
		return nil, err
	}
	var all []uint64
	for _, e := range entries {
		var n uint64
		if _, err := fmt.Sscanf(e.Name(), "journal-%016d.log", &n); err == nil && filepath.Base(segmentPath(dir, n)) == e.Name() {
			all = append(all, n)
		}
	}
	return all, nil
}
