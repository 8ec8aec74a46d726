package local

import (
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// aheadBytes is how much of a file is filled with zeros before records come
// there: a flush that does not move the end of the file leaves the file system's
// own journal alone, and takes about half the time.
const aheadBytes = 1 << 20

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
		c.task.at = at
	}
	j.owner.stored(calls)
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
