package redis

import (
	"cmp"
	"crypto/tls"
	"errors"
	"net"
	"net/url"
	"strconv"
	"strings"
	"time"

	goredis "github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/maintnotifications"
)

// DefaultPrefix is the prefix of an installation that names none.
const DefaultPrefix = "voorpoort"

// Config says where the store is.
type Config struct {
	// URL is redis://user:password@host:6379/0, or rediss:// for TLS. The host
	// is the server, and a node or a Sentinel if Addresses names more of them.
	URL string

	// Username, Password and Database, if set, win over those of the URL, so
	// that a secret needs no place in it.
	Username string
	Password string
	Database int

	// Prefix tells installations on one server apart: letters, digits and
	// "._-:", at most 64. The default is DefaultPrefix.
	Prefix string

	// Addresses are host:port of nodes of a cluster or of Sentinels.
	Addresses []string
	Cluster   bool

	// Master is the name of the set of servers that Sentinels watch.
	Master           string
	SentinelUsername string
	SentinelPassword string

	// TLS is used for all connections; for rediss:// the default is the
	// system's roots and the URL's host.
	TLS *tls.Config

	// Wait is how many replicas must have a write before it counts, and
	// WaitTimeout how long they get; 1 s if it is zero.
	Wait        int
	WaitTimeout time.Duration
}

// Timeouts of connections. The read timeout is above a server's usual worst
// pause (a fork, an fsync on a busy disk): giving up earlier would only add
// repeated work.
const (
	dialTimeout  = 2 * time.Second
	readTimeout  = 5 * time.Second
	writeTimeout = 3 * time.Second
	poolTimeout  = 5 * time.Second
)

// Validate says what of the configuration cannot be meant, without connecting. Its
// errors have no credentials.
func (c Config) Validate() error {
	_, err := c.options()
	return err
}

// options gives what the client needs.
func (c Config) options() (*goredis.UniversalOptions, error) {
	o := &goredis.UniversalOptions{
		DialTimeout: dialTimeout, ReadTimeout: readTimeout, WriteTimeout: writeTimeout, PoolTimeout: poolTimeout,
		ContextTimeoutEnabled: true,

		// We repeat by ourselves, knowing what can be repeated.
		MaxRetries: -1, DialerRetries: 1,

		// Neither is needed, and both need permissions of their own.
		DisableIdentity:          true,
		MaintNotificationsConfig: &maintnotifications.Config{Mode: maintnotifications.ModeDisabled},
		Protocol:                 2,
		IsClusterMode:            c.Cluster,
		MasterName:               c.Master,
		SentinelUsername:         c.SentinelUsername,
		SentinelPassword:         c.SentinelPassword,
		TLSConfig:                c.TLS.Clone(),
	}
	if err := c.readURL(o); err != nil {
		return nil, err
	}
	o.Addrs = append(o.Addrs, c.Addresses...)
	o.Username = cmp.Or(c.Username, o.Username)
	o.Password = cmp.Or(c.Password, o.Password)
	o.DB = cmp.Or(c.Database, o.DB)
	return o, c.check(o)
}

// readURL reads the URL. Its errors do not repeat it: it may have a password.
func (c Config) readURL(o *goredis.UniversalOptions) error {
	if c.URL == "" {
		return nil
	}
	u, err := url.Parse(c.URL)
	if err != nil || u.Scheme != "redis" && u.Scheme != "rediss" || u.RawQuery != "" || u.Fragment != "" {
		return errors.New("redis: the address must look like redis://user:password@host:6379/0, or rediss:// for TLS, without a query")
	}
	if u.Hostname() != "" {
		o.Addrs = []string{net.JoinHostPort(u.Hostname(), cmp.Or(u.Port(), "6379"))}
	}
	o.Username = u.User.Username()
	o.Password, _ = u.User.Password()
	if db := strings.Trim(u.Path, "/"); db != "" {
		if o.DB, err = strconv.Atoi(db); err != nil || o.DB < 0 {
			return errors.New("redis: what follows the host in the address is the number of a database")
		}
	}
	if u.Scheme == "rediss" && o.TLSConfig == nil {
		o.TLSConfig = &tls.Config{MinVersion: tls.VersionTLS12}
	}
	// The nodes of a cluster, and the servers that Sentinels name, have names of
	// their own in their certificates.
	if o.TLSConfig != nil && o.TLSConfig.ServerName == "" && len(c.Addresses) == 0 && !c.Cluster && c.Master == "" {
		o.TLSConfig.ServerName = u.Hostname()
	}
	return nil
}

func (c Config) check(o *goredis.UniversalOptions) error {
	switch {
	case len(o.Addrs) == 0:
		return errors.New("redis: an address is needed")
	case c.Cluster && c.Master != "":
		return errors.New("redis: a cluster has no Sentinels: set Cluster or Master")
	case !c.Cluster && c.Master == "" && len(o.Addrs) > 1:
		return errors.New("redis: several addresses need Cluster, or the name of the Master that the Sentinels watch")
	case c.Cluster && o.DB != 0:
		return errors.New("redis: a cluster has database 0 only")
	case len(c.Prefix) > 64 || strings.Trim(c.Prefix, prefixBytes) != "" || strings.ContainsAny(c.Prefix, "{}"):
		return errors.New(`redis: a prefix has letters, digits and "._-:", at most 64`)
	case c.Wait < 0 || c.WaitTimeout < 0:
		return errors.New("redis: Wait and WaitTimeout cannot be negative")
	}
	return nil
}

const prefixBytes = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-:"

// anchor is the beginning of all keys, with the hash tag that keeps them in one
// slot (Redis cluster specification, "Hash tags"), and the layout of what is
// behind them, so that gateways of another layout neither read nor harm it.
func (c Config) anchor() string {
	return "{" + cmp.Or(c.Prefix, DefaultPrefix) + "}:" + layout + ":"
}

// layout is the version of the keys that scripts/prelude.lua lists.
const layout = "3"

// client makes the client; it does not connect yet.
func (c Config) client(o *goredis.UniversalOptions) goredis.UniversalClient {
	switch {
	case c.Cluster:
		return goredis.NewClusterClient(o.Cluster())
	case c.Master != "":
		return goredis.NewFailoverClient(o.Failover())
	}
	return goredis.NewClient(o.Simple())
}
