package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"sync"
)

// crowd is many clients that each send one request and then stay connected.
type crowd struct {
	mu       sync.Mutex
	conns    []net.Conn
	statuses map[string]int
}

// gather connects so many clients at once, each sends the request and reads its
// answer. The clients stay until leave.
func gather(ctx context.Context, address string, request []byte, clients, atOnce int) *crowd {
	c := &crowd{statuses: map[string]int{}}
	slots := make(chan struct{}, atOnce)
	var group sync.WaitGroup
	for range clients {
		group.Go(func() {
			slots <- struct{}{}
			defer func() { <-slots }()
			conn, status := visit(ctx, address, request)
			c.mu.Lock()
			defer c.mu.Unlock()
			c.statuses[status]++
			if conn != nil {
				c.conns = append(c.conns, conn)
			}
		})
	}
	group.Wait()
	return c
}

// visit returns the open connection, if any, and the status or the failure.
func visit(ctx context.Context, address string, request []byte) (net.Conn, string) {
	var dialer net.Dialer
	conn, err := dialer.DialContext(ctx, "tcp", address)
	if err != nil {
		return nil, "no connection"
	}
	// A gateway may answer and stop reading before the whole body was sent: then
	// the write fails, but there is an answer to be read.
	_, writeErr := conn.Write(request)
	resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		_ = conn.Close() // it failed already
		if writeErr != nil {
			return nil, "broken off"
		}
		return nil, "no answer"
	}
	defer resp.Body.Close()
	if _, err := io.Copy(io.Discard, resp.Body); err != nil {
		return conn, "half an answer"
	}
	return conn, fmt.Sprint(resp.StatusCode)
}

// leave closes all connections.
func (c *crowd) leave() {
	for _, conn := range c.conns {
		_ = conn.Close() // nothing is left to write
	}
	c.conns = nil
}
