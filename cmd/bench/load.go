package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"sync"
	"time"
)

// warmUp is how long the load runs before anything is counted.
const warmUp = 200 * time.Millisecond

// maxFailures in a row end one connection's loop: the gateway is gone.
const maxFailures = 20

var errStatus = errors.New("unexpected status")

// load is a closed loop of keep-alive connections that all send the same request.
type load struct {
	Address     string        // host:port
	Request     []byte        // one whole HTTP/1.1 request
	Connections int           // each sends its next request after the last answer
	Duration    time.Duration // without the warm-up
}

// loadResult is what one run of a load saw. Latencies are in microseconds.
type loadResult struct {
	Requests int     `json:"requests"` // counted ones
	Sent     int     `json:"sent"`     // with the warm-up
	Errors   int     `json:"errors"`   // anything but a whole 201
	Failure  string  `json:"failure"`  // the first of the errors
	Seconds  float64 `json:"seconds"`
	P50      float64 `json:"p50"`
	P99      float64 `json:"p99"`
}

// run sends until the time is up. Sockets are written and read on one goroutine
// each, so that the generator takes little of the machine it shares.
func (l load) run() loadResult {
	counted := time.Now().Add(warmUp)
	deadline := counted.Add(l.Duration)
	loops := make([]*loop, l.Connections)
	var group sync.WaitGroup
	for i := range loops {
		loops[i] = &loop{load: l}
		group.Go(func() { loops[i].run(counted, deadline) })
	}
	group.Wait()
	return collect(loops, time.Since(counted))
}

func collect(loops []*loop, elapsed time.Duration) loadResult {
	result := loadResult{Seconds: elapsed.Seconds()}
	var latencies []time.Duration
	for _, l := range loops {
		latencies = append(latencies, l.latencies...)
		result.Sent += l.sent
		result.Errors += l.errors
		if result.Failure == "" && l.failure != nil {
			result.Failure = l.failure.Error()
		}
	}
	slices.Sort(latencies)
	result.Requests = len(latencies)
	result.P50 = float64(percentile(latencies, 0.50).Microseconds())
	result.P99 = float64(percentile(latencies, 0.99).Microseconds())
	return result
}

// loop is one connection.
type loop struct {
	load load

	conn   net.Conn
	reader *bufio.Reader

	latencies []time.Duration
	sent      int
	errors    int
	failure   error
}

func (l *loop) run(counted, deadline time.Time) {
	defer l.drop()
	inARow := 0
	for start := time.Now(); start.Before(deadline); start = time.Now() {
		err := l.exchange()
		l.sent++
		if err != nil {
			l.drop()
			l.errors++
			l.failure = err
			if inARow++; inARow == maxFailures {
				return
			}
			continue
		}
		inARow = 0
		if start.After(counted) {
			l.latencies = append(l.latencies, time.Since(start))
		}
	}
}

// exchange sends the request and reads the whole answer.
func (l *loop) exchange() error {
	if l.conn == nil {
		conn, err := net.Dial("tcp", l.load.Address) //nolint:noctx // the loop ends by its own deadline
		if err != nil {
			return err
		}
		l.conn, l.reader = conn, bufio.NewReader(conn)
	}
	if _, err := l.conn.Write(l.load.Request); err != nil {
		return err
	}
	resp, err := http.ReadResponse(l.reader, nil)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if _, err := io.Copy(io.Discard, resp.Body); err != nil {
		return err
	}
	if resp.StatusCode != http.StatusCreated {
		return fmt.Errorf("%w: %d", errStatus, resp.StatusCode)
	}
	if resp.Close {
		l.drop()
	}
	return nil
}

func (l *loop) drop() {
	if l.conn != nil {
		_ = l.conn.Close() // nothing is left to write
		l.conn = nil
	}
}
