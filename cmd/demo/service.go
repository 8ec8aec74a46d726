package main

import (
	"fmt"
	"net"
	"net/http"
	"sync"
	"time"
)

// service is a sample program on a loopback address of its own. It can go off
// the network and come back to the same address.
type service struct {
	handler http.Handler

	mu      sync.Mutex
	address string       // host:port, from the first start on
	server  *http.Server // nil while off
}

// start listens, the first time on a free port.
func (s *service) start() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.server != nil {
		return nil
	}
	address := s.address
	if address == "" {
		address = "127.0.0.1:0"
	}
	listener, err := net.Listen("tcp", address) //nolint:noctx // binds a loopback port, at once
	if err != nil {
		return fmt.Errorf("starting a sample program: %w", err)
	}
	s.address = listener.Addr().String()
	server := &http.Server{Handler: s.handler, ReadHeaderTimeout: 10 * time.Second}
	s.server = server
	go func() { _ = server.Serve(listener) }() // ends by stop
	return nil
}

// stop closes the listener and every connection. Stopping twice is harmless.
func (s *service) stop() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.server == nil {
		return nil
	}
	err := s.server.Close()
	s.server = nil
	return err
}
