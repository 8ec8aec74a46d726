package interceptor_test

import (
	"bufio"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/voorpoort/voorpoort/interceptor"
)

func TestTheRecordOfACall(t *testing.T) {
	t.Parallel()
	s := replying(t, http.StatusCreated, "application/json", `{"status":"approved"}`)
	d := decide(t, `{}`, hook(t, "check", s.URL, nil))
	call := d.Calls[0]
	require.Equal(t, http.StatusCreated, call.Status)
	require.Equal(t, len(s.events()[0].Raw), call.Sent)
	require.Equal(t, len(`{"status":"approved"}`), call.Received)
	require.Equal(t, s.events()[0].ID, call.EventID)
	require.Equal(t, "application/json", s.events()[0].Header.Get("Accept"))
}

// TestASignatureIsOverTheBytesThatArrive checks the signatures as a receiver
// would, on the body as an earlier webhook has changed it.
func TestASignatureIsOverTheBytesThatArrive(t *testing.T) {
	t.Parallel()
	const secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
	mac := func(key, message []byte) []byte {
		h := hmac.New(sha256.New, key)
		h.Write(message)
		return h.Sum(nil)
	}
	s := replying(t, http.StatusNoContent, "", "")
	decide(t, `{"a":1}`, hook(t, "add", adding(t, "x").URL, merging(nil)), hook(t, "check", s.URL, object{
		"secret": secret, "signature": []string{"sha256", "openregister", "standard-webhooks"},
	}))
	got := s.events()[0]
	require.JSONEq(t, `{"a":1,"x":true}`, string(got.Data.Body))
	require.Equal(t, "sha256="+hex.EncodeToString(mac([]byte(secret), got.Raw)), got.Header.Get("X-Signature"))
	require.Equal(t, hex.EncodeToString(mac([]byte(secret), got.Raw)), got.Header.Get("X-Webhook-Signature"))
	require.Equal(t, "msg_"+got.ID, got.Header.Get("Webhook-Id"))
	key, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(secret, "whsec_"))
	require.NoError(t, err)
	signed := got.Header.Get("Webhook-Id") + "." + got.Header.Get("Webhook-Timestamp") + "." + string(got.Raw)
	require.Equal(t, "v1,"+base64.StdEncoding.EncodeToString(mac(key, []byte(signed))), got.Header.Get("Webhook-Signature"))
}

func TestAWebhookCanHaveItsOwnAnswerLimit(t *testing.T) {
	t.Parallel()
	s := replying(t, http.StatusOK, "application/json", `{"message":"0123456789"}`)
	d := decide(t, `{}`, hook(t, "check", s.URL, object{"configuration": object{"maxAnswer": 10}}))
	require.Equal(t, interceptor.ReasonTooLarge, d.Calls[0].Reason)
}

func TestAProxyIsUsedWhenItIsConfigured(t *testing.T) {
	t.Parallel()
	var asked atomic.Pointer[string]
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		target := r.URL.String()
		asked.Store(&target)
		w.WriteHeader(http.StatusNoContent)
	}))
	t.Cleanup(proxy.Close)
	d := decide(t, `{}`, hook(t, "check", "http://far.invalid/check", object{"proxy": proxy.URL}))
	require.Equal(t, interceptor.OutcomeApproved, d.Calls[0].Outcome)
	require.Equal(t, "http://far.invalid/check", *asked.Load())
}

// TestACallIsMadeAgainOnAConnectionThatWentStale has a peer that closes a
// connection when a second request comes over it, as one does whose idle time
// is up at that moment. The event's id is the same, so it is safe to ask again.
func TestACallIsMadeAgainOnAConnectionThatWentStale(t *testing.T) {
	t.Parallel()
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go answerOnce(c)
		}
	}()
	gate := newGate(t, interceptor.Config{}, hook(t, "check", "http://"+l.Addr().String(), nil))
	for range 3 {
		d, err := gate.Intercept(t.Context(), creating(t, `{}`))
		require.NoError(t, err)
		require.Equal(t, interceptor.OutcomeApproved, d.Calls[0].Outcome)
	}
}

// answerOnce answers the first request of a connection and hangs up at the
// second.
func answerOnce(c net.Conn) {
	defer c.Close()
	reader := bufio.NewReader(c)
	for n := range 2 {
		r, err := http.ReadRequest(reader)
		if err != nil {
			return
		}
		_, _ = io.Copy(io.Discard, r.Body)
		if n == 0 {
			_, _ = io.WriteString(c, "HTTP/1.1 204 No Content\r\n\r\n")
		}
	}
}

func TestAHeadWithoutEndIsBoundedWhateverTheClient(t *testing.T) {
	t.Parallel()
	head := "HTTP/1.1 204 No Content\r\nX: " + strings.Repeat("x", 100<<10) + "\r\n\r\n"
	for _, client := range []string{"voorpoort", "net/http"} {
		require.NotNil(t, decide(t, `{}`, hook(t, "check", saying(t, head), object{"client": client})).Block, client)
	}
}

func TestACallLeavesTheSettingsOfTLSAlone(t *testing.T) {
	t.Parallel()
	s := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) }))
	t.Cleanup(s.Close)
	for _, client := range []string{"voorpoort", "net/http"} {
		h := hook(t, "check", s.URL, object{"client": client, "tls": object{"insecureSkipVerify": true}})
		before := len(h.TLS.NextProtos)
		require.Equal(t, interceptor.OutcomeApproved, decide(t, `{}`, h).Calls[0].Outcome)
		require.Len(t, h.TLS.NextProtos, before, "a hook is immutable")
	}
}

func TestNobodyIsAskedForAClientThatHasLeft(t *testing.T) {
	t.Parallel()
	ctx, leave := context.WithCancel(t.Context())
	first := answering(t, func(w http.ResponseWriter, _ received) {
		leave()
		<-t.Context().Done()
		w.WriteHeader(http.StatusNoContent)
	})
	second := adding(t, "x")
	d, err := newGate(t, interceptor.Config{}, hook(t, "a", first.URL, merging(nil)), hook(t, "b", second.URL, merging(nil))).
		Intercept(ctx, creating(t, `{}`))
	require.ErrorIs(t, err, context.Canceled)
	require.Len(t, d.Calls, 1)
	require.Empty(t, second.events())
}
