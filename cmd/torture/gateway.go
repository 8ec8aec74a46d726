package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/voorpoort/voorpoort/cmd/internal/process"
)

// stopTimeout is how long a process may take to end when it is asked to.
const stopTimeout = 15 * time.Second

// gateway is one instance of the program under test. It can be killed and
// started again as often as one likes.
type gateway struct {
	name    string
	program string
	dir     string // its configuration, and its home
	layout  layout
	env     []string
	output  *process.Tail
	process *process.Process
	starts  int
}

func newGateway(name, program, dir string, l layout) (*gateway, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("making a folder for %s: %w", name, err)
	}
	output, err := process.NewTail(filepath.Join(dir, "log"))
	if err != nil {
		return nil, err
	}
	return &gateway{name: name, program: program, dir: dir, layout: l, output: output}, nil
}

// url is where clients write.
func (g *gateway) url() string { return "http://" + g.layout.Site }

// start runs the program until it listens.
func (g *gateway) start(ctx context.Context) error {
	file := filepath.Join(g.dir, "Caddyfile")
	if err := os.WriteFile(file, []byte(g.layout.caddyfile()), 0o600); err != nil {
		return fmt.Errorf("configuring %s: %w", g.name, err)
	}
	cmd := exec.CommandContext(ctx, g.program, "run", "--config", file, "--adapter", "caddyfile")
	cmd.Env = append(os.Environ(), "HOME="+g.dir, "XDG_DATA_HOME="+g.dir, "XDG_CONFIG_HOME="+g.dir)
	cmd.Env = append(cmd.Env, g.env...)
	p, err := process.Start(ctx, g.name, g.layout.Site, cmd, g.output)
	if err != nil {
		return err
	}
	g.process = p
	g.starts++
	return nil
}

var errEndedItself = errors.New("it had ended by itself")

// kill ends it with SIGKILL. The error says that there was nothing left to kill.
func (g *gateway) kill() error {
	if g.process == nil || !g.process.Alive() {
		return fmt.Errorf("%s: %w\n%s", g.name, errEndedItself, g.output)
	}
	g.process.Kill()
	return nil
}

var errWouldNotStop = errors.New("it did not stop when it was asked to")

// stop asks it to end. Nothing happens to one that does not run.
func (g *gateway) stop() error {
	if g.process == nil || !g.process.Alive() {
		return nil
	}
	if !g.process.Stop(stopTimeout) {
		return fmt.Errorf("%s: %w", g.name, errWouldNotStop)
	}
	return nil
}

// reload loads a configuration that differs from the last.
func (g *gateway) reload(ctx context.Context) error {
	g.layout.Variant++
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+g.layout.Admin+"/load", strings.NewReader(g.layout.caddyfile()))
	if err != nil {
		return fmt.Errorf("reloading %s: %w", g.name, err)
	}
	req.Header.Set("Content-Type", "text/caddyfile")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return fmt.Errorf("reloading %s: %w", g.name, err)
	}
	_ = resp.Body.Close() // the status says it
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("reloading %s: status %d\n%s", g.name, resp.StatusCode, g.output)
	}
	return nil
}

// troubles are what a program must never print, whatever is done to it.
var troubles = []string{"panic:", "fatal error:", "DATA RACE", "panic serving"}

// trouble gives the first of them that is in the log, "" for none.
func (g *gateway) trouble() string {
	raw, err := os.ReadFile(filepath.Join(g.dir, "log"))
	if err != nil {
		return err.Error()
	}
	for _, text := range troubles {
		if strings.Contains(string(raw), text) {
			return text
		}
	}
	return ""
}
