package push

import (
	"crypto/x509"
	"crypto/x509/pkix"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/voorpoort/voorpoort/delivery"
	"github.com/voorpoort/voorpoort/transport"
	"github.com/voorpoort/voorpoort/webhook"
)

// tokenServer counts requests and answers with token-1, token-2 and so on.
func tokenServer(t *testing.T) *receiver {
	t.Helper()
	var count atomic.Int64
	return newReceiver(t, func(w http.ResponseWriter, _ *http.Request) {
		time.Sleep(20 * time.Millisecond) // so that callers come while it works
		_, _ = fmt.Fprintf(w, `{"access_token":"token-%d","token_type":"Bearer","expires_in":120}`, count.Add(1))
	})
}

// guardedBy gives a receiver that takes one token only.
func guardedBy(t *testing.T, accepted *atomic.Value) *receiver {
	t.Helper()
	return newReceiver(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != accepted.Load() {
			w.WriteHeader(http.StatusUnauthorized)
		}
	})
}

func oauthHook(t *testing.T, target, tokens string, change func(*webhook.OAuth2)) *webhook.Hook {
	t.Helper()
	return hookTo(t, target, func(w *webhook.Webhook) {
		w.OAuth2 = &webhook.OAuth2{
			TokenURL: webhook.NewAddress(tokens), ClientID: "my id", ClientSecret: webhook.NewSecret("s3cret:&é"),
			Scopes: []string{"write", "notify"}, Audience: "https://api.example",
		}
		if change != nil {
			change(w.OAuth2)
		}
	})
}

func TestTokenRequests(t *testing.T) {
	t.Parallel()
	for _, style := range []webhook.TokenStyle{webhook.TokenBasic, webhook.TokenPost} {
		tokens, r := tokenServer(t), newReceiver(t, nil)
		h := oauthHook(t, r.URL, tokens.URL+"/token?tenant=1", func(o *webhook.OAuth2) { o.Style = style })
		requireDelivered(t, send(t, newSender(t, h, Options{})))
		require.Equal(t, "Bearer token-1", r.only(t).Header.Get("Authorization"))

		got := tokens.only(t)
		require.Equal(t, "POST /token?tenant=1", got.Method+" "+got.URL.String())
		require.Equal(t, "application/x-www-form-urlencoded", got.Header.Get("Content-Type"))
		form, err := url.ParseQuery(string(got.body))
		require.NoError(t, err)
		want := url.Values{"grant_type": {"client_credentials"}, "scope": {"write notify"}, "audience": {"https://api.example"}}
		id, secret, basic := got.BasicAuth()
		require.Equal(t, style == webhook.TokenBasic, basic)
		if basic {
			require.Equal(t, "my+id "+"s3cret%3A%26%C3%A9", id+" "+secret, "form-encoded first (RFC 6749 section 2.3.1)")
		} else {
			want["client_id"], want["client_secret"] = []string{"my id"}, []string{"s3cret:&é"}
		}
		require.Equal(t, want, form)
	}
}

// API-14: one token for many deliveries at once, and one more after a refusal.
func TestOneTokenForManyDeliveries(t *testing.T) {
	t.Parallel()
	bothClients(t, func(t *testing.T, kind webhook.Client) {
		var accepted atomic.Value
		accepted.Store("Bearer token-1")
		tokens, r := tokenServer(t), guardedBy(t, &accepted)
		h := oauthHook(t, r.URL, tokens.URL, nil)
		other := *h
		other.Client = kind
		s := newSender(t, &other, Options{})
		fifty := func() {
			var wg sync.WaitGroup
			var failed atomic.Int64
			for range 50 {
				wg.Go(func() {
					if s.Send(t.Context(), lease(testEvent)).Reason != "" {
						failed.Add(1)
					}
				})
			}
			wg.Wait()
			require.Zero(t, failed.Load())
		}
		fifty()
		require.Len(t, tokens.requests(), 1)
		accepted.Store("Bearer token-2")
		fifty()
		require.Len(t, tokens.requests(), 2, "one refresh for all that were refused")
	})
}

