package main

import (
	"bytes"
	"fmt"
	"os"
	"sync"
)

// maxOutput is how much of a process's output is kept to explain a failure.
const maxOutput = 8 << 10

// tail keeps the end of what is written to it, and all of it in a file.
type tail struct {
	mu   sync.Mutex
	end  []byte
	file *os.File // may be nil
}

func newTail(path string) (*tail, error) {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return nil, fmt.Errorf("opening a log: %w", err)
	}
	return &tail{file: file}, nil
}

func (t *tail) Write(b []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.end = append(t.end, b...)
	if extra := len(t.end) - maxOutput; extra > 0 {
		t.end = bytes.Clone(t.end[extra:])
	}
	if t.file != nil {
		return t.file.Write(b)
	}
	return len(b), nil
}

func (t *tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return string(t.end)
}

func (t *tail) close() {
	if t.file != nil {
		_ = t.file.Close() // what is not in the file is in the end
	}
}
