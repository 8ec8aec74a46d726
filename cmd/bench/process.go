package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"sync"
	"time"
)

// startTimeout is how long a process may take until it listens.
const startTimeout = 20 * time.Second

// maxOutput is how much of a process's output is kept to explain a failure.
const maxOutput = 16 << 10

var (
	errEnded       = errors.New("the process ended")
	errNotListened = errors.New("the process does not listen")
)

// process is a running program that listens on an address.
type process struct {
	name    string
	address string
	cmd     *exec.Cmd
	output  *tail
	ended   chan struct{}
}

// startProcess runs a program and returns when its address takes connections.
func startProcess(ctx context.Context, name, address string, cmd *exec.Cmd) (*process, error) {
	p := &process{name: name, address: address, cmd: cmd, output: &tail{}, ended: make(chan struct{})}
	cmd.Stdout, cmd.Stderr = p.output, p.output
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("starting %s: %w", name, err)
	}
	go func() {
		_ = cmd.Wait() // how it ended is told by whoever misses it
		close(p.ended)
	}()
	if err := p.ready(ctx); err != nil {
		p.stop()
		return nil, fmt.Errorf("starting %s: %w\n%s", name, err, p.output)
	}
	return p, nil
}

func (p *process) ready(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, startTimeout)
	defer cancel()
	var dialer net.Dialer
	for {
		conn, err := dialer.DialContext(ctx, "tcp", p.address)
		if err == nil {
			return conn.Close()
		}
		select {
		case <-p.ended:
			return errEnded
		case <-ctx.Done():
			return fmt.Errorf("%w: %w", errNotListened, ctx.Err())
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// stop asks the process to end and, after two seconds, makes it.
func (p *process) stop() {
	_ = p.cmd.Process.Signal(os.Interrupt) // it may have ended already
	select {
	case <-p.ended:
	case <-time.After(2 * time.Second):
		_ = p.cmd.Process.Kill()
		<-p.ended
	}
}

func (p *process) pid() int { return p.cmd.Process.Pid }

// tail keeps the end of what is written to it.
type tail struct {
	mu  sync.Mutex
	end []byte
}

func (t *tail) Write(b []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.end = append(t.end, b...)
	if extra := len(t.end) - maxOutput; extra > 0 {
		t.end = bytes.Clone(t.end[extra:])
	}
	return len(b), nil
}

func (t *tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return string(t.end)
}

// pickAddress finds a loopback address that nobody listens on now.
func pickAddress() (string, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0") //nolint:noctx // binds a loopback port, at once
	if err != nil {
		return "", fmt.Errorf("finding a free port: %w", err)
	}
	return listener.Addr().String(), listener.Close()
}
