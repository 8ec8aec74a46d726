package caddymodule

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/caddyserver/caddy/v2"
	"github.com/caddyserver/caddy/v2/caddyconfig/caddyfile"
	"github.com/stretchr/testify/require"
)

func parseRedis(text string) (*RedisStorage, error) {
	s := new(RedisStorage)
	return s, s.UnmarshalCaddyfile(caddyfile.NewTestDispenser(text))
}

func TestTheWordsOfRedis(t *testing.T) {
	t.Parallel()
	s, err := parseRedis(`redis rediss://redis.internal:6380/2 {
		username gate
		password {env.REDIS_PASSWORD}
		prefix register-1
		addresses b.internal:6379 c.internal:6379
		master registers
		sentinel_username watcher
		sentinel_password {env.SENTINEL_PASSWORD}
		wait 2
		ca /etc/ca.pem
		client_certificate /etc/gate.pem /etc/gate.key
	}`)
	require.NoError(t, err)
	raw, err := json.Marshal(s)
	require.NoError(t, err)
	require.JSONEq(t, `{
		"url": "rediss://redis.internal:6380/2", "username": "gate", "password": "{env.REDIS_PASSWORD}", "prefix": "register-1",
		"addresses": ["b.internal:6379", "c.internal:6379"], "master": "registers",
		"sentinel_username": "watcher", "sentinel_password": "{env.SENTINEL_PASSWORD}",
		"wait": 2, "ca": "/etc/ca.pem", "certificate": "/etc/gate.pem", "key": "/etc/gate.key"
	}`, string(raw), "what it becomes in JSON")
	s, err = parseRedis("redis redis://h {\ncluster\n}")
	require.NoError(t, err)
	require.True(t, s.Cluster)
}

func TestWordsOfRedisThatAreWrong(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"redis":                                      "wrong argument count",
		"redis redis://a redis://b":                  "wrong argument count",
		"redis redis://h {\nusername\n}":             "wrong argument count",
		"redis redis://h {\npassword a b\n}":         "wrong argument count",
		"redis redis://h {\nprefix\n}":               "wrong argument count",
		"redis redis://h {\naddresses\n}":            "wrong argument count",
		"redis redis://h {\nmaster\n}":               "wrong argument count",
		"redis redis://h {\ncluster yes\n}":          "wrong argument count",
		"redis redis://h {\nca\n}":                   "wrong argument count",
		"redis redis://h {\nclient_certificate a\n}": "wrong argument count",
		"redis redis://h {\nwait many\n}":            `wait "many" is not a number of replicas`,
		"redis redis://h {\nwait -1\n}":              `wait "-1" is not a number of replicas`,
		"redis redis://h {\ntls\n}":                  "tls",
	} {
		_, err := parseRedis(text)
		require.ErrorContains(t, err, want, text)
	}
}

// What can be known to be wrong before anything is connected stops the
// configuration.
func TestARedisThatCannotBeMeantIsNotProvisioned(t *testing.T) {
	t.Parallel()
	empty := filepath.Join(t.TempDir(), "empty.pem")
	require.NoError(t, os.WriteFile(empty, []byte("nothing"), 0o600))
	for want, s := range map[string]*RedisStorage{
		"no such file":           {URL: "rediss://h", CA: empty + ".none"},
		"has no certificate":     {URL: "rediss://h", CA: empty},
		"client certificate":     {URL: "rediss://h", Certificate: empty, Key: empty},
		"url: unrecognized":      {URL: "{nothing.known}"},
		"redis: an address":      {},
		"must look like":         {URL: "http://h"},
		"without a query":        {URL: "redis://h?db=1"},
		"number of a database":   {URL: "redis://h/register"},
		"database 0 only":        {URL: "redis://h/1", Cluster: true},
		"has no Sentinels":       {URL: "redis://h", Cluster: true, Master: "m"},
		"several addresses":      {URL: "redis://h", Addresses: []string{"b:1"}},
		"a prefix has letters":   {URL: "redis://h", Prefix: "a b"},
		"cannot be negative":     {URL: "redis://h", Wait: -1},
		"password: unrecognized": {URL: "redis://h", Password: "{nothing.known}"},
	} {
		err := s.Provision(caddy.Context{})
		if err == nil {
			err = s.Validate()
		}
		require.ErrorContains(t, err, want)
	}
}
