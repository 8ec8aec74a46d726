package redis

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/voorpoort/voorpoort/delivery"
)

// works runs a little load through a store, and changes a document.
func works(t *testing.T, store *Store) {
	t.Helper()
	l := startLoad(t, store)
	l.more(t, 60)
	l.stop()
	l.done.Wait()
	require.Zero(t, l.failed)
	require.Len(t, drain(t, store, "a"), len(l.acked))

	d, err := store.PutDocument(t.Context(), webhook("works"))
	require.NoError(t, err)
	all, err := store.Documents(t.Context(), "webhook")
	require.NoError(t, err)
	require.Equal(t, []delivery.Document{d}, all)
	require.NoError(t, store.RemoveDocument(t.Context(), "webhook", "works", d.Revision))
	st, err := store.AllStats(t.Context())
	require.NoError(t, err)
	require.Len(t, st, 1)
}

func TestTLS(t *testing.T) {
	t.Parallel()
	cert, key, roots := certificate(t)
	port := freePort(t)
	server := startServer(t, "--tls-port", strconv.Itoa(port), "--tls-cert-file", cert, "--tls-key-file", key,
		"--tls-ca-cert-file", cert, "--tls-auth-clients", "no")
	config := Config{URL: fmt.Sprintf("rediss://127.0.0.1:%d", port)}
	_, err := Open(t.Context(), config, Options{RetryFor: 50 * time.Millisecond})
	require.ErrorContains(t, err, "certificate", "who the system does not trust is not trusted")
	config.TLS = &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12}
	works(t, server.open(t, config))
}

// certificate makes one for 127.0.0.1 that vouches for itself.
func certificate(t *testing.T) (cert, key string, roots *x509.CertPool) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true,
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
	}
	raw, err := x509.CreateCertificate(rand.Reader, template, template, &private.PublicKey, private)
	require.NoError(t, err)
	secret, err := x509.MarshalPKCS8PrivateKey(private)
	require.NoError(t, err)
	dir := t.TempDir()
	cert, key = filepath.Join(dir, "cert"), filepath.Join(dir, "key")
	block := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: raw})
	require.NoError(t, os.WriteFile(cert, block, 0o600))
	require.NoError(t, os.WriteFile(key, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: secret}), 0o600))
	roots = x509.NewCertPool()
	require.True(t, roots.AppendCertsFromPEM(block))
	return cert, key, roots
}

func TestWritesWaitForReplicas(t *testing.T) {
	t.Parallel()
	primary := startServer(t)
	replica := startServer(t, "--replicaof", "127.0.0.1 "+strconv.Itoa(primary.port))
	c := replica.client()
	defer c.Close()
	require.Eventually(t, func() bool {
		info, err := c.Info(t.Context(), "replication").Result()
		return err == nil && strings.Contains(info, "master_link_status:up")
	}, 20*time.Second, 20*time.Millisecond)

	config := primary.config()
	config.Wait, config.WaitTimeout = 1, 2*time.Second
	store := primary.open(t, config)
	works(t, store)
	replica.kill()
	var unavailable *UnavailableError
	require.ErrorAs(t, store.Append(t.Context(), message("m", "b")), &unavailable)
	require.ErrorContains(t, unavailable, "0 of the 1 replicas")
	replica.start()
	require.Eventually(t, func() bool { return store.Append(t.Context(), message("m", "b")) == nil }, 20*time.Second, 20*time.Millisecond)
	require.Len(t, drain(t, store, "b"), 1, "it was stored once")
}

func TestCluster(t *testing.T) {
	if testing.Short() {
		t.Skip("slow")
	}
	t.Parallel()
	var config Config
	args := []string{"--cluster", "create"}
	var servers []*server
	for range 3 {
		s := startServer(t, "--cluster-enabled", "yes", "--cluster-node-timeout", "2000", "--cluster-port", strconv.Itoa(freePort(t)))
		servers = append(servers, s)
		config.Addresses = append(config.Addresses, s.addr())
	}
	args = append(append(args, config.Addresses...), "--cluster-yes")
	out, err := exec.CommandContext(t.Context(), "redis-cli", args...).CombinedOutput()
	require.NoError(t, err, string(out))
	config.Cluster = true
	store := open(t, config)
	works(t, store)

	// A second gateway hears of the first one's work, and finds it.
	told := make(chan string, 100)
	other := open(t, config)
	go func() { _ = other.Watch(t.Context(), func(lane string, _ time.Time) { told <- lane }) }()
	require.NoError(t, store.Append(t.Context(), message("x", "news")))
	require.Equal(t, "news", <-told)
	require.Len(t, drain(t, other, "news"), 1)
	documents := watchDocuments(t, other)
	_, err = store.PutDocument(t.Context(), webhook("k"))
	require.NoError(t, err)
	require.Less(t, documents.more(t, 1), time.Second)

	config.Wait, config.WaitTimeout = 1, 100*time.Millisecond
	waits := open(t, config)
	require.ErrorContains(t, waits.Append(t.Context(), message("y", "news")), "0 of the 1 replicas")

	for _, s := range servers { // each node in turn, so that ours is among them
		s.kill()
		s.start()
	}
	require.Eventually(t, func() bool { return store.Append(t.Context(), message("z", "news")) == nil }, 30*time.Second, 50*time.Millisecond)
}

func open(t *testing.T, c Config) *Store {
	t.Helper()
	var store *Store
	require.Eventually(t, func() bool {
		s, err := Open(t.Context(), c, Options{})
		store = s
		return err == nil
	}, 30*time.Second, 100*time.Millisecond)
	t.Cleanup(func() { _ = store.Close() })
	return store
}

func TestSentinelFindsTheNewMaster(t *testing.T) {
	if testing.Short() {
		t.Skip("slow")
	}
	t.Parallel()
	primary := startServer(t)
	replica := startServer(t, "--replicaof", "127.0.0.1 "+strconv.Itoa(primary.port))
	port := freePort(t)
	file := filepath.Join(t.TempDir(), "sentinel.conf")
	require.NoError(t, os.WriteFile(file, fmt.Appendf(nil, "port %d\nbind 127.0.0.1\nsentinel monitor main 127.0.0.1 %d 1\n"+
		"sentinel down-after-milliseconds main 1000\nsentinel failover-timeout main 5000\n", port, primary.port), 0o600))
	cmd := exec.Command("redis-server", file, "--sentinel")
	require.NoError(t, cmd.Start())
	t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })

	config := Config{Master: "main", Addresses: []string{fmt.Sprintf("127.0.0.1:%d", port)}}
	store := open(t, config)
	works(t, store)
	c := replica.client()
	defer c.Close()
	require.Eventually(t, func() bool { // the Sentinel has to know the replica first
		info, err := c.Info(t.Context(), "replication").Result()
		return err == nil && strings.Contains(info, "master_link_status:up")
	}, 20*time.Second, 20*time.Millisecond)
	time.Sleep(11 * time.Second) // a Sentinel asks for replicas every ten seconds
	documents := watchDocuments(t, store)
	primary.kill()
	require.Eventually(t, func() bool { return store.Append(t.Context(), message("after", "b")) == nil },
		40*time.Second, 100*time.Millisecond)
	require.Len(t, drain(t, store, "b"), 1)
	calls := documents.calls.Load()
	_, err := store.PutDocument(t.Context(), webhook("after"))
	require.NoError(t, err)
	documents.more(t, calls)
}
