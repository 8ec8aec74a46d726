package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/voorpoort/voorpoort/cmd/internal/process"
)

// redisServer is a Redis of the run's own. Every command that changes something
// is on the disk before it is answered, so that its guarantee is the embedded
// store's.
type redisServer struct {
	dir     string
	address string
	output  *process.Tail
	process *process.Process
}

func newRedis(ctx context.Context, dir string) (*redisServer, error) {
	address, err := process.PickAddress(ctx)
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("making a folder for Redis: %w", err)
	}
	output, err := process.NewTail(filepath.Join(dir, "log"))
	if err != nil {
		return nil, err
	}
	return &redisServer{dir: dir, address: address, output: output}, nil
}

func (r *redisServer) url() string { return "redis://" + r.address + "/0" }

// start returns when the server has read its files and takes commands.
func (r *redisServer) start(ctx context.Context) error {
	_, port, _ := net.SplitHostPort(r.address) // an address that pickAddress made
	cmd := exec.CommandContext(ctx, "redis-server", "--bind", "127.0.0.1", "--port", port, "--dir", r.dir,
		"--appendonly", "yes", "--appendfsync", "always", "--save", "", "--maxmemory-policy", "noeviction")
	p, err := process.Start(ctx, "redis-server", r.address, cmd, r.output)
	if err != nil {
		return err
	}
	r.process = p
	for deadline := time.Now().Add(process.StartTimeout); ; {
		err := r.command(ctx, "PING")
		if err == nil {
			return nil
		}
		if time.Now().After(deadline) {
			return err
		}
		time.Sleep(10 * time.Millisecond)
	}
}

func (r *redisServer) kill() {
	if r.process != nil {
		r.process.Kill()
	}
}

// redisFaults make Redis refuse to write, each in its own words. The first
// setting of a pair makes it, the second ends it.
var redisFaults = []struct {
	Name      string
	Make, End [2]string
}{
	{"OOM", [2]string{"maxmemory", "1"}, [2]string{"maxmemory", "0"}},
	{"NOREPLICAS", [2]string{"min-replicas-to-write", "3"}, [2]string{"min-replicas-to-write", "0"}},
}

// set changes a setting of the running server.
func (r *redisServer) set(ctx context.Context, setting [2]string) error {
	return r.command(ctx, "CONFIG", "SET", setting[0], setting[1])
}

var errRedis = errors.New("redis does not do as it is told")

// command sends one command in the protocol of Redis and waits for its answer,
// which must be a simple one.
func (r *redisServer) command(ctx context.Context, words ...string) error {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", r.address)
	if err != nil {
		return fmt.Errorf("%w: %w", errRedis, err)
	}
	defer conn.Close()
	deadline, _ := ctx.Deadline()
	if err := conn.SetDeadline(deadline); err != nil {
		return fmt.Errorf("%w: %w", errRedis, err)
	}
	if _, err := conn.Write(spell(words)); err != nil {
		return fmt.Errorf("%w: %w", errRedis, err)
	}
	answer, err := bufio.NewReader(conn).ReadString('\n')
	if err != nil {
		return fmt.Errorf("%w: %w", errRedis, err)
	}
	if !strings.HasPrefix(answer, "+") {
		return fmt.Errorf("%w: %s", errRedis, strings.TrimSpace(answer))
	}
	return nil
}

// spell writes a command as RESP, an array of bulk strings.
func spell(words []string) []byte {
	raw := fmt.Appendf(nil, "*%d\r\n", len(words))
	for _, word := range words {
		raw = fmt.Appendf(raw, "$%d\r\n%s\r\n", len(word), word)
	}
	return raw
}
