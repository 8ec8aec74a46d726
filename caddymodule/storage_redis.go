package caddymodule

import (
	"cmp"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/caddyserver/caddy/v2"
	"github.com/caddyserver/caddy/v2/caddyconfig/caddyfile"
	"go.uber.org/zap"

	"github.com/voorpoort/voorpoort/delivery"
	"github.com/voorpoort/voorpoort/delivery/redis"
)

func init() {
	caddy.RegisterModule(RedisStorage{})
}

// RedisStorage keeps messages in Redis, 6.2 or newer, so that several gateways
// share one queue. What survives a crash of Redis follows from its own
// persistence; see the documentation before using it for anything that must not
// be lost.
type RedisStorage struct {
	// URL is the server: `redis://host:6379/0`, or `rediss://` for TLS. It accepts
	// placeholders.
	URL string `json:"url,omitempty"`

	// Username and Password are those of an ACL user. They accept placeholders
	// and win over those of the URL.
	Username string `json:"username,omitempty"`
	Password string `json:"password,omitempty"`

	// Prefix tells installations on one server apart. Default: `voorpoort`.
	Prefix string `json:"prefix,omitempty"`

	// Addresses are host:port of further nodes of a cluster, or of Sentinels.
	Addresses []string `json:"addresses,omitempty"`

	// Cluster says that the addresses are those of a Redis Cluster.
	Cluster bool `json:"cluster,omitempty"`

	// Master is the name of the servers that Sentinels watch.
	Master string `json:"master,omitempty"`

	// SentinelUsername and SentinelPassword are for the Sentinels themselves.
	SentinelUsername string `json:"sentinel_username,omitempty"`
	SentinelPassword string `json:"sentinel_password,omitempty"`

	// Wait is how many replicas must have a write before it counts. Default: 0.
	Wait int `json:"wait,omitempty"`

	// CA is a file with the certificates that the server's is checked against.
	// Default: the system's.
	CA string `json:"ca,omitempty"`

	// Certificate and Key are files with a client certificate.
	Certificate string `json:"certificate,omitempty"`
	Key         string `json:"key,omitempty"`

	config redis.Config // expanded: it may hold secrets
	link   string       // stands for how the server is reached
}

// CaddyModule returns the Caddy module information.
func (RedisStorage) CaddyModule() caddy.ModuleInfo {
	return caddy.ModuleInfo{ID: storageNamespace + ".redis", New: func() caddy.Module { return new(RedisStorage) }}
}

// Provision expands placeholders. It connects to nothing.
func (s *RedisStorage) Provision(caddy.Context) error {
	s.config = redis.Config{Prefix: s.Prefix, Cluster: s.Cluster, Master: s.Master, Wait: s.Wait}
	for _, field := range []struct {
		name, value string
		into        *string
	}{
		{"url", s.URL, &s.config.URL},
		{"username", s.Username, &s.config.Username},
		{"password", s.Password, &s.config.Password},
		{"sentinel_username", s.SentinelUsername, &s.config.SentinelUsername},
		{"sentinel_password", s.SentinelPassword, &s.config.SentinelPassword},
	} {
		expanded, err := caddy.NewReplacer().ReplaceOrErr(field.value, true, true)
		if err != nil {
			return fmt.Errorf("store redis: %s: %w", field.name, err)
		}
		*field.into = expanded
	}
	s.config.Addresses = slices.Clone(s.Addresses)
	var err error
	s.config.TLS, err = s.tls()
	s.link = s.connection()
	return err
}

// Validate says what cannot be meant before anything is connected.
func (s *RedisStorage) Validate() error { return s.config.Validate() }

// tls is the configuration of TLS, nil when nothing is said about it.
func (s *RedisStorage) tls() (*tls.Config, error) {
	if s.CA == "" && s.Certificate == "" && s.Key == "" {
		return nil, nil //nolint:nilnil // nothing to configure
	}
	config := &tls.Config{MinVersion: tls.VersionTLS12}
	if s.CA != "" {
		pem, err := os.ReadFile(s.CA)
		if err != nil {
			return nil, fmt.Errorf("store redis: ca: %w", err)
		}
		config.RootCAs = x509.NewCertPool()
		if !config.RootCAs.AppendCertsFromPEM(pem) {
			return nil, fmt.Errorf("store redis: ca: %s has no certificate", s.CA)
		}
	}
	if s.Certificate != "" || s.Key != "" {
		pair, err := tls.LoadX509KeyPair(s.Certificate, s.Key)
		if err != nil {
			return nil, fmt.Errorf("store redis: client certificate: %w", err)
		}
		config.Certificates = []tls.Certificate{pair}
	}
	return config, nil
}

