package caddymodule

import (
	"context"
	"fmt"
	"path/filepath"

	"github.com/caddyserver/caddy/v2"
	"github.com/caddyserver/caddy/v2/caddyconfig/caddyfile"
	"go.uber.org/zap"

	"github.com/voorpoort/voorpoort/delivery"
	"github.com/voorpoort/voorpoort/delivery/local"
)

// storageNamespace is where stores for messages are registered.
const storageNamespace = "voorpoort.stores"

func init() {
	caddy.RegisterModule(LocalStorage{})
}

// Storage is a module in the namespace voorpoort.stores: where messages are kept
// until they are delivered.
type Storage interface {
	// Resource names what is opened, so that two configurations that mean the
	// same one share it: a cleaned path, or a server with database and prefix.
	// It holds no secret.
	Resource() string

	// Open opens the store. It is called once for each resource, when a
	// configuration starts.
	Open(ctx context.Context, logger *zap.Logger) (delivery.Store, error)
}

// LocalStorage keeps messages in a folder of this machine. It needs nothing
// else, survives a crash of the gateway and a loss of power, and belongs to one
// gateway at a time.
type LocalStorage struct {
	// Path is the folder, which is made when it is missing. Default:
	// `voorpoort` in Caddy's data directory. It accepts placeholders.
	Path string `json:"path,omitempty"`
}

// CaddyModule returns the Caddy module information.
func (LocalStorage) CaddyModule() caddy.ModuleInfo {
	return caddy.ModuleInfo{ID: storageNamespace + ".local", New: func() caddy.Module { return new(LocalStorage) }}
}

// Provision settles the path.
func (s *LocalStorage) Provision(caddy.Context) error {
	path, err := caddy.NewReplacer().ReplaceOrErr(s.Path, true, true)
	if err != nil {
		return fmt.Errorf("store local: path: %w", err)
	}
	if path == "" {
		path = filepath.Join(caddy.AppDataDir(), "voorpoort")
	}
	if s.Path, err = filepath.Abs(path); err != nil {
		return fmt.Errorf("store local: path: %w", err)
	}
	return nil
}

// Resource is the folder.
func (s *LocalStorage) Resource() string { return "local " + s.Path }

// Open opens the folder. The error says which file another process holds, or
// which one is damaged.
func (s *LocalStorage) Open(context.Context, *zap.Logger) (delivery.Store, error) {
	return local.Open(s.Path, local.Options{})
}

// UnmarshalCaddyfile reads `local [<path>]`.
func (s *LocalStorage) UnmarshalCaddyfile(d *caddyfile.Dispenser) error {
	d.Next()
	if d.NextArg() {
		s.Path = d.Val()
	}
	if d.NextArg() {
		return d.ArgErr()
	}
	return nil
}

// Interface guards.
var (
	_ Storage               = (*LocalStorage)(nil)
	_ caddy.Provisioner     = (*LocalStorage)(nil)
	_ caddyfile.Unmarshaler = (*LocalStorage)(nil)
)
