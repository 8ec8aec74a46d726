package e2e_test

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// binary is the gateway under test, built once for all tests. The environment
// variable VOORPOORT_BINARY names one that exists already, such as a release.
var binary = os.Getenv("VOORPOORT_BINARY")

func TestMain(m *testing.M) { os.Exit(run(m)) }

func run(m *testing.M) int {
	if binary != "" {
		return m.Run()
	}
	folder, err := os.MkdirTemp("", "voorpoort-e2e-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(folder)
	binary = filepath.Join(folder, "voorpoort")
	arguments := append([]string{"build"}, buildFlags...)
	build := exec.CommandContext(context.Background(), "go", append(arguments, "-o", binary, "../cmd/voorpoort")...)
	if out, err := build.CombinedOutput(); err != nil {
		fmt.Fprintf(os.Stderr, "building the gateway: %v\n%s", err, out)
		return 1
	}
	return m.Run()
}

// raceOptions end a process at its first data race, and any process without the
// second that the race detector otherwise waits for late reports.
const raceOptions = "GORACE=halt_on_error=1 atexit_sleep_ms=10"

// gateway is one running process.
type gateway struct {
	URL   string // of the site
	Admin string // of the admin endpoint

	address     string
	file        string // the Caddyfile it was started with
	environment []string
	process     *exec.Cmd
	exited      chan struct{} // closed when the process has ended
	output      *lockedBuffer
}

// start runs the gateway with a Caddyfile. In it, {{site}} stands for the
// address of the site, and the global options in the argument are put beside
// those that the harness needs. The environment gets the variables given as
// NAME=value. It is stopped at the end of the test, which fails when the
// process panicked or raced.
func start(t testing.TB, globals, site string, environment ...string) *gateway {
	t.Helper()
	return startAt(t, freeAddress(t), globals, site, environment...)
}

// startAt starts a gateway at an address where there may be another already: the
// system gives connections to one or the other.
func startAt(t testing.TB, address, globals, site string, environment ...string) *gateway {
	t.Helper()
	g := &gateway{address: address, output: &lockedBuffer{}}
	admin := freeAddress(t)
	g.URL, g.Admin = "http://"+g.address, "http://"+admin
	folder := t.TempDir()
	g.file = filepath.Join(folder, "Caddyfile")
	require.NoError(t, os.WriteFile(g.file, []byte(g.caddyfile(globals, site)), 0o600))

	g.environment = append(os.Environ(), "HOME="+folder, "XDG_DATA_HOME="+folder, "XDG_CONFIG_HOME="+folder, raceOptions)
	g.environment = append(g.environment, environment...)
	g.run(t)
	t.Cleanup(func() { g.stop(t) })
	return g
}

// run starts the process, for the first time or after its end, with the same
// file, folder and addresses.
func (g *gateway) run(t testing.TB) {
	t.Helper()
	g.process = exec.Command(binary, "run", "--config", g.file) // it is stopped by a signal
	g.process.Env = g.environment
	g.process.Stdout, g.process.Stderr = g.output, g.output
	require.NoError(t, g.process.Start())
	g.exited = make(chan struct{})
	process, exited := g.process, g.exited
	go func() {
		_ = process.Wait()
		close(exited)
	}()
	g.waitUntilReady(t)
}

// kill ends the process as a crash would: nothing of it runs any more.
func (g *gateway) kill(t testing.TB) {
	t.Helper()
	require.NoError(t, g.process.Process.Kill())
	<-g.exited
}

// caddyfile is the whole configuration of the process. The site is also that of
// another name, which only a Host field leads to.
func (g *gateway) caddyfile(globals, site string) string {
	_, port, _ := net.SplitHostPort(g.address) // which freeAddress made
	return fmt.Sprintf("{\n\tadmin %s\n\tauto_https off\n\tpersist_config off\n\tgrace_period 2s\n%s\n}\n\n%s, http://other.example:%s {\n%s\n}\n",
		strings.TrimPrefix(g.Admin, "http://"), globals, g.URL, port, strings.ReplaceAll(site, "{{site}}", g.address))
}

// reload loads other options into the running process, as `caddy reload` does.
func (g *gateway) reload(t testing.TB, globals, site string) (status int, message string) {
	t.Helper()
	return g.load(t, "/load", g.caddyfile(globals, site), "Content-Type: text/caddyfile")
}

// loadJSON loads a whole configuration in Caddy's own form.
func (g *gateway) loadJSON(t testing.TB, document string) (status int, message string) {
	t.Helper()
	return g.load(t, "/load", document)
}

// load changes the configuration, as a whole or at a path. What is asked after
// it is asked of the new one.
func (g *gateway) load(t testing.TB, path, document string, headers ...string) (status int, message string) {
	t.Helper()
	got := insist(t, http.MethodPost, g.Admin+path, document, headers...)
	if got.Status == http.StatusOK {
		g.awaitHandover(t)
	}
	return got.Status, got.Body
}

// log is what the process has written so far.
func (g *gateway) log() string { return g.output.String() }

func (g *gateway) waitUntilReady(t testing.TB) {
	t.Helper()
	for began := time.Now(); time.Since(began) < 30*time.Second; {
		select {
		case <-g.exited:
			t.Fatalf("the gateway ended at once:\n%s", g.output)
		case <-time.After(20 * time.Millisecond):
		}
		connection, err := (&net.Dialer{Timeout: time.Second}).DialContext(t.Context(), "tcp", g.address)
		if err == nil {
			_ = connection.Close()
			return
		}
	}
	t.Fatalf("the gateway did not start:\n%s", g.output)
}

func (g *gateway) stop(t testing.TB) {
	t.Helper()
	_ = g.process.Process.Signal(syscall.SIGTERM)
	select {
	case <-g.exited:
	case <-time.After(20 * time.Second):
		_ = g.process.Process.Signal(syscall.SIGQUIT) // the goroutines' stacks say what it waited for
		<-g.exited
		t.Errorf("the gateway did not stop:\n%s", g.output)
	}
	for _, trouble := range []string{"DATA RACE", "panic:", "fatal error:", "panic serving"} {
		if strings.Contains(g.log(), trouble) {
			t.Errorf("the gateway wrote %q:\n%s", trouble, g.output)
		}
	}
}

// runTo runs another command of the binary to its end.
func runTo(t testing.TB, arguments ...string) (output string, code int) {
	t.Helper()
	return runWith(t, nil, arguments...)
}

// runWith does so with variables given as NAME=value.
func runWith(t testing.TB, environment []string, arguments ...string) (output string, code int) {
	t.Helper()
	folder := t.TempDir()
	command := exec.CommandContext(t.Context(), binary, arguments...)
	command.Env = append(os.Environ(), "HOME="+folder, "XDG_DATA_HOME="+folder, "XDG_CONFIG_HOME="+folder, raceOptions)
	command.Env = append(command.Env, environment...)
	out, err := command.CombinedOutput()
	if command.ProcessState == nil {
		require.NoError(t, err)
	}
	return string(out), command.ProcessState.ExitCode()
}

// freeAddress is a loopback address on which nobody listens at the moment. No
// two calls give the same, and the port is below those that the system gives to
// outgoing connections: another test cannot take it before the gateway has. Each
// process has a range of its own, of ten that there are.
func freeAddress(t testing.TB) string {
	t.Helper()
	for range 1000 {
		address := net.JoinHostPort("127.0.0.1", strconv.Itoa(10240+os.Getpid()%10*2000+rand.IntN(2000)))
		if _, taken := givenAddresses.LoadOrStore(address, true); taken {
			continue
		}
		listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", address)
		if err != nil {
			continue
		}
		require.NoError(t, listener.Close())
		return address
	}
	t.Fatal("no port is free")
	return ""
}

var givenAddresses sync.Map

// lockedBuffer collects a process's output while tests read it.
type lockedBuffer struct {
	mu     sync.Mutex
	buffer bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buffer.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buffer.String()
}
