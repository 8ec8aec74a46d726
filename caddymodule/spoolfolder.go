package caddymodule

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/caddyserver/caddy/v2"
	"go.uber.org/zap"

	"github.com/voorpoort/voorpoort/delivery/local"
	"github.com/voorpoort/voorpoort/delivery/spool"
)

const (
	// oldSpool is the folder that the spools of all stores had in an earlier
	// version, in Caddy's data directory.
	oldSpool = "voorpoort-spool"

	// spoolOwner is the file of a spool that says which store it belongs to.
	spoolOwner = "store"

	// spoolAside is the folder in a spool with what its store will never have.
	spoolAside = "aside"
)

// claimSpool notes which store the writes in a folder are for. Those for another
// store must not be told to this one: the folder is refused.
func claimSpool(ctx context.Context, near *local.Store, resource string) error {
	file := filepath.Join(near.Dir(), spoolOwner)
	owner, err := os.ReadFile(file) //nolint:gosec // a file in the spool's own folder
	switch {
	case err == nil && string(owner) == resource:
		return nil
	case err == nil:
		waiting, err := waitingIn(ctx, near)
		if err != nil {
			return fmt.Errorf("looking into the spool: %w", err)
		}
		if waiting > 0 {
			return fmt.Errorf("the spool %s keeps %d writes for another store (%s): give this store another folder "+
				"with on_store_down spool <path>, or name that store again until they are told", near.Dir(), waiting, owner)
		}
	case !os.IsNotExist(err):
		return fmt.Errorf("reading whose the spool is: %w", err)
	}
	if err := os.WriteFile(file, []byte(resource), 0o600); err != nil {
		return fmt.Errorf("noting whose the spool is: %w", err)
	}
	return nil
}

// waitingIn counts what a folder has for its store: writes that it was not told
// of, and holds.
func waitingIn(ctx context.Context, near *local.Store) (uint64, error) {
	stats, err := near.Stats(ctx, spool.Lane)
	if err != nil {
		return 0, err
	}
	holds, err := near.Holds(ctx, 1000)
	return stats.Pending + uint64(len(holds)), err
}

// oldSpoolPatience is how long a folder of an earlier version may be another
// gateway's before nothing is said about it.
const oldSpoolPatience = 100 * time.Millisecond

// warnOldSpool tells of writes in the folder of an earlier version: whose they
// are is not known, so nobody tells them by himself.
func warnOldSpool(ctx context.Context, inUse string, logger *zap.Logger) {
	path := filepath.Join(caddy.AppDataDir(), oldSpool)
	if _, err := os.Stat(filepath.Join(path, "index.db")); err != nil || path == inUse {
		return
	}
	var waiting uint64
	old, err := local.Open(path, local.Options{LockWait: oldSpoolPatience})
	if err == nil {
		waiting, err = waitingIn(ctx, old)
		_ = old.Close()
	}
	if waiting == 0 && err == nil {
		return
	}
	logger.Warn("writes wait in the spool of an earlier version and nobody tells of them",
		zap.String("path", path), zap.Uint64("waiting", waiting), zap.Error(err),
		zap.String("advice", "start once with on_store_down spool and this path, and with the store that they are for"))
}
