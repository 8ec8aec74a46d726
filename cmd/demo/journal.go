package main

import (
	"bytes"
	"strings"
	"sync"
)

// maxJournal is how much of the gateway's log is kept, in bytes.
const maxJournal = 1 << 20

// journal is what the gateway logs, the end of it.
type journal struct {
	mu  sync.Mutex
	end []byte
}

func (j *journal) Write(b []byte) (int, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.end = append(j.end, b...)
	if extra := len(j.end) - maxJournal; extra > 0 {
		j.end = bytes.Clone(j.end[extra:])
	}
	return len(b), nil
}

// line returns the first whole line that has all parts, or "".
func (j *journal) line(parts ...string) string {
	j.mu.Lock()
	defer j.mu.Unlock()
	for line := range strings.Lines(string(j.end)) {
		if strings.HasSuffix(line, "\n") && hasAll(line, parts) {
			return strings.TrimSuffix(line, "\n")
		}
	}
	return ""
}

func hasAll(line string, parts []string) bool {
	for _, part := range parts {
		if !strings.Contains(line, part) {
			return false
		}
	}
	return true
}

func (j *journal) String() string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return string(j.end)
}
