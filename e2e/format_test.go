package e2e_test

import (
	"encoding/base64"
	"net/http"
	"strings"
	"sync"
	"testing"

	cloudevents "github.com/cloudevents/sdk-go/v2/event"
	cehttp "github.com/cloudevents/sdk-go/v2/protocol/http"
	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"
	"github.com/stretchr/testify/require"
	svix "github.com/svix/svix-webhooks/go"

	"github.com/voorpoort/voorpoort/delivery"
)

// TestOthersReadTheFormats: the SDK of CloudEvents and the library of Standard
// Webhooks, on what the gateway really sends.
func TestOthersReadTheFormats(t *testing.T) {
	t.Parallel()
	follow(t, func() []conduct { return []conduct{inModes(), inBatches(), asOpenRegister(), signed()} })
}

// request is a call as the receiver's libraries want it.
func (c call) request(t testing.TB) *http.Request {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), c.Method, "http://receiver"+c.URI, strings.NewReader(c.Body))
	require.NoError(t, err)
	r.Header = c.Header
	return r
}

// requireEvent checks what the SDK has read.
func requireEvent(t testing.TB, e *cloudevents.Event, id, subject, object string) {
	t.Helper()
	require.NoError(t, e.Validate())
	require.Equal(t, id, e.ID())
	require.Equal(t, "object.created", e.Type())
	require.Equal(t, "/apps/openregister", e.Source())
	require.Equal(t, subject, e.Subject())
	require.Equal(t, "application/json", e.DataContentType())
	require.Contains(t, string(e.Data()), `"object":`+object)
}

// inModes: structured and binary.
func inModes() conduct {
	return conduct{
		id:            "modes",
		subscriptions: []subscription{{name: "structured"}, {name: "binary", options: "format cloudevents-binary"}},
		run: func(t *testing.T, d *depot) {
			t.Helper()
			for _, name := range []string{"structured", "binary"} {
				got := d.create(t, name, `{"naam":"Zoë \u2028"}`)
				c := d.told(t, name, 1)[0]
				e, err := cehttp.NewEventFromHTTPRequest(c.request(t))
				require.NoError(t, err)
				requireEvent(t, e, got.ids()[0], "object:pets/"+name+"/"+idOf(t, got), got.Body)
				require.Equal(t, name == "binary", c.Header.Get("Ce-Id") != "")
			}
			require.Equal(t, "application/cloudevents+json", d.told(t, "structured", 1)[0].Header.Get("Content-Type"))
			require.Equal(t, "application/json", d.told(t, "binary", 1)[0].Header.Get("Content-Type"))
		},
	}
}

// idOf is the id that the register gave.
func idOf(t testing.TB, a answer) string {
	t.Helper()
	_, rest, _ := strings.Cut(a.Body, `"id":"`)
	id, _, found := strings.Cut(rest, `"`)
	require.True(t, found, a.Body)
	return id
}

// inBatches: what has come together while a call was under way goes in one.
func inBatches() conduct {
	inside, freed := make(chan struct{}), make(chan struct{})
	entered := sync.OnceFunc(func() { close(inside) })
	return conduct{
		id: "batches",
		subscriptions: []subscription{{name: "batch", options: "format cloudevents-batch;batch 4;concurrency 1", answer: func(w http.ResponseWriter, c call) {
			entered()
			select {
			case <-freed:
			case <-c.Gone:
			}
			takes(w, c)
		}}},
		run: func(t *testing.T, d *depot) {
			t.Helper()
			want := map[string]answer{}
			add := func() {
				got := d.create(t, "batch", `{}`)
				want[got.ids()[0]] = got
			}
			add()
			<-inside
			for range 5 {
				add()
			}
			close(freed)
			for i, c := range d.told(t, "batch", 3) {
				require.Equal(t, "application/cloudevents-batch+json", c.Header.Get("Content-Type"))
				events, err := cehttp.NewEventsFromHTTPRequest(c.request(t))
				require.NoError(t, err)
				require.Len(t, events, []int{1, 4, 1}[i])
				for _, e := range events {
					got, ok := want[e.ID()]
					require.True(t, ok, "an event that was told twice or that nobody wrote")
					delete(want, e.ID())
					requireEvent(t, &e, e.ID(), "object:pets/batch/"+idOf(t, got), got.Body)
				}
			}
			require.Empty(t, want)
		},
		kept: func(t *testing.T, store delivery.Store) {
			t.Helper()
			require.Len(t, attempts(t, store, "batch"), 6, "each event has a row")
		},
	}
}

// asOpenRegister: the CloudEvent that OpenRegister makes.
func asOpenRegister() conduct {
	return conduct{
		id: "OpenRegister's event",
		subscriptions: []subscription{
			{name: "orevent", options: "format openregister-cloudevent"},
			{name: "orevent-json", json: `"name":"orevent-json","configuration":{"useCloudEvents":true,"cloudEventSource":"/elders"}`},
		},
		run: func(t *testing.T, d *depot) {
			t.Helper()
			for name, source := range map[string]string{"orevent": "/apps/openregister", "orevent-json": "/elders"} {
				got := d.create(t, name, `{}`)
				c := d.told(t, name, 1)[0]
				require.Equal(t, "application/json", c.Header.Get("Content-Type"), "as OpenRegister sends it")
				f := c.fact(t)
				require.Equal(t, got.ids()[0], f.ID)
				require.Equal(t, source, f.Source)
				require.Contains(t, c.Body, `"openregister":{"app":"openregister"`)
				require.Contains(t, c.Body, `"attempt":1`)
			}
		},
	}
}

// signed: verified by the library, over the bytes that came, with the event's id.
func signed() conduct {
	current := "whsec_" + base64.StdEncoding.EncodeToString([]byte("de sleutel van vandaag, 32 bytes"))
	previous := "whsec_" + base64.StdEncoding.EncodeToString([]byte("de sleutel van gisteren, 32 byte"))
	formats := []string{"cloudevents", "cloudevents-binary", "cloudevents-batch", "openregister"}
	c := conduct{id: "signatures"}
	for _, format := range formats {
		c.subscriptions = append(c.subscriptions, subscription{
			name: "signed-" + format, options: "secret " + current + " " + previous + ";format " + format,
		})
	}
	c.run = func(t *testing.T, d *depot) {
		t.Helper()
		for _, format := range formats {
			got := d.create(t, "signed-"+format, `{"naam":"Zoë"}`)
			c := d.told(t, "signed-"+format, 1)[0]
			for _, secret := range []string{current, previous} {
				library, err := standardwebhooks.NewWebhook(secret)
				require.NoError(t, err)
				require.NoError(t, library.Verify([]byte(c.Body), c.Header), format)
				require.Error(t, library.Verify([]byte(c.Body+" "), c.Header), format)
				other, err := svix.NewWebhook(secret)
				require.NoError(t, err)
				require.NoError(t, other.Verify([]byte(c.Body), c.Header), format)
			}
			require.Empty(t, c.Header.Get("X-Webhook-Signature"))
			if format != "cloudevents-batch" {
				require.Equal(t, "msg_"+got.ids()[0], c.Header.Get("Webhook-Id"), format)
			}
		}
	}
	return c
}
