package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"

	"github.com/voorpoort/voorpoort/cmd/internal/process"
)

const redisProgram = "redis-server"

var errNoRedis = errors.New("redis-server is not installed")

// startRedis runs a Redis of the bench's own that writes its log to the disk once
// a second, as most servers do.
func (s *stage) startRedis(ctx context.Context) error {
	address, err := process.PickAddress(ctx)
	if err != nil {
		return err
	}
	_, port, _ := net.SplitHostPort(address) // an address we listened on
	dir := filepath.Join(s.dir, "redis")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("making a folder for Redis: %w", err)
	}
	p, err := process.Start(ctx, redisProgram, address, exec.CommandContext(ctx, redisProgram,
		"--bind", "127.0.0.1", "--port", port, "--dir", dir, "--save", "",
		"--appendonly", "yes", "--appendfsync", "everysec", "--maxmemory-policy", "noeviction"), &process.Tail{})
	if errors.Is(err, exec.ErrNotFound) {
		return errNoRedis
	}
	if err != nil {
		return err
	}
	s.at.Redis, s.redis = address, p
	s.running = append(s.running, p)
	return nil
}

// withRedis starts Redis when a scenario wants it. Without the program those
// scenarios are left out, which is said.
func (s *stage) withRedis(ctx context.Context, chosen []scenario) ([]scenario, error) {
	wants := func(sc scenario) bool { return sc.Redis }
	if !slices.ContainsFunc(chosen, wants) {
		return chosen, nil
	}
	err := s.startRedis(ctx)
	if errors.Is(err, errNoRedis) {
		fmt.Fprintln(os.Stderr, "the rows with Redis are left out:", err)
		return slices.DeleteFunc(chosen, wants), nil
	}
	return chosen, err
}
