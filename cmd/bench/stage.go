package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"time"

	"github.com/voorpoort/voorpoort/cmd/internal/process"
)

// stopTimeout is how long a process may take to end when it is asked to.
const stopTimeout = 2 * time.Second

// stage is everything that runs around the gateways of one bench run.
type stage struct {
	self    string // this program, which also plays the helpers
	gateway string // the gateway program
	dir     string // configurations and whatever the gateways store
	gogc    string // the same for every gateway

	at      addresses        // without a gateway
	redis   *process.Process // nil unless a scenario wants it
	running []*process.Process
}

// newStage builds the gateway program if it is not given and starts the helpers.
func newStage(ctx context.Context, gateway, gogc string) (*stage, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, fmt.Errorf("finding this program: %w", err)
	}
	dir, err := os.MkdirTemp("", "voorpoort-bench-")
	if err != nil {
		return nil, fmt.Errorf("making a folder: %w", err)
	}
	s := &stage{self: self, gateway: gateway, dir: dir, gogc: gogc}
	if err := s.prepare(ctx); err != nil {
		s.stop()
		return nil, err
	}
	return s, nil
}

func (s *stage) prepare(ctx context.Context) error {
	if s.gateway == "" {
		s.gateway = filepath.Join(s.dir, "voorpoort")
		if err := buildGateway(ctx, s.gateway); err != nil {
			return err
		}
	}
	for role, address := range map[string]*string{
		"upstream": &s.at.Upstream, "interceptor": &s.at.Interceptor, "auth": &s.at.Auth, "receiver": &s.at.Receiver,
	} {
		picked, err := process.PickAddress(ctx)
		if err != nil {
			return err
		}
		*address = picked
		cmd := exec.CommandContext(ctx, s.self, "-role", role, "-listen", picked)
		p, err := process.Start(ctx, role, picked, cmd, &process.Tail{})
		if err != nil {
			return err
		}
		s.running = append(s.running, p)
	}
	return nil
}

func buildGateway(ctx context.Context, output string) error {
	fmt.Fprintln(os.Stderr, "building cmd/voorpoort ...")
	cmd := exec.CommandContext(ctx, "go", "build", "-o", output, "github.com/voorpoort/voorpoort/cmd/voorpoort")
	cmd.Stdout, cmd.Stderr = os.Stderr, os.Stderr
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("building cmd/voorpoort: %w", err)
	}
	return nil
}

// startGateway runs the gateway program with the scenario's configuration.
func (s *stage) startGateway(ctx context.Context, sc scenario) (*process.Process, error) {
	address, err := process.PickAddress(ctx)
	if err != nil {
		return nil, err
	}
	at := s.addressesOf(sc)
	at.Gateway = address
	file, err := os.CreateTemp(s.dir, "*.Caddyfile")
	if err != nil {
		return nil, fmt.Errorf("writing a configuration: %w", err)
	}
	defer file.Close()
	if _, err := file.WriteString(sc.caddyfile(at)); err != nil {
		return nil, fmt.Errorf("writing a configuration: %w", err)
	}
	cmd := exec.CommandContext(ctx, s.gateway, "run", "--config", file.Name(), "--adapter", "caddyfile")
	cmd.Env = append(os.Environ(),
		"GOGC="+s.gogc, "HOME="+s.dir, "XDG_DATA_HOME="+s.dir, "XDG_CONFIG_HOME="+s.dir)
	p, err := process.Start(ctx, "gateway "+sc.Name, address, cmd, &process.Tail{})
	if err != nil {
		return nil, err
	}
	s.running = append(s.running, p)
	return p, nil
}

// addressesOf are the addresses with what is the scenario's own.
func (s *stage) addressesOf(sc scenario) addresses {
	at := s.at
	at.Box, at.Store = sc.slug(), filepath.Join(s.dir, "store-"+sc.slug())
	return at
}

// stop ends every process, the last started first, and removes the folder.
func (s *stage) stop() {
	for _, p := range slices.Backward(s.running) {
		p.Stop(stopTimeout)
	}
	s.running = nil
	_ = os.RemoveAll(s.dir) // a temporary folder
}
