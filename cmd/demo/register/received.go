package register

import (
	"bytes"
	"net/http"
	"slices"
	"sync"
)

// MaxReceived is how many requests the register remembers; a long run would
// otherwise grow without end.
const MaxReceived = 1000

// Received is one request as it reached the register.
type Received struct {
	Method string
	// Target is the path and query as they were on the wire.
	Target string
	Header http.Header
	// Body is complete unless reading it failed.
	Body []byte
}

// journal keeps the latest requests.
type journal struct {
	mu   sync.Mutex
	list []Received
}

func (j *journal) add(req *http.Request, body []byte) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if len(j.list) == MaxReceived {
		j.list = slices.Delete(j.list, 0, 1)
	}
	j.list = append(j.list, Received{
		Method: req.Method, Target: req.RequestURI, Header: req.Header.Clone(), Body: bytes.Clone(body),
	})
}

func (j *journal) entries() []Received {
	j.mu.Lock()
	defer j.mu.Unlock()
	return slices.Clone(j.list)
}

func (j *journal) clear() {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.list = nil
}
