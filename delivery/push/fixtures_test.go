package push

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/voorpoort/voorpoort/delivery"
	"github.com/voorpoort/voorpoort/webhook"
)

const (
	testUUID  = "550e8400-e29b-41d4-a716-446655440000"
	testClass = `OCA\OpenRegister\Event\ObjectCreatedEvent`
	testID    = "0195fd2c-0000-7000-8000-000000000001"

	testEvent = `{"specversion":"1.0","source":"urn:nld:oin:00000099123456789000:systeem:register",` +
		`"datacontenttype":"application/json","openregisterapp":"openregister","openregisterversion":"2.1.0",` +
		`"type":"object.created","id":"` + testID + `","time":"2026-01-02T02:04:05.678Z","subject":"object:register-1/schema-2",` +
		`"data":{"objectType":"object","action":"created","object":{"id":"abc-123","n":12345678901234567890,"t":"<é & €>"}}}`
	testData = `{"objectType":"object","action":"created","object":{"id":"abc-123","n":12345678901234567890,"t":"<é & €>"}}`
)

// testTime is when attempts start in tests with a clock of their own.
var testTime = time.Date(2025, 11, 20, 20, 0, 0, 0, time.UTC)

func testClock() time.Time { return testTime }

// hookTo compiles a webhook, with changes to the usual one.
func hookTo(tb testing.TB, url string, change func(*webhook.Webhook)) *webhook.Hook {
	tb.Helper()
	w := webhook.Webhook{
		UUID: testUUID, Name: "My Webhook", URL: webhook.NewAddress(url), Timeout: 5 * time.Second,
	}
	if change != nil {
		change(&w)
	}
	h, err := webhook.Compile(w, webhook.Defaults{})
	require.NoError(tb, err)
	return h
}

func newSender(tb testing.TB, h *webhook.Hook, opt Options) *Sender {
	tb.Helper()
	s, err := New(h, opt)
	require.NoError(tb, err)
	tb.Cleanup(s.Close)
	return s
}

// message is the usual event, or another one.
func message(event string) *delivery.Message {
	return &delivery.Message{Seq: 42, ID: testID, Type: "object.created", Class: testClass, Event: []byte(event)}
}

func lease(event string) []delivery.Lease {
	return []delivery.Lease{{Lane: "lane", Message: message(event), Attempt: 1}}
}

// send makes one call about the usual event.
func send(tb testing.TB, s *Sender) delivery.Result {
	tb.Helper()
	return s.Send(context.Background(), lease(testEvent))
}

// received is a request as a receiver saw it.
type received struct {
	*http.Request
	body []byte
}

// receiver is a server that remembers what it was sent.
type receiver struct {
	*httptest.Server
	mu   sync.Mutex
	seen []received
}

// newReceiver answers with a handler; nil is 204.
func newReceiver(tb testing.TB, handler http.HandlerFunc) *receiver {
	tb.Helper()
	r := new(receiver)
	r.Server = httptest.NewServer(r.recording(handler))
	tb.Cleanup(r.Close)
	return r
}

func (r *receiver) recording(handler http.HandlerFunc) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		body, _ := io.ReadAll(req.Body)
		kept := req.Clone(context.WithoutCancel(req.Context())) // the server still uses its own
		kept.Body = io.NopCloser(bytes.NewReader(body))
		r.mu.Lock()
		r.seen = append(r.seen, received{kept, body})
		r.mu.Unlock()
		if handler == nil {
			w.WriteHeader(http.StatusNoContent)
			return
		}
		handler(w, req)
	})
}

func (r *receiver) requests() []received {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]received(nil), r.seen...)
}

// only gives the one request there was.
func (r *receiver) only(tb testing.TB) received {
	tb.Helper()
	requests := r.requests()
	require.Len(tb, requests, 1)
	return requests[0]
}

// answering gives a handler with one answer.
func answering(status int, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}
}

// requireDelivered checks that nothing of a failure is in a result.
func requireDelivered(tb testing.TB, result delivery.Result) {
	tb.Helper()
	require.Empty(tb, result.Error)
	require.Empty(tb, result.Reason)
	require.Nil(tb, result.Request, "kept for failures only")
	require.False(tb, result.Unsendable)
}

// opensslHMAC gives the hex HMAC-SHA256 of openssl, an implementation that is
// not ours.
func opensslHMAC(tb testing.TB, key string, body []byte) string {
	tb.Helper()
	path, err := exec.LookPath("openssl")
	if err != nil {
		require.Empty(tb, os.Getenv("CI"), "the CI must have openssl")
		tb.Skip("there is no openssl on this machine")
	}
	command := exec.CommandContext(tb.Context(), path, "dgst", "-sha256", "-hmac", key, "-r")
	command.Stdin = strings.NewReader(string(body))
	out, err := command.Output()
	require.NoError(tb, err)
	digest, _, _ := strings.Cut(string(out), " ")
	return digest
}
