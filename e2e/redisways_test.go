package e2e_test

import (
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	goredis "github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"
)

// throughRedis starts a gateway whose store is described by these words, and shows
// that a write through it is told. It gives the gateway, and what loads the same
// configuration with other words.
func throughRedis(t *testing.T, words string) (g *gateway, rearrange func(words string) (status int, said string)) {
	t.Helper()
	shelf, r := newShelf(t), receiving(t)
	all := func(words string) string {
		return globals(words, fmt.Sprintf("webhook told {\nurl %s/told\nevents object.created\n}\n", r.URL))
	}
	g = start(t, all(words), inFrontOf(shelf))
	require.Equal(t, http.StatusCreated, insist(t, http.MethodPost, g.URL+objectsOf("cats"), `{}`).Status)
	r.await(t, "/told", 1)
	return g, func(words string) (int, string) { return g.reload(t, all(words), inFrontOf(shelf)) }
}

// client is a client of the test's own.
func (r *redisServer) client(t testing.TB) *goredis.Client {
	t.Helper()
	c := goredis.NewClient(&goredis.Options{Addr: r.address})
	t.Cleanup(func() { _ = c.Close() })
	return c
}

func TestRedisBehindTLS(t *testing.T) {
	t.Parallel()
	ours, theirs := newAuthority(t), newAuthority(t)
	server, client := ours.issue(t, "127.0.0.1"), ours.issue(t, "gateway")
	secure := freeAddress(t)
	_, port, err := net.SplitHostPort(secure)
	require.NoError(t, err)
	startRedis(t, "--tls-port", port, "--tls-cert-file", server.file, "--tls-key-file", server.keyFile,
		"--tls-ca-cert-file", ours.file, "--tls-auth-clients", "yes")
	words := func(ca string, more string) string {
		return fmt.Sprintf("store redis rediss://%s {\nca %s\n%s}\n", secure, ca, more)
	}
	identity := fmt.Sprintf("client_certificate %s %s\n", client.file, client.keyFile)
	_, rearrange := throughRedis(t, words(ours.file, identity))
	for name, wrong := range map[string]string{
		"another authority":        words(theirs.file, identity+"prefix other\n"),
		"no certificate of ours":   words(ours.file, "prefix other\n"),
		"a file that is not there": words(filepath.Join(t.TempDir(), "none.pem"), identity+"prefix other\n"),
	} {
		status, said := rearrange(wrong)
		require.NotEqual(t, http.StatusOK, status, name)
		require.Regexp(t, `certificate|tls|no such file|reset by peer|EOF|broken pipe`, said, name)
	}
}

// TestRedisWithAUserOfItsOwn: the line of the documentation is enough, and no more
// keys are touched than those of the prefix.
func TestRedisWithAUserOfItsOwn(t *testing.T) {
	t.Parallel()
	manual, err := os.ReadFile("../docs/delivery.md")
	require.NoError(t, err)
	rights := regexp.MustCompile(`(?m)^~\{voorpoort\}:\*.*$`).FindString(string(manual))
	require.NotEmpty(t, rights)
	rights = strings.ReplaceAll(rights, "{voorpoort}", "{register-1}")

	r := startRedis(t)
	admin := r.client(t)
	setUser := func(name string, rules ...string) {
		args := []any{"ACL", "SETUSER", name, "reset", "on", ">hunter2-which-nobody-sees"}
		for _, rule := range rules {
			args = append(args, rule)
		}
		require.NoError(t, admin.Do(t.Context(), args...).Err())
	}
	setUser("gate", strings.Fields(rights)...)
	setUser("weak", "~*", "&*", "+ping", "+info", "+@connection")
	words := func(user, password, prefix string) string {
		return fmt.Sprintf("store redis redis://%s/0 {\nusername %s\npassword %s\nprefix %s\n}\n", r.address, user, password, prefix)
	}
	g, rearrange := throughRedis(t, words("gate", "hunter2-which-nobody-sees", "register-1"))
	keys, err := admin.Keys(t.Context(), "*").Result()
	require.NoError(t, err)
	require.NotEmpty(t, keys)
	for _, key := range keys {
		require.True(t, strings.HasPrefix(key, "{register-1}:"), key)
	}
	for _, wrong := range []struct{ words, said, remedy string }{
		{words("gate", "wrong", "register-2"), "WRONGPASS", "check `username` and `password`"},
		{words("gate", "hunter2-which-nobody-sees", "register-2"), "NOPERM", "docs/delivery.md"},
		{words("weak", "hunter2-which-nobody-sees", "register-2"), "NOPERM", "docs/delivery.md"},
		{fmt.Sprintf("store redis redis://%s/0 {\nprefix register-2\n}\n", freeAddress(t)), "connection refused", "is Redis running"},
	} {
		status, said := rearrange(wrong.words)
		require.NotEqual(t, http.StatusOK, status, wrong.said)
		require.Contains(t, said, wrong.said)
		require.Contains(t, said, wrong.remedy)
	}
	require.NotContains(t, g.log(), "hunter2")
}

