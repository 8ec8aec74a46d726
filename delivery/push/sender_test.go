package push

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"
	"github.com/stretchr/testify/require"
	svix "github.com/svix/svix-webhooks/go"

	"github.com/voorpoort/voorpoort/delivery"
	"github.com/voorpoort/voorpoort/webhook"
)

func TestWhatIsSent(t *testing.T) {
	t.Parallel()
	for _, client := range []webhook.Client{webhook.ClientVoorpoort, webhook.ClientNetHTTP} {
		r := newReceiver(t, nil)
		h := hookTo(t, r.URL+"/in?a=b", func(w *webhook.Webhook) {
			w.Client = client
			w.Headers = []webhook.Header{
				{Name: "Authorization", Value: webhook.NewSecret("Bearer t")},
				{Name: "x-custom-header", Value: webhook.NewSecret("value")},
			}
		})
		requireDelivered(t, send(t, newSender(t, h, Options{Origin: "gateway.example", UserAgent: "Voorpoort/1.0"})))

		got := r.only(t)
		require.Equal(t, testEvent, string(got.body), "byte for byte what was stored")
		require.Equal(t, "POST /in?a=b HTTP/1.1", got.Method+" "+got.URL.String()+" "+got.Proto)
		require.Equal(t, http.Header{
			"Accept":                 {"application/json, */*;q=0.5"},
			"Authorization":          {"Bearer t"},
			"Content-Length":         {got.Header.Get("Content-Length")},
			"Content-Type":           {"application/cloudevents+json"},
			"User-Agent":             {"Voorpoort/1.0"},
			"Webhook-Request-Origin": {"gateway.example"},
			"X-Custom-Header":        {"value"},
		}, got.Header, "and nothing else: no signature without a secret, no encoding asked for")
	}
}

func TestMethodsAndAUserAgentOfOnesOwn(t *testing.T) {
	t.Parallel()
	for _, method := range []string{"POST", "PUT", "PATCH", "DELETE"} {
		r := newReceiver(t, nil)
		h := hookTo(t, r.URL, func(w *webhook.Webhook) {
			w.Method = method
			w.Headers = []webhook.Header{{Name: "User-Agent", Value: webhook.NewSecret("mine")}}
		})
		requireDelivered(t, send(t, newSender(t, h, Options{})))
		require.Equal(t, method, r.only(t).Method)
		require.Equal(t, testEvent, string(r.only(t).body))
		require.Equal(t, []string{"mine"}, r.only(t).Header["User-Agent"])
	}
}

const (
	firstKey  = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
	secondKey = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD"
)

// Three attempts are verified with the libraries of Standard Webhooks and Svix: the id
// stays, the time moves, both keys fit.
func TestStandardWebhooksSignature(t *testing.T) {
	t.Parallel()
	for _, format := range []webhook.Format{
		webhook.FormatCloudEvents, webhook.FormatBinary, webhook.FormatBatch,
		webhook.FormatOpenRegister, webhook.FormatOpenRegisterCloudEvent,
	} {
		r := newReceiver(t, nil)
		h := hookTo(t, r.URL, func(w *webhook.Webhook) {
			w.EventFormat = format
			w.Secrets = []webhook.Secret{webhook.NewSecret(firstKey), webhook.NewSecret(secondKey)}
		})
		now := time.Now()
		s := newSender(t, h, Options{Now: func() time.Time { return now }})
		for range 3 {
			requireDelivered(t, send(t, s))
			now = now.Add(-time.Second)
		}
		times := map[string]bool{}
		for _, got := range r.requests() {
			for _, key := range []string{firstKey, secondKey} {
				verifier, err := standardwebhooks.NewWebhook(key)
				require.NoError(t, err)
				require.NoError(t, verifier.Verify(got.body, got.Header), format)
				require.Error(t, verifier.Verify(append(got.body, ' '), got.Header))
				other, err := svix.NewWebhook(key)
				require.NoError(t, err)
				require.NoError(t, other.Verify(got.body, got.Header), format)
				require.Error(t, other.Verify(append(got.body, ' '), got.Header))
			}
			require.Equal(t, "msg_"+testID, got.Header.Get("Webhook-Id"))
			require.Len(t, strings.Fields(got.Header.Get("Webhook-Signature")), 2)
			times[got.Header.Get("Webhook-Timestamp")] = true
		}
		require.Len(t, times, 3)
	}
}

