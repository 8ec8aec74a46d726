package e2e_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"net/url"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/voorpoort/voorpoort/delivery"
)

// The conformance cases for webhooks as OpenRegister documents them, as far as
// they are about what happens after a write. Where a case speaks of log rows or
// statistics these are read from the store after the gateway has stopped.
func TestOpenRegisterDeliveries(t *testing.T) {
	t.Parallel()
	follow(t, func() []conduct {
		return []conduct{or09(), or10After(), or11(), or12(), or13(), or18(), or19(), or20(), or23(), or30Async()}
	})
}

const (
	createdClass = `OCA\OpenRegister\Event\ObjectCreatedEvent`
	seedUUID     = "550e8400-e29b-41d4-a716-446655440000"
)

// orPayload is OpenRegister's own payload.
type orPayload struct {
	Event     string            `json:"event"`
	Webhook   map[string]string `json:"webhook"`
	Data      factData          `json:"data"`
	Timestamp string            `json:"timestamp"`
	Attempt   int               `json:"attempt"`
}

// or09: the payload, key by key.
func or09() conduct {
	return conduct{
		id: "OR-09",
		subscriptions: []subscription{{name: "or09", json: `"uuid":"` + seedUUID + `","name":"My Webhook","format":"openregister",` +
			`"events":["OCA\\OpenRegister\\Event\\ObjectCreatedEvent"]`}},
		run: func(t *testing.T, d *depot) {
			t.Helper()
			before := time.Now().Truncate(time.Second)
			require.JSONEq(t, `{"id":"new-1","title":"t"}`, maskID(d.create(t, "or09", `{"title":"t"}`).Body))
			c := d.told(t, "or09", 1)[0]
			require.Equal(t, http.MethodPost, c.Method)
			require.Equal(t, "application/json", c.Header.Get("Content-Type"))
			require.NotEmpty(t, c.Header.Get("User-Agent"))
			var keys map[string]json.RawMessage
			require.NoError(t, json.Unmarshal([]byte(c.Body), &keys))
			require.Len(t, keys, 5, c.Body)
			var p orPayload
			require.NoError(t, json.Unmarshal([]byte(c.Body), &p))
			require.Equal(t, createdClass, p.Event)
			require.Equal(t, map[string]string{"id": seedUUID, "name": "My Webhook"}, p.Webhook)
			require.Equal(t, 1, p.Attempt)
			require.Equal(t, "object", p.Data.ObjectType)
			require.Equal(t, "created", p.Data.Action)
			require.JSONEq(t, `{"id":"new-1","title":"t"}`, maskID(string(p.Data.Object)))
			at, err := time.Parse(time.RFC3339, p.Timestamp)
			require.NoError(t, err)
			require.WithinRange(t, at, before, time.Now())
		},
		kept: func(t *testing.T, store delivery.Store) {
			t.Helper()
			require.Len(t, attempts(t, store, seedUUID), 1, "the queue has the name of the UUID")
		},
	}
}

// maskID makes the id that the shelf has given to an object one that is known.
func maskID(body string) string {
	var object map[string]any
	if json.Unmarshal([]byte(body), &object) != nil {
		return body
	}
	object["id"] = "new-1"
	masked, _ := json.Marshal(object) // of what json has read
	return string(masked)
}

// or10After: a write that the register refuses, or never hears of, is not told.
func or10After() conduct {
	return conduct{
		id:            "OR-10",
		subscriptions: []subscription{{name: "or10", options: "events object.*"}},
		run: func(t *testing.T, d *depot) {
			t.Helper()
			for _, status := range []int{400, 403, 409, 422, 500} {
				got := insist(t, http.MethodPost, d.URL+objectsOf("or10"), `{}`, "X-Play: status-"+strconv.Itoa(status))
				require.Equal(t, status, got.Status)
				require.Equal(t, `{"message":"not done"}`, got.Body, "the register's own words")
				require.Empty(t, got.Header.Get("Voorpoort-Event-Id"))
			}
		},
		kept: func(t *testing.T, store delivery.Store) {
			t.Helper()
			require.Empty(t, kept(t, store, "or10"))
		},
	}
}

// or11: the signature is over the bytes that were sent.
func or11() conduct {
	return conduct{
		id: "OR-11",
		subscriptions: []subscription{
			{name: "or11", options: "secret my-secret;format openregister"},
			{name: "or11-none", options: "format openregister"},
		},
		run: func(t *testing.T, d *depot) {
			t.Helper()
			d.create(t, "or11", `{"naam":"Zoë"}`)
			c := d.told(t, "or11", 1)[0]
			mac := hmac.New(sha256.New, []byte("my-secret"))
			mac.Write([]byte(c.Body))
			require.Equal(t, hex.EncodeToString(mac.Sum(nil)), c.Header.Get("X-Webhook-Signature"))
			d.create(t, "or11-none", `{}`)
			require.NotContains(t, d.told(t, "or11-none", 1)[0].Header, "X-Webhook-Signature")
		},
	}
}

