package caddymodule

import (
	"context"
	"errors"
	"path/filepath"

	"github.com/caddyserver/caddy/v2"
	"go.uber.org/zap"

	"github.com/voorpoort/voorpoort/delivery"
	"github.com/voorpoort/voorpoort/delivery/local"
	"github.com/voorpoort/voorpoort/delivery/spool"
)

var errSpoolLocal = errors.New("on_store_down spool is for a shared store: " +
	"the local one has no other place to go; use reject or allow")

// spooledStorage is a shared store with a local one beside it.
type spooledStorage struct {
	Storage
	path string
}

// spooled puts a local store beside a shared one.
func spooled(_ caddy.Context, shared Storage) (Storage, error) {
	if _, here := shared.(*LocalStorage); here {
		return nil, errSpoolLocal
	}
	return &spooledStorage{Storage: shared, path: filepath.Join(caddy.AppDataDir(), "voorpoort-spool")}, nil
}

// Resource tells a spooled store from the same one without.
func (s *spooledStorage) Resource() string { return "spool " + s.path + " " + s.Storage.Resource() }

// Open opens both. The shared one must be there at the start: whether it can be
// used at all is not known otherwise.
func (s *spooledStorage) Open(ctx context.Context, logger *zap.Logger) (delivery.Store, error) {
	shared, err := s.Storage.Open(ctx, logger)
	if err != nil {
		return nil, err
	}
	near, err := local.Open(s.path, local.Options{})
	if err != nil {
		return nil, errors.Join(err, shared.Close())
	}
	store, err := spool.New(shared, near, spool.Options{ //nolint:contextcheck // it lives until Close
		Down:   unavailable,
		Report: func(err error) { reportSpool(logger, err) },
	})
	if err != nil {
		return nil, errors.Join(err, shared.Close(), near.Close())
	}
	return store, nil
}

// reportSpool tells that the shared store is not told yet.
func reportSpool(logger *zap.Logger, err error) {
	if err != nil {
		logger.Warn("the shared store has not been told of spooled events yet", zap.Error(err))
	}
}
