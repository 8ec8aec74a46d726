package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"

	"github.com/voorpoort/voorpoort/delivery"
	"github.com/voorpoort/voorpoort/delivery/local"
	"github.com/voorpoort/voorpoort/delivery/redis"
)

// spoolLane is where a gateway keeps, in a store of its own, what a shared store
// was not told of.
const spoolLane = "spool"

// storedLetters opens what the gateways of a scenario stored, when they have
// stopped.
func storedLetters(ctx context.Context, a *arena) (letters []letter, err error) {
	for _, g := range a.gateways {
		if err := a.spooled(ctx, g); err != nil {
			return nil, err
		}
	}
	store, err := a.reopen(ctx)
	if err != nil {
		return nil, fmt.Errorf("opening the store: %w", err)
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	if letters, err = lettersOf(ctx, store); err != nil {
		return nil, err
	}
	holds, err := store.Holds(ctx, maxHolds)
	if err != nil {
		return nil, fmt.Errorf("reading the holds: %w", err)
	}
	if len(holds) > 0 {
		a.note("%d holds left", len(holds))
	}
	return append(letters, lettersOfHolds(holds, a.hooks())...), nil
}

func (a *arena) reopen(ctx context.Context) (delivery.Store, error) {
	if a.redis != nil {
		return redis.Open(ctx, redis.Config{URL: a.redis.url()}, redis.Options{})
	}
	return local.Open(filepath.Join(a.files.store, "queue"), local.Options{})
}

// spooled fails the scenario when a gateway has not told the shared store of
// everything. What it still has counts as lost.
func (a *arena) spooled(ctx context.Context, g *gateway) error {
	found, err := filepath.Glob(filepath.Join(g.dir, "caddy", "voorpoort-spool-*"))
	if err != nil || len(found) == 0 {
		return err // it has no spool
	}
	path := found[0] // the scenario has one store
	store, err := local.Open(path, local.Options{})
	if err != nil {
		return fmt.Errorf("opening the spool of %s: %w", g.name, err)
	}
	stats, err := store.Stats(ctx, spoolLane)
	if stats.Pending+stats.Dead > 0 {
		a.fail("%s has %d writes in its spool and %d dead there", g.name, stats.Pending, stats.Dead)
	}
	return errors.Join(err, store.Close())
}
