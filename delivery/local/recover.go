package local

import (
	"fmt"
	"os"
	"path/filepath"
)

// DamageError says that a file of the store was damaged after it had been
// written: by the disk, by a person or by another program. The store is not
// opened, so that nothing is lost in silence. [Salvage] keeps what can be read.
type DamageError struct {
	File   string
	Offset int64 // where the damage begins; -1 if it has no place
	What   string
}

// Error tells where the damage is and what to do.
func (e *DamageError) Error() string {
	at := ""
	if e.Offset >= 0 {
		at = fmt.Sprintf(" at offset %d", e.Offset)
	}
	return fmt.Sprintf("delivery/local: %s is damaged%s: %s; restore the folder from a copy, or keep what can be read with your program's command: voorpoort salvage --path %s",
		e.File, at, e.What, filepath.Dir(e.File))
}

// replay gives the records of the journal behind a position to each, and where
// the journal ends. Without files it ends at the position.
func replay(dir string, from position, each func(k kind, payload []byte, at position) error) (end position, err error) {
	numbers, err := segmentNumbers(dir)
	if err != nil {
		return from, err
	}
	for len(numbers) > 0 && numbers[0] < from.segment {
		numbers = numbers[1:]
	}
	end = from
	if from.segment == 0 && len(numbers) == 1 {
		if head, err := readHeader(dir, numbers[0], true); head == nil {
			return end, err
		}
	}
	for i, n := range numbers {
		want := from.segment + uint64(i)
		if from.segment == 0 {
			want++
		}
		if n != want {
			return end, &DamageError{segmentPath(dir, want), -1, "it is missing"}
		}
		var next *segment
		if i+1 < len(numbers) {
			if numbers[i+1] != n+1 {
				return end, &DamageError{segmentPath(dir, n+1), -1, "it is missing"}
			}
			if next, err = readHeader(dir, numbers[i+1], i+2 == len(numbers)); err != nil {
				return end, err
			}
		}
		at := position{n, headerSize}
		if n == from.segment {
			at = from
		}
		if end, err = replaySegment(dir, at, next, each); err != nil {
			return end, err
		}
		if next == nil {
			break
		}
	}
	if len(numbers) == 0 && from.segment > 0 {
		return end, &DamageError{segmentPath(dir, from.segment), -1, "it is missing"}
	}
	return end, nil
}

// readHeader reads the head of a file. A last file that has no whole head was
// never used: nil is for that.
func readHeader(dir string, number uint64, last bool) (*segment, error) {
	path := segmentPath(dir, number)
	data, err := readUpTo(path, headerSize+1)
	if err != nil {
		return nil, err
	}
	h, ok := parseHeader(data)
	if ok && h.number == number {
		return &h, nil
	}
	if last && len(data) <= headerSize {
		return nil, nil //nolint:nilnil // a file that a crash left before it was begun
	}
	return nil, &DamageError{path, 0, "its head cannot be read"}
}

func readUpTo(path string, n int) ([]byte, error) {
	f, err := os.Open(path) //nolint:gosec // a name in the store's own folder
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }()
	b := make([]byte, n)
	for read := 0; ; {
		k, err := f.Read(b[read:])
		if read += k; err != nil || read == n {
			return b[:read], nil //nolint:nilerr // what is not there is for the caller to judge
		}
	}
}

// replaySegment reads one file from a position. next is the head of the file
// behind it, nil for the last.
func replaySegment(dir string, at position, next *segment, each func(k kind, payload []byte, at position) error) (position, error) {
	path := segmentPath(dir, at.segment)
	data, err := os.ReadFile(path) //nolint:gosec // a name in the store's own folder
	if err != nil {
		return at, err
	}
	head, ok := parseHeader(data)
	if !ok || head.number != at.segment {
		return at, &DamageError{path, 0, "its head cannot be read"}
	}
	if next != nil {
		if next.prevEnd > int64(len(data)) {
			return at, &DamageError{path, int64(len(data)), "its end is missing"}
		}
		data = data[:next.prevEnd]
	}
	if at.offset > int64(len(data)) {
		return at, &DamageError{path, int64(len(data)), "its end is missing"}
	}
	end, err := scan(data, int(at.offset), func(k kind, payload []byte, end int64) error {
		return each(k, payload, position{at.segment, end})
	})
	if err != nil {
		return position{at.segment, int64(end)}, fmt.Errorf("reading %s at offset %d: %w", path, end, err)
	}
	if end < len(data) && (next != nil || head.markerAfter(data, end) >= 0) {
		return position{at.segment, int64(end)}, &DamageError{path, int64(end), "a record that was flushed cannot be read"}
	}
	return position{at.segment, int64(end)}, nil
}
