//go:build unix

package transport

import (
	"bytes"
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// The two sides of every benchmark are the same server and the same request:
// 2 KiB of JSON out, 1 KiB back.

// benchServers runs the servers in a process of their own, so that what is
// measured as processor time is the client's.
func benchServers(b *testing.B) map[string]string {
	b.Helper()
	cmd := exec.CommandContext(b.Context(), os.Args[0])
	cmd.Env = append(os.Environ(), benchServerEnv+"=1")
	in, err := cmd.StdinPipe()
	require.NoError(b, err)
	out, err := cmd.StdoutPipe()
	require.NoError(b, err)
	require.NoError(b, cmd.Start())
	b.Cleanup(func() {
		_ = in.Close()
		_ = cmd.Wait()
	})
	urls := make(map[string]string)
	for _, name := range []string{"raw", "http", "https"} {
		var url string
		_, err := fmt.Fscanln(out, &url)
		require.NoError(b, err)
		urls[name] = url
	}

	return urls
}

const benchServerEnv = "TRANSPORT_BENCH_SERVER"

func TestMain(m *testing.M) {
	if os.Getenv(benchServerEnv) == "" {
		os.Exit(m.Run())
	}
	answer := bytes.Repeat([]byte("a"), 1024)
	handler := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Content-Length", "1024")
		w.WriteHeader(http.StatusCreated)
		_, _ = w.Write(answer)
	})
	fmt.Println(rawServer())
	fmt.Println(httptest.NewServer(handler).URL)
	fmt.Println(httptest.NewTLSServer(handler).URL)
	_, _ = io.Copy(io.Discard, os.Stdin) // until the benchmark ends
}

// rawServer answers with as little work as possible.
func rawServer() string {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	answer := []byte("HTTP/1.1 201 Created\r\nContent-Type: application/json\r\n" +
		"Date: Sun, 22 Nov 2026 16:00:00 GMT\r\nContent-Length: 1024\r\n\r\n" + strings.Repeat("a", 1024))
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go serveRaw(c, answer)
		}
	}()

	return "http://" + l.Addr().String()
}

func serveRaw(c net.Conn, answer []byte) {
	defer func() { _ = c.Close() }()
	buf := make([]byte, 16<<10)
	n := 0
	for {
		m, err := c.Read(buf[n:])
		if err != nil {
			return
		}
		n += m
		if head := bytes.Index(buf[:n], []byte("\r\n\r\n")); head >= 0 && n >= head+4+2048 {
			n = 0
			if _, err := c.Write(answer); err != nil {
				return
			}
		}
	}
}

func benchRoundTrip(b *testing.B, rt http.RoundTripper, url string, parallel int, deadline bool) {
	b.Helper()
	body := bytes.Repeat([]byte("x"), 2048)
	scratch := make([]byte, 4096)
	one := func(scratch []byte) error {
		ctx := context.Background()
		if deadline {
			var cancel context.CancelFunc
			ctx, cancel = context.WithTimeout(ctx, time.Minute)
			defer cancel()
		}
		req, err := http.NewRequestWithContext(ctx, http.MethodPost, url, bytes.NewReader(body))
		if err != nil {
			return err
		}
		req.Header["Content-Type"] = []string{"application/json"}
		req.Header["Accept-Encoding"] = []string{"identity"}
		resp, err := rt.RoundTrip(req)
		if err != nil {
			return err
		}
		defer func() { _ = resp.Body.Close() }()
		n := 0
		for {
			m, err := resp.Body.Read(scratch)
			n += m
			if err == io.EOF {
				break
			}
			if err != nil {
				return err
			}
		}
		if n != 1024 {
			return fmt.Errorf("%d bytes", n)
		}

		return nil
	}
	b.ReportAllocs()
	if parallel == 1 {
		for b.Loop() {
			if err := one(scratch); err != nil {
				b.Fatal(err)
			}
		}

		return
	}
	var left atomic.Int64
	left.Store(int64(b.N))
	done := make(chan error, parallel)
	b.ResetTimer()
	for range parallel {
		go func() {
			scratch := make([]byte, 4096)
			for left.Add(-1) >= 0 {
				if err := one(scratch); err != nil {
					done <- err

					return
				}
			}
			done <- nil
		}()
	}
	for range parallel {
		if err := <-done; err != nil {
			b.Fatal(err)
		}
	}
}

// measured reports the processor time of this process beside the time.
func measured(b *testing.B, run func()) {
	b.Helper()
	before := cpuTime()
	run()
	b.ReportMetric(float64(cpuTime()-before)/float64(b.N), "cpu-ns/op")
}

func cpuTime() time.Duration {
	var u syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &u)

	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

func BenchmarkRoundTrip(b *testing.B) {
	insecure := &tls.Config{InsecureSkipVerify: true}
	urls := benchServers(b)
	for _, c := range []struct {
		server   string
		parallel int
		deadline bool
	}{
		{"raw", 1, false},
		{"raw", 32, false},
		{"raw", 32, true}, // as interceptor calls are made
		{"http", 1, false},
		{"http", 32, false},
		{"https", 32, false},
	} {
		name := fmt.Sprintf("%s/c=%d/deadline=%t/", c.server, c.parallel, c.deadline)
		b.Run(name+"nethttp", func(b *testing.B) {
			rt := &http.Transport{MaxIdleConnsPerHost: 64, TLSClientConfig: insecure.Clone()}
			defer rt.CloseIdleConnections()
			measured(b, func() { benchRoundTrip(b, rt, urls[c.server], c.parallel, c.deadline) })
		})
		b.Run(name+"ours", func(b *testing.B) {
			rt := New(Options{TLS: insecure})
			defer rt.Close()
			measured(b, func() { benchRoundTrip(b, rt, urls[c.server], c.parallel, c.deadline) })
		})
	}
}