// OR-11, and seed 003's form of the same: hex over the bytes that are sent.
func TestHexSignatures(t *testing.T) {
	t.Parallel()
	for _, format := range []webhook.Format{
		webhook.FormatCloudEvents, webhook.FormatBinary, webhook.FormatOpenRegister, webhook.FormatOpenRegisterCloudEvent,
	} {
		r := newReceiver(t, nil)
		h := hookTo(t, r.URL, func(w *webhook.Webhook) {
			w.EventFormat = format
			w.Secrets = []webhook.Secret{webhook.NewSecret("your-secret"), webhook.NewSecret("the one before")}
			w.Signatures = []webhook.Scheme{webhook.OpenRegister, webhook.SHA256}
		})
		requireDelivered(t, send(t, newSender(t, h, Options{})))
		got := r.only(t)
		want := opensslHMAC(t, "your-secret", got.body)
		require.Equal(t, want, got.Header.Get("X-Webhook-Signature"), format)
		require.Equal(t, "sha256="+want, got.Header.Get("X-Signature"))
	}
}

// The fourth row of the table of known signatures: a whole standard payload.
func TestKnownSignatureOfAStandardPayload(t *testing.T) {
	t.Parallel()
	r := newReceiver(t, nil)
	h := hookTo(t, r.URL, func(w *webhook.Webhook) {
		w.EventFormat = webhook.FormatOpenRegister
		w.Secrets = []webhook.Secret{webhook.NewSecret("your-secret")}
	})
	s := newSender(t, h, Options{Now: testClock})
	requireDelivered(t, s.Send(t.Context(), lease(`{"data":{"objectType":"object","action":"created"}}`)))
	got := r.only(t)
	require.Equal(t, "application/json", got.Header.Get("Content-Type"))
	require.Equal(t, "4ebc3566d667f6bf79734676d450f9ab88e8f88ba03e4b038cc766a668d730d7", got.Header.Get("X-Webhook-Signature"))
}

// OR-13: everything is in the query, behind what was there, and signed as it is
// sent.
func TestGET(t *testing.T) {
	t.Parallel()
	for _, target := range []string{"/hook?token=abc", "/hook"} {
		r := newReceiver(t, answering(http.StatusTeapot, ""))
		h := hookTo(t, r.URL+target, func(w *webhook.Webhook) {
			w.Method, w.EventFormat = http.MethodGet, webhook.FormatOpenRegister
			w.Secrets = []webhook.Secret{webhook.NewSecret("my-secret")}
		})
		result := newSender(t, h, Options{Now: testClock}).Send(t.Context(), lease(testEvent))

		got := r.only(t)
		require.Equal(t, http.MethodGet, got.Method)
		require.Empty(t, got.body)
		require.Empty(t, got.Header["Content-Type"])
		values := url.Values{
			"event": {testClass}, "webhook[id]": {testUUID}, "webhook[name]": {"My Webhook"},
			"data[objectType]": {"object"}, "data[action]": {"created"},
			"data[object][id]": {"abc-123"}, "data[object][n]": {"12345678901234567890"}, "data[object][t]": {"<é & €>"},
			"timestamp": {"2025-11-20T20:00:00+00:00"}, "attempt": {"1"},
		}
		if strings.Contains(target, "?") {
			require.True(t, strings.HasPrefix(got.URL.RawQuery, "token=abc&event="))
			values.Set("token", "abc")
		}
		require.Equal(t, values, got.URL.Query())
		require.Equal(t, opensslHMAC(t, "my-secret", []byte(got.URL.RawQuery)), got.Header.Get("X-Webhook-Signature"))
		require.NotContains(t, string(result.Request), "token", "the log has what was added only")
		require.True(t, strings.HasSuffix(got.URL.RawQuery, string(result.Request)))
		require.Equal(t, r.URL+"/hook", result.URL)
		require.Equal(t, target, h.URL.RequestURI(), "the hook is not changed")
	}
}

func TestAttemptAndWebhookWithoutUUID(t *testing.T) {
	t.Parallel()
	r := newReceiver(t, nil)
	h := hookTo(t, r.URL, func(w *webhook.Webhook) { w.UUID, w.EventFormat = "", webhook.FormatOpenRegister })
	leases := lease(testEvent)
	leases[0].Attempt = 7
	requireDelivered(t, newSender(t, h, Options{}).Send(t.Context(), leases))
	require.Contains(t, string(r.only(t).body), `"webhook":{"id":"My Webhook","name":"My Webhook"}`)
	require.Contains(t, string(r.only(t).body), `"attempt":7}`)
}