// or12: headers of the webhook's own.
func or12() conduct {
	return conduct{
		id:            "OR-12",
		subscriptions: []subscription{{name: "or12", options: `header Authorization "Bearer t";header X-Custom-Header value`}},
		run: func(t *testing.T, d *depot) {
			t.Helper()
			d.create(t, "or12", `{}`, "Authorization: Bearer of-the-client", "X-Custom-Header: of-the-client")
			c := d.told(t, "or12", 1)[0]
			require.Equal(t, []string{"Bearer t"}, c.Header.Values("Authorization"))
			require.Equal(t, []string{"value"}, c.Header.Values("X-Custom-Header"))
		},
	}
}

// or13: a webhook with GET has the payload in its query, beside what is there.
func or13() conduct {
	return conduct{
		id: "OR-13",
		subscriptions: []subscription{{
			name: "or13", url: "{receiver}/or13?token=abc", options: "method GET;format openregister",
		}},
		run: func(t *testing.T, d *depot) {
			t.Helper()
			d.create(t, "or13", `{"title":"a&b"}`)
			c := d.told(t, "or13", 1)[0]
			require.Equal(t, http.MethodGet, c.Method)
			require.Empty(t, c.Body)
			u, err := url.Parse(c.URI)
			require.NoError(t, err)
			query := u.Query()
			for name, want := range map[string]string{
				"token": "abc", "event": createdClass, "webhook[name]": "or13", "data[objectType]": "object",
				"data[action]": "created", "data[object][title]": "a&b", "attempt": "1",
			} {
				require.Equal(t, []string{want}, query[name], name)
			}
			require.NotEmpty(t, query.Get("webhook[id]"))
			_, err = time.Parse(time.RFC3339, query.Get("timestamp"))
			require.NoError(t, err)
		},
	}
}

// or18: a webhook that is disabled is not called and has no rows. Its events are
// kept, to be replayed one day.
func or18() conduct {
	return conduct{
		id:            "OR-18",
		subscriptions: []subscription{{name: "or18", options: "enabled off"}},
		run: func(t *testing.T, d *depot) {
			t.Helper()
			got := d.create(t, "or18", `{}`)
			require.NotEmpty(t, got.Header.Get("Voorpoort-Event-Id"))
		},
		kept: func(t *testing.T, store delivery.Store) {
			t.Helper()
			require.Empty(t, attempts(t, store, "or18"))
			all := kept(t, store, "or18")
			require.Len(t, all, 1)
			require.Equal(t, delivery.Skipped, all[0].State)
			require.Equal(t, "object.created", all[0].Message.Type)
		},
	}
}

// or19: a failed delivery is a failure in the log, with all that a person needs,
// and none of the client's business.
func or19() conduct {
	var sent string
	return conduct{
		id: "OR-19",
		subscriptions: []subscription{{
			name: "or19", options: "format openregister;retry exponential 3",
			answer: tells(500, `{"message":"boom"}`, "Content-Type: application/json"),
		}},
		run: func(t *testing.T, d *depot) {
			t.Helper()
			d.create(t, "or19", `{"title":"t"}`)
			sent = d.told(t, "or19", 1)[0].Body
			l := d.awaitFailures(t, "or19", 1)[0]
			require.Equal(t, "warn", l.Level)
			require.Equal(t, 1, l.Attempt)
			require.Equal(t, 500, l.Status)
			require.False(t, l.Dead)
			requireDue(t, 120*time.Second, l)
		},
		kept: func(t *testing.T, store delivery.Store) {
			t.Helper()
			row := attempts(t, store, "or19")[0]
			require.False(t, row.Success)
			require.Equal(t, 500, row.Status)
			require.Equal(t, 1, row.Number)
			require.Contains(t, row.Error+string(row.Response), "boom")
			require.Equal(t, sent, string(row.Request))
			require.WithinDuration(t, row.Time.Add(126*time.Second), row.Next, 8*time.Second)
			stats, err := store.Stats(t.Context(), "or19")
			require.NoError(t, err)
			require.EqualValues(t, 1, stats.Total)
			require.EqualValues(t, 1, stats.Failed)
			require.EqualValues(t, 1, stats.Retrying)
			require.False(t, stats.LastFailure.IsZero())
			require.True(t, stats.LastSuccess.IsZero())
		},
	}
}