func TestARefusedTokenIsRenewedOnce(t *testing.T) {
	t.Parallel()
	tokens, r := tokenServer(t), newReceiver(t, answering(401, `{"error":"no token-2 here"}`))
	s := newSender(t, oauthHook(t, r.URL, tokens.URL, nil), Options{})
	result := send(t, s)
	require.Equal(t, delivery.ReasonAuth, result.Reason)
	require.Equal(t, 401, result.Status)
	require.Equal(t, `{"error":"no token-2 here"}`, string(result.Response), "short texts are no secrets")
	require.Len(t, r.requests(), 2)
	require.Equal(t, "Bearer token-1", r.requests()[0].Header.Get("Authorization"))
	require.Equal(t, "Bearer token-2", r.requests()[1].Header.Get("Authorization"))
	require.Equal(t, r.requests()[0].body, r.requests()[1].body)
	require.Len(t, tokens.requests(), 2, "then the schedule decides")
}

func TestTokensAreKeptUntilShortlyBeforeTheyExpire(t *testing.T) {
	t.Parallel()
	tokens, r := tokenServer(t), newReceiver(t, nil)
	now := testTime
	s := newSender(t, oauthHook(t, r.URL, tokens.URL, nil), Options{Now: func() time.Time { return now }})
	for _, step := range []struct {
		after time.Duration
		want  int
	}{{0, 1}, {59 * time.Second, 1}, {time.Second, 2}, {59 * time.Second, 2}, {time.Hour, 3}} {
		now = now.Add(step.after)
		requireDelivered(t, send(t, s))
		require.Len(t, tokens.requests(), step.want)
	}
}

// ON-19: without a token there is no call, but a failed attempt.
func TestWithoutATokenTheAttemptFails(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		status int
		answer string
		want   string
	}{
		"error":         {500, `boom`, "auth: no token: the token endpoint gave status 500"},
		"refusal":       {400, `{"error":"invalid_client","error_description":"s3cret:&é is wrong"}`, "auth: no token: the token endpoint gave status 400: invalid_client"},
		"odd refusal":   {401, `{"error":"s3cret:&é"}`, "auth: no token: the token endpoint gave status 401"},
		"redirect":      {302, ``, "auth: no token: the token endpoint gave status 302"},
		"no JSON":       {200, `<html>`, "auth: no token: the answer is not JSON of reasonable size"},
		"too long":      {200, `"` + strings.Repeat("a", maxTokenAnswer) + `"`, "auth: no token: the answer is not JSON of reasonable size"},
		"no token":      {200, `{"token":"x"}`, "auth: no token: the answer has no usable access_token"},
		"empty":         {200, `{"access_token":""}`, "auth: no token: the answer has no usable access_token"},
		"line break":    {200, `{"access_token":"a\r\nX-Evil: 1"}`, "auth: no token: the answer has no usable access_token"},
		"huge token":    {200, `{"access_token":"` + strings.Repeat("a", maxToken+1) + `"}`, "auth: no token: the answer has no usable access_token"},
		"another type":  {200, `{"access_token":"a","token_type":"mac"}`, "auth: no token: the token is not a bearer token"},
		"two of a name": {200, `{"access_token":"a","access_token":"b"}`, "auth: no token: the answer is not JSON of reasonable size"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tokens := newReceiver(t, func(w http.ResponseWriter, r *http.Request) {
				w.Header().Set("Retry-After", "30")
				w.Header().Set("Location", "/elsewhere")
				answering(test.status, test.answer)(w, r)
			})
			r := newReceiver(t, nil)
			result := send(t, newSender(t, oauthHook(t, r.URL, tokens.URL, nil), Options{}))
			requireFailed(t, result, delivery.ReasonAuth, test.want)
			require.Zero(t, result.Status)
			require.Empty(t, r.requests())
			require.Len(t, tokens.requests(), 1)
			if test.status != 200 {
				require.Equal(t, 30*time.Second, result.RetryAfter)
			}
		})
	}
}