func TestWhatCannotBeSent(t *testing.T) {
	t.Parallel()
	r := newReceiver(t, nil)
	for name, test := range map[string]struct {
		format webhook.Format
		method string
		leases []delivery.Lease
		want   string
	}{
		"nothing":            {leases: nil, want: "format: there is no message to send"},
		"two":                {leases: append(lease(testEvent), lease(testEvent)...), want: "format: the format takes one message in a call"},
		"no event":           {leases: lease(`[]`), want: "format: the stored event is not a JSON object"},
		"no event in binary": {format: webhook.FormatBinary, leases: lease(`[]`), want: "format: the stored event is not a JSON object"},
		"one of a batch":     {format: webhook.FormatBatch, leases: append(lease(testEvent), lease(``)...), want: "format: the stored event is not a JSON object"},
		"too long for a query": {
			format: webhook.FormatOpenRegister, method: http.MethodGet, leases: lease(`{"data":"` + strings.Repeat("a", maxQuery) + `"}`),
			want: "format: the query would be longer than 65536 bytes",
		},
	} {
		h := hookTo(t, r.URL, func(w *webhook.Webhook) { w.EventFormat, w.Method = test.format, test.method })
		result := newSender(t, h, Options{}).Send(t.Context(), test.leases)
		require.True(t, result.Unsendable, name)
		require.Equal(t, delivery.ReasonFormat, result.Reason)
		require.Equal(t, test.want, result.Error)
		require.Zero(t, result.Status)
	}
	require.Empty(t, r.requests())
}

func TestNewRefusesWhatCannotBe(t *testing.T) {
	t.Parallel()
	other := *hookTo(t, "http://hooks.example", nil)
	other.Method = http.MethodGet
	_, err := New(&other, Options{})
	require.ErrorIs(t, err, errMethod)

	for _, target := range []string{"", "ftp://a/b", "https://", "https://user:hunter2@a/", "https://a/#x", ":%"} {
		other := *hookTo(t, "http://hooks.example", nil)
		other.OAuth2 = &webhook.OAuth2{TokenURL: webhook.NewAddress(target), ClientID: "id"}
		_, err := New(&other, Options{})
		require.ErrorIs(t, err, errTokenURL, target)
		require.NotContains(t, err.Error(), "hunter2")
	}
}

// A buffer that is used again must not be one that somebody still reads.
func TestConcurrentCallsDoNotShareBytes(t *testing.T) {
	t.Parallel()
	for _, client := range []webhook.Client{webhook.ClientVoorpoort, webhook.ClientNetHTTP} {
		r := newReceiver(t, func(w http.ResponseWriter, r *http.Request) {
			if strings.HasPrefix(r.Header.Get("Webhook-Id"), "msg_bad") {
				w.WriteHeader(http.StatusBadRequest)
			}
		})
		h := hookTo(t, r.URL, func(w *webhook.Webhook) {
			w.Client, w.EventFormat = client, webhook.FormatOpenRegister
			w.Secrets = []webhook.Secret{webhook.NewSecret(firstKey)}
		})
		s := newSender(t, h, Options{})
		type sent struct {
			mark    string
			request []byte
		}
		var mu sync.Mutex
		var failures []sent
		var workers sync.WaitGroup
		for worker := range 10 {
			workers.Go(func() {
				for n := range 20 {
					mark := string(rune('a'+worker)) + strings.Repeat("x", n*50)
					leases := lease(`{"data":"` + mark + `"}`)
					if n%2 == 0 {
						leases[0].Message.ID = "bad"
					}
					if result := s.Send(context.Background(), leases); result.Reason != "" {
						mu.Lock()
						failures = append(failures, sent{mark, result.Request})
						mu.Unlock()
					}
				}
			})
		}
		workers.Wait()
		require.Len(t, failures, 100)
		for _, failure := range failures {
			require.Contains(t, string(failure.request), `"data":"`+failure.mark+`"`)
		}
		verifier, err := standardwebhooks.NewWebhook(firstKey)
		require.NoError(t, err)
		require.Len(t, r.requests(), 200)
		for _, got := range r.requests() {
			require.NoError(t, verifier.Verify(got.body, got.Header))
		}
	}
}

func TestASenderThatIsClosedStillSends(t *testing.T) {
	t.Parallel()
	r := newReceiver(t, nil)
	s := newSender(t, hookTo(t, r.URL, nil), Options{})
	requireDelivered(t, send(t, s))
	s.Close()
	requireDelivered(t, send(t, s))
	s.Close()
}
