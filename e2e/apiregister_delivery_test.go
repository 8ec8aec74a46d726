package e2e_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// What a receiver gets for a webhook that was made through the API, and what the
// API says of it: the conformance cases for OpenRegister's webhooks that are
// about deliveries. The receiver's answer is in the path: what begins with
// "bad" fails, "slow" hangs.
func TestWebhooksOfTheAPIAreDelivered(t *testing.T) {
	t.Parallel()
	answer := func(w http.ResponseWriter, c call) {
		switch {
		case strings.HasPrefix(c.URI, "/bad"):
			tells(http.StatusInternalServerError, `{"message":"boom"}`, "Content-Type: application/json")(w, c)
		case strings.HasPrefix(c.URI, "/slow"):
			<-c.Gone
		default:
			takes(w, c)
		}
	}
	atEachCounter(t, answer, func(t *testing.T, c *counter) {
		for id, run := range map[string]func(t *testing.T, c *counter){
			"OR-09": toldKeyByKey, "OR-11": signedOrNot, "OR-13": toldInAQuery, "OR-19": countedAsFailed,
			"OR-20": neverAnswered, "OR-21": firstDelays, "OR-22": onceWithoutRetries,
		} {
			t.Run(id, func(t *testing.T) { run(t, c) })
		}
	})
}

// toldKeyByKey is OR-09: OpenRegister's own payload, and its action (1.13, 8).
func toldKeyByKey(t *testing.T, c *counter) {
	uuid := "550e8400-e29b-41d4-a716-" + map[string]string{ourMount: "446655440001", seedMount: "446655440000"}[c.mount]
	h := c.made(t, "or09", `"uuid":"`+uuid+`"`)
	require.Equal(t, uuid, h.UUID)
	c.write(t, h, `{"title":"t"}`)
	got := c.calls(t, h, 1)[0]
	require.Equal(t, http.MethodPost, got.Method)
	require.Equal(t, "application/json", got.Header.Get("Content-Type"))
	require.NotEmpty(t, got.Header.Get("User-Agent"))
	require.Equal(t, []string{"event", "webhook", "data", "timestamp", "attempt"}, keysOf(t, got.Body))
	var p orPayload
	require.NoError(t, json.Unmarshal([]byte(got.Body), &p))
	require.Equal(t, createdClass, p.Event)
	require.Equal(t, map[string]string{"id": uuid, "name": h.Name}, p.Webhook)
	require.Equal(t, 1, p.Attempt)
	require.Equal(t, []string{"object", "created"}, []string{p.Data.ObjectType, p.Data.Action})
	require.JSONEq(t, `{"id":"new-1","title":"t"}`, maskID(string(p.Data.Object)))
	require.Regexp(t, `(Z|\+00:00)$`, p.Timestamp, "1.13, 33: UTC")
}

// keysOf are the names of an object's members as they are written.
func keysOf(t testing.TB, document string) (keys []string) {
	t.Helper()
	decoder := json.NewDecoder(strings.NewReader(document))
	_, err := decoder.Token()
	require.NoError(t, err)
	for decoder.More() {
		key, err := decoder.Token()
		require.NoError(t, err)
		keys = append(keys, fmt.Sprint(key))
		var value json.RawMessage
		require.NoError(t, decoder.Decode(&value))
	}
	return keys
}

// signedOrNot is OR-11: a signature over the bytes, and none without a secret.
func signedOrNot(t *testing.T, c *counter) {
	signed, plain := c.made(t, "or11", `"secret":"my-secret"`), c.made(t, "or11plain", "")
	c.write(t, signed, `{"naam":"Zoë & Noë"}`)
	c.write(t, plain, `{}`)
	got := c.calls(t, signed, 1)[0]
	require.Equal(t, hexHMAC("my-secret", got.Body), got.Header.Get("X-Webhook-Signature"))
	require.NotContains(t, c.calls(t, plain, 1)[0].Header, "X-Webhook-Signature")
}

func hexHMAC(secret, text string) string {
	mac := hmac.New(sha256.New, []byte(secret))
	_, _ = mac.Write([]byte(text))
	return hex.EncodeToString(mac.Sum(nil))
}

