package redis

import (
	"crypto/tls"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestConfigOptions(t *testing.T) {
	t.Parallel()
	o, err := Config{URL: "redis://ann:s%40cret@redis.example:6380/3"}.options()
	require.NoError(t, err)
	require.Equal(t, []string{"redis.example:6380"}, o.Addrs)
	require.Equal(t, "ann", o.Username)
	require.Equal(t, "s@cret", o.Password)
	require.Equal(t, 3, o.DB)
	require.Nil(t, o.TLSConfig)

	o, err = Config{URL: "rediss://[::1]", Username: "bob", Password: "other", Database: 2}.options()
	require.NoError(t, err)
	require.Equal(t, []string{"[::1]:6379"}, o.Addrs)
	require.Equal(t, []any{"bob", "other", 2}, []any{o.Username, o.Password, o.DB})
	require.Equal(t, "::1", o.TLSConfig.ServerName)
	require.EqualValues(t, tls.VersionTLS12, o.TLSConfig.MinVersion)

	o, err = Config{Master: "main", Addresses: []string{"s1:26379", "s2:26379"}, SentinelPassword: "p"}.options()
	require.NoError(t, err)
	require.Equal(t, "main", o.MasterName)
	require.Len(t, o.Addrs, 2)

	o, err = Config{Cluster: true, URL: "redis://n1", Addresses: []string{"n2:6379"}}.options()
	require.NoError(t, err)
	require.Equal(t, []string{"n1:6379", "n2:6379"}, o.Addrs)
	require.Equal(t, -1, o.MaxRetries, "the store repeats by itself")
}

func TestConfigErrorsTellNoSecrets(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]Config{
		"nothing":                {},
		"no scheme":              {URL: "ann:hunter2@host"},
		"another scheme":         {URL: "http://ann:hunter2@host"},
		"a bad escape":           {URL: "redis://ann:hunter2%zz@host"},
		"a bad port":             {URL: "redis://ann:hunter2@host:port"},
		"a query":                {URL: "redis://ann:hunter2@host?db=1"},
		"a name for a database":  {URL: "redis://ann:hunter2@host/main"},
		"a database and more":    {URL: "redis://ann:hunter2@host/1x"},
		"a negative database":    {URL: "redis://ann:hunter2@host/-1"},
		"cluster and Sentinel":   {URL: "redis://host", Cluster: true, Master: "m"},
		"two servers":            {URL: "redis://host", Addresses: []string{"other:6379"}},
		"a database of clusters": {URL: "redis://host/1", Cluster: true},
		"braces in a prefix":     {URL: "redis://host", Prefix: "a}b"},
		"a long prefix":          {URL: "redis://host", Prefix: string(make([]byte, 65))},
		"negative replicas":      {URL: "redis://host", Wait: -1},
	} {
		_, err := c.options()
		require.Error(t, err, name)
		require.NotContains(t, err.Error(), "hunter2", name)
	}
}

func TestOpenTellsNoSecrets(t *testing.T) {
	t.Parallel()
	server := startServer(t, "--requirepass", "hunter2")
	_, err := Open(t.Context(), Config{URL: "redis://:wrong-secret@" + server.addr()}, Options{})
	var unavailable *UnavailableError
	require.ErrorAs(t, err, &unavailable)
	require.Equal(t, "WRONGPASS", unavailable.Code)
	require.NotContains(t, err.Error(), "secret")

	server.kill()
	start := time.Now()
	_, err = Open(t.Context(), Config{URL: "redis://:hunter2@" + server.addr()}, Options{RetryFor: 100 * time.Millisecond})
	require.ErrorAs(t, err, &unavailable)
	require.NotContains(t, err.Error(), "hunter2")
	require.Less(t, time.Since(start), 3*time.Second)
}

func TestAnchorHasAHashTag(t *testing.T) {
	t.Parallel()
	require.Equal(t, "{voorpoort}:3:", Config{}.anchor())
	require.Equal(t, "{register-1}:3:", Config{Prefix: "register-1"}.anchor())
}
