package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"
)

// record is a file to which one process appends lines of JSON. A line is in the
// operating system's hands, and survives the process, when add returns.
type record struct {
	mu   sync.Mutex
	file *os.File
}

func openRecord(path string) (*record, error) {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return nil, fmt.Errorf("opening a record: %w", err)
	}
	return &record{file: file}, nil
}

// add appends one entry with one write.
func (r *record) add(entry any) error {
	line, err := json.Marshal(entry)
	if err != nil {
		return fmt.Errorf("writing a record: %w", err)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if _, err := r.file.Write(append(line, '\n')); err != nil {
		return fmt.Errorf("writing a record: %w", err)
	}
	return nil
}

func (r *record) close() error { return r.file.Close() }

// errRecord says that a record is not what its writer wrote: no verdict can be
// based on it.
var errRecord = errors.New("the record is damaged")

// readRecord gives all entries of a record. What follows the last line's end was
// never acknowledged by its writer, who was killed over it: it is left out, and
// torn is true. A damaged line before that is an error. A record that does not
// exist is empty.
func readRecord[T any](path string) (entries []T, torn bool, err error) {
	f := follower[T]{path: path}
	entries, err = f.next()
	return entries, f.torn, err
}

// follower reads a record while it grows.
type follower[T any] struct {
	path   string
	offset int64
	line   int
	torn   bool // the last read ended in the middle of a line
}

// next gives the entries that were added since the last call.
func (f *follower[T]) next() ([]T, error) {
	file, err := os.Open(f.path)
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("reading a record: %w", err)
	}
	defer file.Close()
	if _, err := file.Seek(f.offset, io.SeekStart); err != nil {
		return nil, fmt.Errorf("reading a record: %w", err)
	}
	return f.read(bufio.NewReaderSize(file, 1<<16))
}

func (f *follower[T]) read(in *bufio.Reader) ([]T, error) {
	var entries []T
	for {
		line, err := in.ReadBytes('\n')
		if errors.Is(err, io.EOF) {
			f.torn = len(line) > 0
			return entries, nil
		}
		if err != nil {
			return nil, fmt.Errorf("reading a record: %w", err)
		}
		f.offset += int64(len(line))
		f.line++
		decoder := json.NewDecoder(bytes.NewReader(line))
		decoder.DisallowUnknownFields()
		var entry T
		if err := decoder.Decode(&entry); err != nil {
			return nil, fmt.Errorf("%w: line %d: %w", errRecord, f.line, err)
		}
		entries = append(entries, entry)
	}
}

// accepted is an entry of the register's record: a write that it did.
type accepted struct {
	Number number `json:"n"`
	Action action `json:"action"`
	ID     string `json:"id"` // of the object
	At     int64  `json:"at"` // Unix time in nanoseconds
}

// received is an entry of the receivers' record: an event that one of them took.
type received struct {
	Hook string `json:"hook"`
	At   int64  `json:"at"` // Unix time in nanoseconds
	notice
}

// told is an entry of the clients' record: what a client heard about its write.
type told struct {
	Number number `json:"n"`
	Action action `json:"action"`
	Status int    `json:"status,omitempty"` // 0 without an answer
	Error  string `json:"error,omitempty"`
	At     int64  `json:"at"`   // Unix time in nanoseconds, when it was sent
	Took   int64  `json:"took"` // nanoseconds
}

// done tells whether the client may take its write for done.
func (t told) done() bool { return t.Status/100 == 2 && t.Error == "" }