// or20: no answer at all is a failure that is tried again, and the client does
// not wait for it.
func or20() conduct {
	outcomes := map[string]string{"or20-refused": "unreachable", "or20-name": "unreachable", "or20-timeout": "timeout", "or20-broken": "broken"}
	return conduct{
		id: "OR-20",
		subscriptions: []subscription{
			{name: "or20-refused", url: "http://127.0.0.1:1/"},
			{name: "or20-name", url: "http://does-not-exist.invalid/"},
			{name: "or20-timeout", options: "timeout 1s", answer: func(_ http.ResponseWriter, c call) { <-c.Gone }},
			{name: "or20-broken", answer: func(http.ResponseWriter, call) { panic(http.ErrAbortHandler) }},
		},
		run: func(t *testing.T, d *depot) {
			t.Helper()
			for name := range outcomes {
				d.create(t, name, `{}`)
				require.Empty(t, d.failures("or20-timeout"), "the client has waited for the receiver")
			}
			for name, outcome := range outcomes {
				l := d.awaitFailures(t, name, 1)[0]
				require.Equal(t, outcome, l.Outcome, name)
				require.Zero(t, l.Status, name)
				requireDue(t, 120*time.Second, l)
			}
		},
		kept: func(t *testing.T, store delivery.Store) {
			t.Helper()
			for name := range outcomes {
				rows := attempts(t, store, name)
				require.Len(t, rows, 1, name)
				require.False(t, rows[0].Success)
				require.Zero(t, rows[0].Status)
				require.False(t, rows[0].Next.IsZero())
			}
		},
	}
}

// or23: without retries one attempt is all, however that is said.
func or23() conduct {
	once := map[string]subscription{
		"or23-words":   {options: "retry off"},
		"or23-zero":    {options: "retry exponential 0"},
		"or23-json":    {json: `"name":"or23-json","configuration":{"enableRetries":false}`},
		"or23-retries": {json: `"name":"or23-retries","maxRetries":0`},
	}
	c := conduct{id: "OR-23"}
	for name, s := range once {
		s.name, s.answer = name, tells(500, "")
		c.subscriptions = append(c.subscriptions, s)
	}
	c.run = func(t *testing.T, d *depot) {
		t.Helper()
		for name := range once {
			d.create(t, name, `{}`)
			l := d.awaitFailures(t, name, 1)[0]
			require.True(t, l.Dead, name)
			require.Equal(t, "error", l.Level, name)
			require.Zero(t, l.Next, name)
		}
	}
	c.kept = func(t *testing.T, store delivery.Store) {
		t.Helper()
		for name := range once {
			require.Len(t, attempts(t, store, name), 1, name)
			require.True(t, attempts(t, store, name)[0].Next.IsZero(), name)
			require.Equal(t, delivery.Dead, kept(t, store, name)[0].State, name)
		}
	}
	return c
}

// or30Async: an interceptor that nobody waits for is told of the event before
// the write through the queue.
func or30Async() conduct {
	release := make(chan struct{})
	return conduct{
		id: "OR-30 async",
		subscriptions: []subscription{
			{name: "or30-async", options: "intercept;async", answer: func(w http.ResponseWriter, c call) {
				select {
				case <-release:
				case <-c.Gone:
				}
				w.WriteHeader(http.StatusInternalServerError)
			}},
			{name: "or30-async-json", json: `"name":"or30-async-json","configuration":{"interceptRequests":true,"async":true}`},
		},
		run: func(t *testing.T, d *depot) {
			t.Helper()
			d.create(t, "or30-async", `{"title":"t"}`)
			require.Empty(t, d.failures("or30-async"), "the client has not waited for the answer")
			require.Len(t, d.shelf.writes(objectsOf("or30-async")), 1)
			f := d.told(t, "or30-async", 1)[0].fact(t)
			require.Equal(t, "object.creating", f.Type)
			close(release)
			requireDue(t, 120*time.Second, d.awaitFailures(t, "or30-async", 1)[0])
			require.Len(t, d.told(t, "or30-async", 1), 1)

			d.create(t, "or30-async-json", `{"title":"t"}`)
			var e cloudEvent
			require.NoError(t, json.Unmarshal([]byte(d.told(t, "or30-async-json", 1)[0].Body), &e))
			require.JSONEq(t, `{"title":"t"}`, string(e.Data.Body))
			require.Equal(t, "object:pets/or30-async-json", e.Subject)
		},
	}
}
