package process

import (
	"bytes"
	"fmt"
	"os"
	"sync"
)

// maxOutput is how many bytes of a process's output are kept to explain a
// failure.
const maxOutput = 8 << 10

// Tail keeps the end of what is written to it, and all of it in a file if it has
// one. The zero value is ready to use.
type Tail struct {
	mu   sync.Mutex
	end  []byte
	file *os.File // may be nil
}

// NewTail appends to the file of that path.
func NewTail(path string) (*Tail, error) {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return nil, fmt.Errorf("opening a log: %w", err)
	}
	return &Tail{file: file}, nil
}

func (t *Tail) Write(b []byte) (int, error) {
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

// String is the end.
func (t *Tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return string(t.end)
}

// Close closes the file.
func (t *Tail) Close() {
	if t.file != nil {
		_ = t.file.Close() // what is not in the file is in the end
	}
}