// toldInAQuery is OR-13: with GET the payload is in the query, behind what the
// URL has already; the signature is over the query as it is sent (1.13, 25).
func toldInAQuery(t *testing.T, c *counter) {
	h := c.made(t, "or13", `"method":"GET","secret":"k"`)
	changed := c.do(t, http.MethodPut, c.path(h, ""), fmt.Sprintf(`{"url":%q}`, h.URL+"?token=abc-not-shown"))
	require.Equal(t, http.StatusOK, changed.Status, changed.Body)
	require.NotContains(t, changed.Body, "abc-not-shown")
	c.write(t, h, `{"title":"a&b"}`)
	got := c.calls(t, h, 1)[0]
	require.Equal(t, http.MethodGet, got.Method)
	require.Empty(t, got.Body)
	u, err := url.Parse(got.URI)
	require.NoError(t, err)
	for name, want := range map[string]string{
		"token": "abc-not-shown", "event": createdClass, "webhook[id]": h.UUID, "webhook[name]": h.Name,
		"data[objectType]": "object", "data[action]": "created", "data[object][title]": "a&b", "attempt": "1",
	} {
		require.Equal(t, []string{want}, u.Query()[name], name)
	}
	require.NotEmpty(t, u.Query().Get("timestamp"))
	require.Equal(t, hexHMAC("k", u.RawQuery), got.Header.Get("X-Webhook-Signature"))
	require.NotContains(t, c.do(t, http.MethodGet, c.path(h, "/logs"), "").Body, "abc-not-shown")
}

// countedAsFailed is OR-19: an answer that is not 2xx is a failure (1.13, 12),
// kept with what was sent (1.13, 18 and 19).
func countedAsFailed(t *testing.T, c *counter) {
	h := c.made(t, "bad19", "")
	c.write(t, h, `{"title":"t"}`)
	sent := c.calls(t, h, 1)[0]
	row := c.logged(t, h, 1)[0]
	require.Equal(t, h.ID, row.WebhookID)
	require.Equal(t, sent.Body, *row.RequestBody, "byte for byte")
	require.JSONEq(t, sent.Body, string(row.Payload))
	require.Contains(t, *row.ErrorMessage, "boom")
	state := c.settled(t, h, map[string]any{"totalDeliveries": 1.0, "successfulDeliveries": 0.0, "failedDeliveries": 1.0, "retrying": 1.0})
	require.NotNil(t, state["lastTriggeredAt"])
	require.NotNil(t, state["lastFailureAt"])
	require.Nil(t, state["lastSuccessAt"])
}

// neverAnswered is OR-20: without an answer a call has failed as well and is
// tried again (1.13, 13); the client does not wait for it.
func neverAnswered(t *testing.T, c *counter) {
	refused, slow := c.made(t, "or20refused", ""), c.made(t, "slow20", `"timeout":2`)
	changed := c.do(t, http.MethodPut, c.path(refused, ""), `{"url":"http://127.0.0.1:1/"}`)
	require.Equal(t, http.StatusOK, changed.Status, changed.Body)
	c.write(t, slow, `{}`)
	rows := answered[rows](t, c.do(t, http.MethodGet, c.path(slow, "/logs"), ""), http.StatusOK)
	require.Zero(t, rows.Total, "the client had its answer before the receiver was given up")
	c.write(t, refused, `{}`)
	for reason, h := range map[string]hooked{"unreachable": refused, "timeout": slow} {
		row := c.logged(t, h, 1)[0]
		require.False(t, row.Success)
		require.Nil(t, row.StatusCode)
		require.Contains(t, *row.ErrorMessage, reason)
		require.NotNil(t, row.NextRetryAt)
		c.settled(t, h, map[string]any{"failedDeliveries": 1.0})
	}
}

// firstDelays is OR-21, as far as nobody has to wait for it; what follows is
// reckoned in the tests of the policies.
func firstDelays(t *testing.T, c *counter) {
	for policy, delay := range map[string]time.Duration{"exponential": 120 * time.Second, "linear": 300 * time.Second, "fixed": 300 * time.Second} {
		h := c.made(t, "bad21"+policy, `"retryPolicy":"`+policy+`"`)
		c.write(t, h, `{}`)
		row := c.logged(t, h, 1)[0]
		require.WithinDuration(t, row.Created.Add(delay), *row.NextRetryAt, delay/5+5*time.Second, policy)
	}
}

// onceWithoutRetries is the end of OR-22, with what is left of the event.
func onceWithoutRetries(t *testing.T, c *counter) {
	h := c.made(t, "bad22", `"maxRetries":0`)
	c.write(t, h, `{}`)
	require.Nil(t, c.logged(t, h, 1)[0].NextRetryAt)
	c.settled(t, h, map[string]any{"deadLetters": 1.0, "pending": 0.0})
}

// settled waits until the API shows so much of a webhook.
func (c *counter) settled(t testing.TB, h hooked, want map[string]any) (all map[string]any) {
	t.Helper()
	var shown map[string]any
	for began := time.Now(); time.Since(began) < 20*time.Second; time.Sleep(20 * time.Millisecond) {
		all, shown = answered[map[string]any](t, c.do(t, http.MethodGet, c.path(h, ""), ""), http.StatusOK), map[string]any{}
		for name := range want {
			shown[name] = all[name]
		}
		if maps.Equal(shown, want) {
			return all
		}
	}
	require.Equal(t, want, shown)
	return all
}
