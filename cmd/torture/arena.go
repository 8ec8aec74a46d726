package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/voorpoort/voorpoort/cmd/internal/process"
)

// paths are where the processes of a scenario leave what they know.
type paths struct{ dir, register, receivers, clients, store string }

func pathsIn(dir string) paths {
	in := func(name string) string { return filepath.Join(dir, name) }
	return paths{dir: dir, register: in("register"), receivers: in("receivers"), clients: in("clients"), store: in("store")}
}

// arena is one scenario's world: the processes, their records, and the load.
type arena struct {
	files    paths
	set      settings
	scenario scenario
	chance   *rand.Rand

	register  *process.Process
	receivers *process.Process
	endpoints []string // addresses of the receivers
	redis     *redisServer
	disk      *disk
	clock     string // path of the file that steps the gateways' clock
	gateways  []*gateway

	writer *writer
	halt   func() // ends the load and waits for its last answers
	faults int    // how often something was done to the gateway or its world
	phases []phase
	notes  []string
	failed []string // what went wrong that is not in the tally
}

func (a *arena) note(format string, values ...any) {
	a.notes = append(a.notes, fmt.Sprintf(format, values...))
}

func (a *arena) fail(format string, values ...any) {
	a.failed = append(a.failed, fmt.Sprintf(format, values...))
}

// open starts everything but the load.
func (a *arena) open(ctx context.Context, s *stage) error {
	if err := os.MkdirAll(a.files.dir, 0o700); err != nil {
		return fmt.Errorf("making a folder: %w", err)
	}
	if err := a.openWorld(ctx, s); err != nil {
		return err
	}
	if err := a.openStore(ctx); err != nil {
		return err
	}
	for i := range a.scenario.Gateways {
		if err := a.openGateway(ctx, s, fmt.Sprintf("gateway-%d", i+1)); err != nil {
			return err
		}
	}
	return nil
}

// openWorld starts the register and the receivers.
func (a *arena) openWorld(ctx context.Context, s *stage) error {
	addresses, err := process.PickAddresses(ctx, a.scenario.Hooks+2)
	if err != nil {
		return err
	}
	a.endpoints = addresses[2:]
	if a.register, err = s.role(ctx, a.files.dir, "register", addresses[0], a.files.register); err != nil {
		return err
	}
	a.receivers, err = s.role(ctx, a.files.dir, "receivers", addresses[1], a.files.receivers, "-receivers", strings.Join(a.endpoints, ","))
	return err
}

// openStore starts Redis or mounts the disk, if the scenario has one.
func (a *arena) openStore(ctx context.Context) error {
	switch a.scenario.Store {
	case shared:
		var err error
		if a.redis, err = newRedis(ctx, filepath.Join(a.files.dir, "redis")); err != nil {
			return err
		}
		return a.redis.start(ctx)
	case small:
		var err error
		a.disk, err = mountDisk(a.files.store, diskSize)
		return err
	case embedded:
	}
	return nil
}

func (a *arena) openGateway(ctx context.Context, s *stage, name string) error {
	addresses, err := process.PickAddresses(ctx, 2)
	if err != nil {
		return err
	}
	if a.scenario.OneAddress && len(a.gateways) > 0 { // the system gives connections to one or the other
		addresses[0] = a.gateways[0].layout.Site
	}
	l := layout{
		Site: addresses[0], Admin: addresses[1], Register: a.register.Address,
		Store: "local " + filepath.Join(a.files.store, "queue"), OnStoreDown: a.scenario.OnStoreDown, Receivers: a.endpoints,
	}
	if a.redis != nil {
		l.Store = "redis " + a.redis.url()
	}
	g, err := newGateway(name, s.gateway, filepath.Join(a.files.dir, name), l)
	if err != nil {
		return err
	}
	if a.scenario.Stepped {
		a.clock = filepath.Join(a.files.dir, "clock")
		g.program, g.env = s.stepped, []string{clockFile + "=" + a.clock}
	}
	a.gateways = append(a.gateways, g)
	return g.start(ctx)
}

// load begins to write.
func (a *arena) load(ctx context.Context) error {
	rec, err := openRecord(a.files.clients)
	if err != nil {
		return err
	}
	ctx, stop := context.WithCancel(ctx)
	a.writer = &writer{
		Clients: a.scenario.clients(a.set), Rate: a.scenario.rate(a.set), Seed: a.set.Seed, Record: rec,
		fail: func(err error) { panic(err) }, // without the record there is no run
	}
	for _, g := range a.gateways {
		a.writer.Gateways = append(a.writer.Gateways, g.url())
	}
	ended := make(chan struct{})
	go func() {
		a.writer.run(ctx)
		_ = rec.close() // every entry has been written
		close(ended)
	}()
	a.halt = func() {
		stop()
		<-ended
	}
	return nil
}

// pace makes the register slow.
func (a *arena) pace(ctx context.Context, p pace) error {
	return steer(ctx, http.MethodPost, fmt.Sprintf("http://%s/control/pace?before=%s&during=%s", a.register.Address, p.Before, p.During))
}

// midway returns when the register is in the middle of an answer.
func (a *arena) midway(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, writeTimeout)
	defer cancel()
	return steer(ctx, http.MethodGet, "http://"+a.register.Address+"/control/midway")
}

// behave changes how a receiver behaves; "" is all of them.
func (a *arena) behave(ctx context.Context, name string, m mode) error {
	return steer(ctx, http.MethodPost, fmt.Sprintf("http://%s/mode?name=%s&mode=%s", a.receivers.Address, name, m))
}

// rest waits, and ends early with the run.
func rest(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(d):
		return nil
	}
}

// close ends every process that is left.
func (a *arena) close() {
	if a.halt != nil {
		a.halt()
	}
	for _, g := range a.gateways {
		_ = g.stop() // it was told before, if it mattered
		g.output.Close()
	}
	if a.redis != nil && a.redis.process != nil {
		_ = a.redis.process.Thaw() // it may not be frozen, or be gone
		a.redis.process.Stop(stopTimeout)
		a.redis.output.Close()
	}
	for _, p := range slices.DeleteFunc([]*process.Process{a.receivers, a.register}, func(p *process.Process) bool { return p == nil }) {
		p.Stop(stopTimeout)
	}
	if a.disk != nil {
		if err := a.disk.unmount(); err != nil {
			a.fail("%v", err)
		}
	}
}

// stage is what all scenarios share.
type stage struct {
	self    string   // this program, which also plays the register and the receivers
	env     []string // for it
	gateway string   // the program under test
	stepped string   // the same with a clock that steps; "" without one
	dir     string
	letters func(ctx context.Context, a *arena) ([]letter, error)
}

// role starts this program in one of its roles.
func (s *stage) role(ctx context.Context, dir, role, listen, record string, more ...string) (*process.Process, error) {
	output, err := process.NewTail(filepath.Join(dir, role+".log"))
	if err != nil {
		return nil, err
	}
	arguments := append([]string{"-role", role, "-listen", listen, "-record", record}, more...)
	cmd := exec.CommandContext(ctx, s.self, arguments...)
	cmd.Env = append(os.Environ(), s.env...)
	p, err := process.Start(ctx, role, listen, cmd, output)
	return p, err
}
