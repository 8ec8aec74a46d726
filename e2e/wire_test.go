package e2e_test

import (
	"bufio"
	"errors"
	"io"
	"net"
	"net/http"
	"net/textproto"
	"strconv"
	"strings"
	"sync"
	"testing"
)

// arrival is one request as its bytes arrived at the register, before any
// library has tidied it.
type arrival struct {
	Method, Target string
	Head           string // request line and header fields as they were written
	Header         http.Header
	Trailer        http.Header
	Body           string
	Broken         bool // the bytes were no request; Head has them
}

// values are those of a header field, whatever its spelling on the wire.
func (a arrival) values(name string) []string {
	return a.Header[textproto.CanonicalMIMEHeaderKey(name)]
}

// wire is a register that trusts nobody: it reads from its sockets itself and
// records whatever comes, so that what a tidy server would refuse is not
// mistaken for nothing at all.
type wire struct {
	address string

	mu       sync.Mutex
	arrivals []arrival
}

// listen starts a register that answers 201, and 101 to whoever wants another
// protocol: what is sent after that comes back as it is.
func listen(t testing.TB) *wire {
	t.Helper()
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	w := &wire{address: listener.Addr().String()}
	go func() {
		for {
			connection, err := listener.Accept()
			if err != nil {
				return
			}
			go w.serve(connection)
		}
	}()
	return w
}

// all are the requests that arrived, in order.
func (w *wire) all() []arrival {
	w.mu.Lock()
	defer w.mu.Unlock()
	return append([]arrival(nil), w.arrivals...)
}

// probed are those of one attack.
func (w *wire) probed(probe string) []arrival {
	var found []arrival
	for _, a := range w.all() {
		if strings.Contains(a.Head, probe) {
			found = append(found, a)
		}
	}
	return found
}

func (w *wire) record(a arrival) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.arrivals = append(w.arrivals, a)
}

func (w *wire) serve(connection net.Conn) {
	defer connection.Close()
	reader := bufio.NewReaderSize(connection, 64<<10)
	for {
		a, more := readArrival(reader)
		if a.Head != "" {
			w.record(a)
		}
		if !more {
			return
		}
		if protocol := a.values("Upgrade"); len(protocol) > 0 {
			_, _ = io.WriteString(connection, "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: "+protocol[0]+"\r\n\r\n")
			_, _ = io.Copy(connection, reader)
			return
		}
		answer := `{"id":"abc-123"}`
		head := "HTTP/1.1 201 Created\r\nContent-Type: application/json\r\nContent-Length: " + strconv.Itoa(len(answer)) + "\r\n\r\n"
		if a.Method == http.MethodHead {
			answer = ""
		}
		if _, err := io.WriteString(connection, head+answer); err != nil {
			return
		}
	}
}

// readArrival reads one request. It is false when no other can follow.
func readArrival(reader *bufio.Reader) (a arrival, more bool) {
	a.Head = peekHead(reader)
	line, _, _ := strings.Cut(a.Head, "\r\n")
	a.Method, a.Target, _ = strings.Cut(line, " ")
	a.Target, _, _ = strings.Cut(a.Target, " HTTP/1.")
	request, err := http.ReadRequest(reader)
	if err != nil {
		a.Broken = true
		return a, false
	}
	body, err := io.ReadAll(request.Body)
	a.Header, a.Trailer, a.Body, a.Broken = request.Header, request.Trailer, string(body), err != nil
	if request.Method == http.MethodGet && errors.Is(err, io.ErrUnexpectedEOF) {
		a.Broken = false // a read that the proxy gave up because its client had left
	}
	return a, err == nil && !request.Close
}

// peekHead looks at what comes, to the first empty line or as far as it goes,
// and leaves it to be read.
func peekHead(reader *bufio.Reader) string {
	for {
		_, err := reader.Peek(reader.Buffered() + 1)
		seen, _ := reader.Peek(reader.Buffered())
		if end := strings.Index(string(seen), "\r\n\r\n"); end >= 0 {
			return string(seen[:end+4])
		}
		if err != nil {
			return string(seen)
		}
	}
}
