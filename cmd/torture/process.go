package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"syscall"
	"time"
)

// startTimeout is how long a process may take until it listens. A gateway that
// recovers a store does that first.
const startTimeout = 30 * time.Second

// stopTimeout is how long a process may take to end when it is asked to.
const stopTimeout = 15 * time.Second

var (
	errEnded       = errors.New("the process ended")
	errNotListened = errors.New("the process does not listen")
)

// process is a running program that listens on an address.
type process struct {
	name    string
	address string
	cmd     *exec.Cmd
	ended   chan struct{}
}

// startProcess runs a program and returns when its address takes connections.
// What it prints goes to output.
func startProcess(ctx context.Context, name, address string, cmd *exec.Cmd, output *tail) (*process, error) {
	p := &process{name: name, address: address, cmd: cmd, ended: make(chan struct{})}
	cmd.Stdout, cmd.Stderr = output, output
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("starting %s: %w", name, err)
	}
	go func() {
		_ = cmd.Wait() // how it ended is told by whoever misses it
		close(p.ended)
	}()
	if err := p.ready(ctx); err != nil {
		p.kill()
		return nil, fmt.Errorf("starting %s: %w\n%s", name, err, output)
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
		case <-time.After(10 * time.Millisecond):
		}
	}
}

// kill ends the process at once (SIGKILL) and returns when it is gone. Twice is
// harmless.
func (p *process) kill() {
	_ = p.cmd.Process.Kill() // it may have ended already
	<-p.ended
}

// stop asks the process to end and, when it takes too long, makes it. It tells
// whether the process ended by itself.
func (p *process) stop() bool {
	_ = p.cmd.Process.Signal(syscall.SIGTERM) // it may have ended already
	select {
	case <-p.ended:
		return true
	case <-time.After(stopTimeout):
		p.kill()
		return false
	}
}

// freeze stops the process from running until thaw.
func (p *process) freeze() error { return p.signal(syscall.SIGSTOP) }

func (p *process) thaw() error { return p.signal(syscall.SIGCONT) }

func (p *process) signal(s os.Signal) error {
	if err := p.cmd.Process.Signal(s); err != nil {
		return fmt.Errorf("sending a signal to %s: %w", p.name, err)
	}
	return nil
}

// alive tells whether the process has not ended.
func (p *process) alive() bool {
	select {
	case <-p.ended:
		return false
	default:
		return true
	}
}