// Resource is the server, the database and the prefix, without credentials. Two
// ways to write the same are the same.
func (s *RedisStorage) Resource() string {
	parts, database := append([]string{"redis"}, slices.Sorted(slices.Values(s.Addresses))...), "0"
	if u, err := url.Parse(s.config.URL); err == nil {
		database = cmp.Or(strings.Trim(u.Path, "/"), database)
		if u.Host != "" {
			parts = append(parts, net.JoinHostPort(u.Hostname(), cmp.Or(u.Port(), "6379")))
		}
	}
	return strings.Join(append(parts, database, s.Master, cmp.Or(s.Prefix, redis.DefaultPrefix)), " ")
}

// Open connects. What its makers should know about the server's settings is
// logged.
func (s *RedisStorage) Open(ctx context.Context, logger *zap.Logger) (delivery.Store, error) {
	store, err := redis.Open(ctx, s.config, redis.Options{})
	if err != nil {
		return nil, withRemedy(err)
	}
	for _, warning := range store.Warnings() {
		logger.Warn("redis", zap.String("warning", warning))
	}
	return store, nil
}

// unavailable tells errors of a Redis that cannot be reached or cannot work now,
// or has not been reached yet.
func unavailable(err error) bool {
	var down *redis.UnavailableError
	return errors.As(err, &down) || errors.Is(err, errNotConnected)
}

// UnmarshalCaddyfile reads:
//
//	redis <url> {
//		username <name>
//		password <password>
//		prefix <prefix>
//		addresses <host:port...>
//		cluster
//		master <name>
//		sentinel_username <name>
//		sentinel_password <password>
//		wait <replicas>
//		ca <file>
//		client_certificate <file> <key file>
//	}
func (s *RedisStorage) UnmarshalCaddyfile(d *caddyfile.Dispenser) error {
	d.Next()
	if !d.AllArgs(&s.URL) {
		return d.ArgErr()
	}
	return redisWords.parseBlock(d, "store redis", s)
}

var redisWords = words[*RedisStorage]{
	"username":          redisText(func(s *RedisStorage) *string { return &s.Username }),
	"password":          redisText(func(s *RedisStorage) *string { return &s.Password }),
	"prefix":            redisText(func(s *RedisStorage) *string { return &s.Prefix }),
	"master":            redisText(func(s *RedisStorage) *string { return &s.Master }),
	"sentinel_username": redisText(func(s *RedisStorage) *string { return &s.SentinelUsername }),
	"sentinel_password": redisText(func(s *RedisStorage) *string { return &s.SentinelPassword }),
	"ca":                redisText(func(s *RedisStorage) *string { return &s.CA }),
	"addresses": func(d *caddyfile.Dispenser, s *RedisStorage) (err error) {
		s.Addresses, err = some(d)
		return err
	},
	"cluster": func(d *caddyfile.Dispenser, s *RedisStorage) error {
		s.Cluster = true
		if d.NextArg() {
			return d.ArgErr()
		}
		return nil
	},
	"wait": func(d *caddyfile.Dispenser, s *RedisStorage) (err error) {
		text, err := one(d)
		if err != nil {
			return err
		}
		if s.Wait, err = strconv.Atoi(text); err != nil || s.Wait < 0 {
			return d.Errf("wait %q is not a number of replicas", text)
		}
		return nil
	},
	"client_certificate": func(d *caddyfile.Dispenser, s *RedisStorage) error {
		if !d.AllArgs(&s.Certificate, &s.Key) {
			return d.ArgErr()
		}
		return nil
	},
}

func redisText(field func(*RedisStorage) *string) func(*caddyfile.Dispenser, *RedisStorage) error {
	return func(d *caddyfile.Dispenser, s *RedisStorage) (err error) {
		*field(s), err = one(d)
		return err
	}
}

// Interface guards.
var (
	_ Storage               = (*RedisStorage)(nil)
	_ caddy.Provisioner     = (*RedisStorage)(nil)
	_ caddy.Validator       = (*RedisStorage)(nil)
	_ caddyfile.Unmarshaler = (*RedisStorage)(nil)
)
