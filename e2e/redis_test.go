package e2e_test

import (
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// redisServer is a Redis of one test, which writes everything to its disk before
// it says yes.
type redisServer struct {
	address string
	folder  string

	arguments []string
	process   *exec.Cmd
	exited    chan struct{}
}

// startRedis starts a server, which ends with the test. Settings, such as
// "--requirepass", "x", are added to the usual ones.
func startRedis(t testing.TB, settings ...string) *redisServer {
	t.Helper()
	if _, err := exec.LookPath("redis-server"); err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal("redis-server is needed for these tests")
		}
		t.Skip("redis-server is not installed")
	}
	r := &redisServer{address: freeAddress(t), folder: t.TempDir()}
	host, port, err := net.SplitHostPort(r.address)
	require.NoError(t, err)
	r.arguments = append([]string{
		"--port", port, "--bind", host, "--dir", r.folder, "--save", "",
		"--appendonly", "yes", "--appendfsync", "always", "--maxmemory-policy", "noeviction",
		"--logfile", filepath.Join(r.folder, "log"),
	}, settings...)
	r.start(t)
	t.Cleanup(r.kill)
	return r
}

// start starts the server, for the first time or after its end.
func (r *redisServer) start(t testing.TB) {
	t.Helper()
	r.process = exec.Command("redis-server", r.arguments...) // it is stopped by a signal
	require.NoError(t, r.process.Start())
	process, exited := r.process, make(chan struct{})
	r.exited = exited
	go func() {
		_ = process.Wait()
		close(exited)
	}()
	require.Eventually(t, func() bool {
		connection, err := (&net.Dialer{Timeout: time.Second}).DialContext(t.Context(), "tcp", r.address)
		if err != nil {
			return false
		}
		defer connection.Close()
		_ = connection.SetDeadline(time.Now().Add(time.Second))
		answer := make([]byte, 1)
		_, err = connection.Write([]byte("PING\r\n"))
		if err == nil {
			_, err = connection.Read(answer)
		}
		return err == nil && (answer[0] == '+' || answer[0] == '-')
	}, 20*time.Second, 10*time.Millisecond, "redis-server at %s", r.address)
	// While it reads its file it answers -LOADING, which clients repeat.
}

// kill ends the server as a crash would.
func (r *redisServer) kill() {
	_ = r.process.Process.Kill()
	<-r.exited
}
