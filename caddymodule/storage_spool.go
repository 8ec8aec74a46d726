package caddymodule

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"

	"github.com/caddyserver/caddy/v2"
	"go.uber.org/zap"

	"github.com/voorpoort/voorpoort/delivery"
	"github.com/voorpoort/voorpoort/delivery/local"
	"github.com/voorpoort/voorpoort/delivery/spool"
)

// Spool is where a gateway keeps what a shared store cannot take for now.
type Spool struct {
	// Path is the folder, which is made when it is missing. It belongs to one
	// gateway and one store. Default: a folder in Caddy's data directory whose
	// name is made of the store's, `voorpoort-spool-` and twelve hexadecimal
	// digits. It accepts placeholders.
	Path string `json:"path,omitempty"`
}

var (
	errSpoolLocal = errors.New("on_store_down spool is for a shared store: " +
		"the local one has no other place to go; use reject or allow")
	errSpoolUnused = errors.New("spool: a folder is of use with on_store_down spool only")
)

// spooledStorage is a shared store with a local one beside it.
type spooledStorage struct {
	Storage
	path string
}

// spooled puts a local store beside a shared one. It opens nothing.
func spooled(settings *Spool, shared Storage) (Storage, error) {
	if _, here := shared.(*LocalStorage); here {
		return nil, errSpoolLocal
	}
	path, err := settings.folder(shared.Resource())
	if err != nil {
		return nil, fmt.Errorf("spool: path: %w", err)
	}
	return &spooledStorage{Storage: shared, path: path}, nil
}

// folder is where the writes for a store are kept.
func (s *Spool) folder(resource string) (string, error) {
	if s == nil || s.Path == "" {
		digest := sha256.Sum256([]byte(resource))
		return filepath.Join(caddy.AppDataDir(), oldSpool+"-"+hex.EncodeToString(digest[:6])), nil
	}
	path, err := caddy.NewReplacer().ReplaceOrErr(s.Path, true, true)
	if err != nil {
		return "", err
	}
	if path, err = filepath.Abs(path); err != nil {
		return "", err
	}
	if found, err := os.Stat(path); err == nil && !found.IsDir() {
		return "", fmt.Errorf("%s is not a folder", path)
	}
	return path, nil
}

// Resource tells a spooled store from the same one without, and from one with
// another spool.
func (s *spooledStorage) Resource() string { return "spool " + s.path + " " + s.Storage.Resource() }

// Open opens both. The shared one may be away: see [lateStorage].
func (s *spooledStorage) Open(ctx context.Context, logger *zap.Logger) (delivery.Store, error) {
	shared, err := s.Storage.Open(ctx, logger)
	if err != nil {
		return nil, err
	}
	near, err := s.openFolder(ctx, logger)
	if err != nil {
		return nil, errors.Join(err, shared.Close())
	}
	aside := filepath.Join(s.path, spoolAside)
	store, err := spool.New(shared, near, spool.Options{ //nolint:contextcheck // it lives until Close
		Down:      unavailable,
		Report:    func(err error) { reportSpool(logger, err) },
		Aside:     aside,
		WentAside: func(file string, why error) { reportAside(logger, file, why) },
		Count:     func(change int64) { sharedMetrics().spooled.Add(float64(change)) },
	})
	if err != nil {
		return nil, errors.Join(err, shared.Close(), near.Close())
	}
	lies, err := spool.Aside(aside)
	logger.Info("the spool is open", zap.String("path", s.path), zap.Int64("waiting", store.Waiting()),
		zap.Int("aside", lies), zap.Error(err))
	spoolsInUse.Store(s.path, true)
	return &openSpool{Store: store, path: s.path, logger: logger}, nil
}

// spoolsInUse are the paths of the spools that this process has open.
var spoolsInUse sync.Map

// openSpool says at its end what is left in it.
type openSpool struct {
	*spool.Store
	path   string
	logger *zap.Logger
}

// Close closes both stores.
func (s *openSpool) Close() error {
	err := s.Store.Close()
	spoolsInUse.Delete(s.path)
	waiting, level := s.Waiting(), zap.InfoLevel
	if waiting > 0 {
		level = zap.WarnLevel
	}
	if entry := s.logger.Check(level, "the spool is closed"); entry != nil {
		entry.Write(zap.String("path", s.path), zap.Int64("waiting", waiting), zap.Error(err))
	}
	return err
}

// openFolder opens the folder for this store, and tells of one that an earlier
// version has left.
func (s *spooledStorage) openFolder(ctx context.Context, logger *zap.Logger) (*local.Store, error) {
	if _, taken := spoolsInUse.Load(s.path); taken {
		return nil, fmt.Errorf("the spool %s is in use by the running configuration, which reaches its store in another way: "+
			"with on_store_down spool, other credentials, TLS settings or wait need a restart of the gateway, and another store needs another path", s.path)
	}
	near, err := local.Open(s.path, local.Options{})
	if err != nil {
		return nil, fmt.Errorf("opening the spool: %w", err)
	}
	if err := claimSpool(ctx, near, s.Storage.Resource()); err != nil {
		return nil, errors.Join(err, near.Close())
	}
	warnOldSpool(ctx, s.path, logger)
	return near, nil
}

// reportAside tells of a record that the shared store will never have.
func reportAside(logger *zap.Logger, file string, why error) {
	sharedMetrics().aside.Inc()
	logger.Error("a spooled write was put aside: the shared store does not take it", zap.String("file", file), zap.Error(why),
		zap.String("advice", "the file is a line of JSON, then its events; tell its receivers by hand, and remove it"))
}

// reportSpool tells that the shared store is not told yet.
func reportSpool(logger *zap.Logger, err error) {
	if err != nil {
		logger.Warn("the shared store has not been told of spooled events yet", zap.Error(err))
	}
}