// TestRedisWatchedBySentinels: the address is that of a Sentinel, and the servers
// are found by their name.
func TestRedisWatchedBySentinels(t *testing.T) {
	t.Parallel()
	r := startRedis(t)
	host, port, err := net.SplitHostPort(r.address)
	require.NoError(t, err)
	sentinel := &redisServer{address: freeAddress(t), folder: t.TempDir()}
	_, own, err := net.SplitHostPort(sentinel.address)
	require.NoError(t, err)
	settings := filepath.Join(sentinel.folder, "sentinel.conf")
	require.NoError(t, os.WriteFile(settings, fmt.Appendf(nil,
		"bind 127.0.0.1\nport %s\ndir %s\nsentinel monitor registers %s %s 1\n", own, sentinel.folder, host, port), 0o600))
	sentinel.arguments = []string{settings, "--sentinel"}
	sentinel.start(t)
	t.Cleanup(sentinel.kill)
	_, rearrange := throughRedis(t, fmt.Sprintf("store redis redis://%s {\nmaster registers\n}\n", sentinel.address))
	status, said := rearrange(fmt.Sprintf("store redis redis://%s {\nmaster nobody\n}\n", sentinel.address))
	require.NotEqual(t, http.StatusOK, status)
	require.Contains(t, said, "sentinel")
}

// TestRedisThatWaitsForReplicas: a write that no replica has is not accepted.
func TestRedisThatWaitsForReplicas(t *testing.T) {
	t.Parallel()
	r := startRedis(t)
	host, port, err := net.SplitHostPort(r.address)
	require.NoError(t, err)
	replica := startRedis(t, "--replicaof", host+" "+port)
	c := replica.client(t)
	linked := func() bool {
		info, err := c.Info(t.Context(), "replication").Result()
		return err == nil && strings.Contains(info, "master_link_status:up")
	}
	require.Eventually(t, linked, 20*time.Second, 20*time.Millisecond)
	g, _ := throughRedis(t, "store redis redis://"+r.address+" {\nwait 1\n}\n")

	replica.kill()
	got := insist(t, http.MethodPost, g.URL+objectsOf("cats"), `{}`)
	require.Equal(t, http.StatusServiceUnavailable, got.Status, got.Body)
	require.Contains(t, got.Body, "store_unavailable")
	require.NotEmpty(t, got.Header.Get("Retry-After"))

	replica.start(t)
	require.Eventually(t, linked, 20*time.Second, 20*time.Millisecond)
	require.Eventually(t, func() bool {
		return insist(t, http.MethodPost, g.URL+objectsOf("cats"), `{}`).Status == http.StatusCreated
	}, 30*time.Second, 200*time.Millisecond)
}

// TestARedisCluster: the nodes are found by one of them.
func TestARedisCluster(t *testing.T) {
	t.Parallel()
	r := startRedis(t, "--cluster-enabled", "yes")
	c := r.client(t)
	require.NoError(t, c.ClusterAddSlotsRange(t.Context(), 0, 16383).Err())
	require.Eventually(t, func() bool {
		info, err := c.ClusterInfo(t.Context()).Result()
		return err == nil && strings.Contains(info, "cluster_state:ok")
	}, 20*time.Second, 20*time.Millisecond)
	_, rearrange := throughRedis(t, "store redis redis://"+r.address+" {\ncluster\n}\n")
	status, said := rearrange("store redis redis://" + r.address + "/1 {\ncluster\n}\n")
	require.NotEqual(t, http.StatusOK, status)
	require.Contains(t, said, "database 0 only")
}
