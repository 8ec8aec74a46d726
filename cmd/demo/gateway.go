package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"time"
)

const (
	startTimeout = 20 * time.Second
	stopTimeout  = 5 * time.Second
)

var (
	errGatewayEnded = errors.New("the gateway ended")
	errNotReady     = errors.New("the gateway does not listen")
	errRefused      = errors.New("the gateway refused its configuration")
)

// gateway is Caddy with our modules, in a process of its own, so that it can be
// killed. Its methods are for one goroutine at a time.
type gateway struct {
	address, admin               string // host:port each
	register, validator, petshop string // host:port each
	dir                          string // everything that it writes
	token                        string // of the dashboard
	log                          *journal

	policy string // on_failure, as loaded last
	cmd    *exec.Cmd
	input  io.Closer     // the process ends with it
	ended  chan struct{} // closed when the process is gone
}

// newGateway picks free ports and a folder for the gateway.
func newGateway(register, validator, petshop string) (*gateway, error) {
	g := &gateway{register: register, validator: validator, petshop: petshop, policy: "reject", log: &journal{}, token: rand.Text()}
	for _, address := range []*string{&g.address, &g.admin} {
		listener, err := net.Listen("tcp", "127.0.0.1:0") //nolint:noctx // binds a loopback port, at once
		if err != nil {
			return nil, fmt.Errorf("finding a free port: %w", err)
		}
		defer listener.Close() // not before both are found, or they may be the same
		*address = listener.Addr().String()
	}
	var err error
	if g.dir, err = os.MkdirTemp("", "voorpoort-demo-"); err != nil {
		return nil, fmt.Errorf("making a folder: %w", err)
	}
	return g, nil
}

// start runs the gateway and returns when it takes connections.
func (g *gateway) start(ctx context.Context) error {
	self, err := os.Executable()
	if err != nil {
		return fmt.Errorf("finding this program: %w", err)
	}
	file := filepath.Join(g.dir, "Caddyfile")
	if err := os.WriteFile(file, []byte(g.caddyfile()), 0o600); err != nil {
		return fmt.Errorf("writing the Caddyfile: %w", err)
	}
	// Not bound to ctx: stop lets it end its deliveries.
	g.cmd = exec.Command(self, "run", "--config", file, "--adapter", "caddyfile") //nolint:noctx // stop and kill end it
	g.cmd.Env = append(os.Environ(), asGateway+"=1", "XDG_DATA_HOME="+g.dir, "XDG_CONFIG_HOME="+g.dir)
	g.cmd.Stdout, g.cmd.Stderr = g.log, g.log
	if g.input, err = g.cmd.StdinPipe(); err != nil {
		return fmt.Errorf("starting the gateway: %w", err)
	}
	if err := g.cmd.Start(); err != nil {
		return fmt.Errorf("starting the gateway: %w", err)
	}
	g.ended = make(chan struct{})
	go func(cmd *exec.Cmd, ended chan struct{}) {
		_ = cmd.Wait() // how it ended is told by whoever misses it
		close(ended)
	}(g.cmd, g.ended)
	return g.ready(ctx)
}

func (g *gateway) ready(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, startTimeout)
	defer cancel()
	var dialer net.Dialer
	for {
		conn, err := dialer.DialContext(ctx, "tcp", g.address)
		if err == nil {
			return conn.Close()
		}
		select {
		case <-g.ended:
			return fmt.Errorf("%w:\n%s", errGatewayEnded, g.log)
		case <-ctx.Done():
			return fmt.Errorf("%w: %w", errNotReady, ctx.Err())
		case <-time.After(10 * time.Millisecond):
		}
	}
}

// load gives the running gateway another policy, through Caddy's admin API.
// Requests that are under way end as they began.
func (g *gateway) load(ctx context.Context, policy string) error {
	g.policy = policy
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+g.admin+"/load", bytes.NewReader([]byte(g.caddyfile())))
	if err != nil {
		return fmt.Errorf("loading the gateway: %w", err)
	}
	req.Header.Set("Content-Type", "text/caddyfile")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return fmt.Errorf("loading the gateway: %w", err)
	}
	defer resp.Body.Close()
	why, _ := io.ReadAll(resp.Body) // the status says enough
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("%w: %s", errRefused, why)
	}
	return nil
}

// kill ends the gateway as kill -9 and a power cut do: it gets no say.
func (g *gateway) kill() error {
	if err := g.cmd.Process.Kill(); err != nil {
		return fmt.Errorf("killing the gateway: %w", err)
	}
	<-g.ended
	return nil
}

// stop lets the gateway end, and removes what it wrote.
func (g *gateway) stop() error {
	if g.ended != nil {
		_ = g.cmd.Process.Signal(os.Interrupt) // a Ctrl-C may have ended it already
		select {
		case <-g.ended:
		case <-time.After(stopTimeout):
			_ = g.kill() // it may have ended meanwhile
		}
		_ = g.input.Close() // the process is gone
	}
	return os.RemoveAll(g.dir)
}