func TestATokenEndpointThatCannotBeReached(t *testing.T) {
	t.Parallel()
	r := newReceiver(t, nil)
	hanging := rawReceiver(t, func(c net.Conn) { _, _ = io.Copy(io.Discard, c) })
	h := oauthHook(t, r.URL, hanging, nil)
	impatient := *h
	impatient.Timeout = 200 * time.Millisecond
	requireFailed(t, send(t, newSender(t, &impatient, Options{})), delivery.ReasonAuth,
		"auth: no token: timeout: no answer within 200ms")

	// The guard is asked about the token endpoint as well.
	tokens := tokenServer(t)
	s := newSender(t, oauthHook(t, r.URL, tokens.URL, nil), Options{Guard: transport.Egress{}.Guard})
	requireFailed(t, send(t, s), delivery.ReasonAuth, "auth: no token: egress: address in 127.0.0.0/8 (loopback) is not allowed")
	require.Empty(t, tokens.requests())
	require.Empty(t, r.requests())
}

func TestLifetimes(t *testing.T) {
	t.Parallel()
	for answer, want := range map[string]time.Duration{
		`{}`:                        defaultLifetime,
		`{"expires_in":120}`:        2 * time.Minute,
		`{"expires_in":"120"}`:      2 * time.Minute,
		`{"expires_in":0}`:          0,
		`{"expires_in":-5}`:         0,
		`{"expires_in":1e300}`:      maxLifetime,
		`{"expires_in":"NaN"}`:      defaultLifetime,
		`{"expires_in":"Infinity"}`: maxLifetime,
		`{"expires_in":null}`:       defaultLifetime,
		`{"expires_in":"soon"}`:     defaultLifetime,
	} {
		require.Equal(t, want, lifetimeOf([]byte(answer)), answer)
	}
}

func FuzzReadToken(f *testing.F) {
	f.Add([]byte(`{"access_token":"a","token_type":"bearer","expires_in":120}`))
	f.Add([]byte(`{"access_token":"\u0000","expires_in":"1e999"}`))
	f.Fuzz(func(t *testing.T, answer []byte) {
		got, failed := readToken(answer, testTime)
		if failed != nil {
			return
		}
		require.True(t, isToken(strings.TrimPrefix(got.authorization, bearerPrefix)))
		lifetime := got.expires.Sub(testTime)
		require.True(t, lifetime >= 0 && lifetime <= maxLifetime, strconv.Itoa(int(lifetime)))
	})
}

// The token endpoint is trusted and shown a certificate as the receiver is, but
// under its own name.
func TestTheTokenEndpointHasTheWebhooksCertificates(t *testing.T) {
	t.Parallel()
	authority := newAuthority(t, "ours")
	server := issue(t, authority, &x509.Certificate{IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}})
	client := issue(t, authority, &x509.Certificate{Subject: pkix.Name{CommonName: "gateway"}})
	tokens := secureReceiver(t, server, authority)
	bothClients(t, func(t *testing.T, kind webhook.Client) {
		h := hookTo(t, "https://receiver.invalid", func(w *webhook.Webhook) {
			w.Client = kind
			w.OAuth2 = &webhook.OAuth2{TokenURL: webhook.NewAddress(tokens.URL), ClientID: "id", ClientSecret: webhook.NewSecret("secret")}
			w.TLS = webhook.TLS{
				CA: authority.cert, ServerName: "receiver.example",
				ClientCertificate: client.cert, ClientKey: webhook.NewSecret(client.pem),
			}
		})
		requireFailed(t, send(t, newSender(t, h, Options{})), delivery.ReasonAuth,
			"auth: no token: the token endpoint gave status 204")
		for _, got := range tokens.requests() {
			require.Equal(t, "gateway", got.TLS.PeerCertificates[0].Subject.CommonName)
		}
	})
}
