package main

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"slices"
	"strings"
	"time"
)

// kind is the kind of store that a scenario's gateways use.
type kind string

// The kinds.
const (
	embedded kind = "local"
	shared   kind = "redis"
	small    kind = "local, on a disk that can be filled"
)

// diskSize is the size of that disk, in bytes. It is more than an idle store
// needs, and little enough to be filled at once.
const diskSize = 64 << 20

// scenario is one way of treating a gateway badly.
type scenario struct {
	Name        string
	Store       kind
	OnStoreDown string
	Gateways    int
	OneAddress  bool // all gateways listen at the same, as behind a load balancer: they settle each other's writes
	Hooks       int
	Rate        float64 // writes a second; 0: as the settings say
	Short       bool    // part of the short run
	Stepped     bool    // the gateway's clock can be stepped

	// Skip says why the scenario cannot run here, "" if it can.
	Skip func(s *stage) string

	// Play does what the name says while the load runs, and ends with everything
	// well again.
	Play func(ctx context.Context, a *arena) error

	// Judge says more about what the records show; optional.
	Judge func(a *arena, b books)

	// Patience bounds the wait for the last delivery, in addition to the
	// settings' own.
	Patience time.Duration
}

func (s scenario) rate(set settings) float64 {
	if s.Rate > 0 {
		return s.Rate
	}
	return set.Rate
}

// clients is at least one for each gateway, and enough for the rate while
// answers are slow.
func (s scenario) clients(set settings) int { return max(s.Gateways, set.Clients) }

func (s scenario) doubtWait() time.Duration {
	if s.Store == shared {
		return sharedDoubtWait
	}
	return doubtWait
}

// scenarios are all, in the order in which they run.
func scenarios() []scenario {
	return []scenario{
		{Name: "gateway: kill -9", Store: embedded, Gateways: 1, Hooks: 2, Short: true, Play: killGateway},
		{Name: "gateway: kill -9 while the register answers", Store: embedded, Gateways: 1, Hooks: 2, Short: true, Play: killMidway},
		{Name: "gateway: reload in a loop", Store: embedded, Gateways: 1, Hooks: 2, Short: true, Play: reload},
		{Name: "redis: kill -9 and restart", Store: shared, Gateways: 1, Hooks: 2, Short: true, Skip: needsRedis, Play: killRedis},
		{Name: "redis: errors", Store: shared, Gateways: 1, Hooks: 2, Short: true, Skip: needsRedis, Play: refuseWrites, Judge: mustBite},
		{Name: "redis: SIGSTOP", Store: shared, Gateways: 1, Hooks: 2, Short: true, Skip: needsRedis, Play: freezeRedis},
		{Name: "redis: away, writes spooled", Store: shared, OnStoreDown: "spool", Gateways: 1, Hooks: 2, Short: true, Skip: needsRedis, Play: spool},
		{Name: "two gateways on one redis, one killed", Store: shared, Gateways: 2, Hooks: 2, Short: true, Skip: needsRedis, Play: killOneOfTwo},
		{Name: "two gateways at one address, one killed", Store: shared, Gateways: 2, OneAddress: true, Hooks: 2, Skip: needsRedis, Play: killOneOfTwo},
		{Name: "receivers refuse, hang, babble, 500", Store: embedded, Gateways: 1, Hooks: 4, Short: true, Play: badReceivers, Patience: retryPatience},
		{Name: "1 of 20 endpoints dead", Store: embedded, Gateways: 1, Hooks: 20, Rate: 25, Play: deadEndpoint, Judge: judgeNeighbours, Patience: retryPatience},
		{Name: "disk full", Store: small, Gateways: 1, Hooks: 2, Short: true, Rate: 200, Skip: needsDisk, Play: fillDisk, Judge: mustBite},
		{Name: "clock stepped by an hour", Store: embedded, Gateways: 1, Hooks: 2, Stepped: true, Skip: needsClock, Play: stepClock, Patience: retryPatience},
	}
}

// retryPatience is the first two waits of standard-webhooks with their jitter: a
// delivery that failed twice is due again within this time.
const retryPatience = 6 * time.Minute

var errNoScenario = errors.New("no scenario has this in its name")

// choose keeps the scenarios whose name contains one of the comma-separated
// parts; an empty list keeps all, or the short ones.
func choose(all []scenario, only string, short bool) ([]scenario, error) {
	if only == "" {
		return slices.DeleteFunc(all, func(s scenario) bool { return short && !s.Short }), nil
	}
	parts := strings.Split(only, ",")
	chosen := slices.DeleteFunc(all, func(s scenario) bool {
		return !slices.ContainsFunc(parts, func(part string) bool { return strings.Contains(s.Name, part) })
	})
	if len(chosen) == 0 {
		return nil, fmt.Errorf("%w: %q", errNoScenario, only)
	}
	return chosen, nil
}

// long are the names of those that a short run leaves out.
func long(all []scenario) []string {
	var names []string
	for _, s := range all {
		if !s.Short {
			names = append(names, s.Name)
		}
	}
	return names
}

func needsRedis(*stage) string {
	if _, err := exec.LookPath("redis-server"); err != nil {
		return "redis-server is not installed"
	}
	return ""
}

func needsDisk(s *stage) string {
	d, err := mountDisk(s.dir+"/trial", 1<<20)
	if err != nil {
		return err.Error()
	}
	if err := d.unmount(); err != nil {
		return err.Error()
	}
	return ""
}

func needsClock(s *stage) string {
	if s.stepped == "" {
		return "no gateway with a clock that steps was built"
	}
	return ""
}
