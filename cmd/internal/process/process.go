// Package process runs the programs that the benchmark and the torture need
// around them, and the program under test: each listens on a loopback address.
package process

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

// StartTimeout is how long a process may take until it listens. A gateway that
// recovers a store does that first.
const StartTimeout = 30 * time.Second

// What [Start] can fail with, besides the errors of the system.
var (
	ErrEnded       = errors.New("the process ended")
	ErrNotListened = errors.New("the process does not listen")
)

// Process is a running program that listens on an address.
type Process struct {
	Name    string
	Address string // host:port
	Output  *Tail

	cmd   *exec.Cmd
	ended chan struct{}
}

// Start runs a program and returns when its address takes connections. What it
// prints goes to output; the end of that is in the error of one that fails.
func Start(ctx context.Context, name, address string, cmd *exec.Cmd, output *Tail) (*Process, error) {
	p := &Process{Name: name, Address: address, Output: output, cmd: cmd, ended: make(chan struct{})}
	cmd.Stdout, cmd.Stderr = output, output
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("starting %s: %w", name, err)
	}
	go func() {
		_ = cmd.Wait() // how it ended is told by whoever misses it
		close(p.ended)
	}()
	if err := p.ready(ctx); err != nil {
		p.Kill()
		return nil, fmt.Errorf("starting %s: %w\n%s", name, err, output)
	}
	return p, nil
}

func (p *Process) ready(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, StartTimeout)
	defer cancel()
	var dialer net.Dialer
	for {
		conn, err := dialer.DialContext(ctx, "tcp", p.Address)
		if err == nil {
			return conn.Close()
		}
		select {
		case <-p.ended:
			return ErrEnded
		case <-ctx.Done():
			return fmt.Errorf("%w: %w", ErrNotListened, ctx.Err())
		case <-time.After(10 * time.Millisecond):
		}
	}
}

// PID is the process's id.
func (p *Process) PID() int { return p.cmd.Process.Pid }

// Alive tells whether the process has not ended.
func (p *Process) Alive() bool {
	select {
	case <-p.ended:
		return false
	default:
		return true
	}
}

// Kill ends the process at once (SIGKILL) and returns when it is gone. Twice is
// harmless.
func (p *Process) Kill() {
	_ = p.cmd.Process.Kill() // it may have ended already
	<-p.ended
}

// Stop asks the process to end (SIGTERM) and kills it when it takes longer than
// patience. It tells whether the process ended by itself. Twice is harmless.
func (p *Process) Stop(patience time.Duration) bool {
	_ = p.cmd.Process.Signal(syscall.SIGTERM) // it may have ended already
	select {
	case <-p.ended:
		return true
	case <-time.After(patience):
		p.Kill()
		return false
	}
}

// Freeze stops the process from running until [Process.Thaw].
func (p *Process) Freeze() error { return p.signal(syscall.SIGSTOP) }

// Thaw lets a frozen process go on.
func (p *Process) Thaw() error { return p.signal(syscall.SIGCONT) }

func (p *Process) signal(s os.Signal) error {
	if err := p.cmd.Process.Signal(s); err != nil {
		return fmt.Errorf("sending a signal to %s: %w", p.Name, err)
	}
	return nil
}
