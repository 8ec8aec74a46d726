package push

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/voorpoort/voorpoort/webhook"
)

const (
	benchServerEnv   = "PUSH_BENCH_SERVER"
	benchConcurrency = 64
)

// TestMain is the receiver of the benchmarks when it is started as such, so
// that the processor time of the two is not one.
func TestMain(m *testing.M) {
	if os.Getenv(benchServerEnv) == "" {
		os.Exit(m.Run())
	}
	fmt.Println(httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		w.WriteHeader(http.StatusNoContent)
	})).URL)
	_, _ = io.Copy(io.Discard, os.Stdin) // until the benchmark ends
}

func benchServer(b *testing.B) string {
	b.Helper()
	command := exec.CommandContext(b.Context(), os.Args[0])
	command.Env = append(os.Environ(), benchServerEnv+"=1")
	in, err := command.StdinPipe()
	require.NoError(b, err)
	out, err := command.StdoutPipe()
	require.NoError(b, err)
	require.NoError(b, command.Start())
	b.Cleanup(func() {
		_ = in.Close()
		_ = command.Wait()
	})
	var url string
	_, err = fmt.Fscanln(out, &url)
	require.NoError(b, err)
	return url
}

// BenchmarkSend compares sending with the least that a program could do with
// net/http: the same event to the same receiver, 64 calls at a time.
func BenchmarkSend(b *testing.B) {
	url := benchServer(b)
	b.Run("bare", func(b *testing.B) { benchBare(b, url) })
	for name, change := range map[string]func(*webhook.Webhook){
		"structured": nil,
		"signed":     func(w *webhook.Webhook) { w.Secrets = []webhook.Secret{webhook.NewSecret(firstKey)} },
		"ordered":    func(w *webhook.Webhook) { w.Ordered = true },
		"binary":     func(w *webhook.Webhook) { w.EventFormat = webhook.FormatBinary },
		"net-http":   func(w *webhook.Webhook) { w.Client = webhook.ClientNetHTTP },
	} {
		b.Run(name, func(b *testing.B) {
			s, err := New(hookTo(b, url, change), Options{})
			require.NoError(b, err)
			defer s.Close()
			benchParallel(b, func() bool { return s.Send(context.Background(), lease(testEvent)).Reason == "" })
		})
	}
}

func benchBare(b *testing.B, url string) {
	b.Helper()
	transport := &http.Transport{MaxIdleConnsPerHost: 2 * benchConcurrency}
	defer transport.CloseIdleConnections()
	client := &http.Client{Transport: transport}
	benchParallel(b, func() bool {
		response, err := client.Post(url, typeStructured, bytes.NewReader([]byte(testEvent)))
		if err != nil {
			return false
		}
		_, _ = io.Copy(io.Discard, response.Body)
		_ = response.Body.Close()
		return response.StatusCode == http.StatusNoContent
	})
}

func benchParallel(b *testing.B, call func() bool) {
	b.Helper()
	b.ReportAllocs()
	b.SetParallelism(benchConcurrency / runtime.GOMAXPROCS(0))
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if !call() {
				b.Error("not delivered")
				return
			}
		}
	})
}

// BenchmarkFormats is what it costs to write an event of 600 bytes.
func BenchmarkFormats(b *testing.B) {
	for name, write := range map[string]func([]byte, *input) ([]byte, error){
		"structured":              appendStructured,
		"openregister":            appendOpenRegister,
		"openregister-cloudevent": appendOpenRegisterEvent,
		"query":                   appendQuery,
		"binary": func(dst []byte, in *input) ([]byte, error) {
			e, _ := appendBinary(dst, in)
			return e.body, nil
		},
	} {
		b.Run(name, func(b *testing.B) {
			in, buffer := inputOf(testEvent), []byte(nil)
			in.sequence = true
			b.ReportAllocs()
			for b.Loop() {
				buffer, _ = write(buffer[:0], in)
			}
		})
	}
}
