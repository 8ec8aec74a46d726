package webhook

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/voorpoort/voorpoort/event"
)

// The examples of seed 002 that intercept, pasted unchanged.
const (
	seedFelix = `{
"name": "Felix Cat Validation",
"url": "http://n8n:5678/webhook/felix-validation",
"method": "POST",
"events": ["OCA\\OpenRegister\\Event\\ObjectCreatingEvent"],
"filters": {
"objectType": "object",
"schema": "pet-store-cat-schema",
"data.@self.name": "Felix"
},
"enabled": true,
"configuration": {
"interceptRequests": true,
"async": false,
"processResponse": true,
"responseProcessing": {
"mergeStrategy": "merge"
}
}
}`
	seedRequestValidator = `{
"name": "Request Validator",
"url": "https://my-service.com/validate",
"method": "POST",
"events": ["OCA\\OpenRegister\\Event\\ObjectCreatingEvent"],
"enabled": true,
"configuration": {
"interceptRequests": true,
"async": false,
"processResponse": true,
"responseProcessing": {
"mergeStrategy": "merge",
"fieldMapping": {
"validatedData": "data",
"enrichedFields": "@self"
}
}
}
}`
	seedValidation = `{
"name": "Validation Webhook",
"url": "https://validator.example.com/validate",
"configuration": {
"interceptRequests": true,
"async": false,
"processResponse": true,
"responseProcessing": {
"mergeStrategy": "merge"
}
}
}`
	seedNotification = `{
"name": "Notification Webhook",
"url": "https://notifier.example.com/notify",
"configuration": {
"interceptRequests": true,
"async": true,
"processResponse": false
}
}`
	seedMyWebhook = `{
"name": "My Webhook",
"url": "https://my-server.com/webhook",
"method": "POST",
"events": [
"OCA\\OpenRegister\\Event\\ObjectCreatedEvent",
"OCA\\OpenRegister\\Event\\ObjectUpdatedEvent"
],
"enabled": true,
"timeout": 30,
"maxRetries": 3,
"retryPolicy": "exponential"
}`
)

func seedHook(t *testing.T, document string) *Hook {
	t.Helper()
	w, err := Parse([]byte(document))
	require.NoError(t, err)
	return compile(t, w)
}

func TestSeedFelix(t *testing.T) {
	t.Parallel()
	h := seedHook(t, seedFelix)
	require.Equal(t, "Felix Cat Validation", h.Name)
	require.Equal(t, "http://n8n:5678/webhook/felix-validation", h.URL.String())
	require.True(t, h.ProcessResponse)
	require.Equal(t, Merge, h.Strategy)

	require.True(t, accepts(h, event.Type{Name: "object.creating", Class: `OCA\OpenRegister\Event\ObjectCreatingEvent`}))
	require.False(t, accepts(h, event.Type{Name: "object.updating", Class: `OCA\OpenRegister\Event\ObjectUpdatingEvent`}))

	for body, want := range map[string]bool{
		`{"@self":{"name":"Felix"}}`: true,
		`{"@self":{"name":"Tom"}}`:   false,
		`{"@self":{}}`:               false,
		`{"name":"Felix"}`:           false,
		``:                           false,
	} {
		got, err := h.Matches(catEvent(t, body), []byte(body))
		require.NoError(t, err)
		require.Equal(t, want, got, body)
	}
}

// TestSeedDefaults are the defaults of seed 002 and of this gateway.
func TestSeedDefaults(t *testing.T) {
	t.Parallel()
	h := seedHook(t, seedValidation)
	require.Equal(t, "POST", h.Method)
	require.Equal(t, 30*time.Second, h.Timeout)
	require.Equal(t, ContentTypeJSON, h.ContentType)
	require.Equal(t, ClientVoorpoort, h.Client)
	require.Equal(t, Enforce, h.Mode)
	require.Equal(t, []Policy{Reject, Reject, Reject}, []Policy{h.OnFailure, h.OnTimeout, h.OnUnreachable})
	require.Equal(t, Breaker{Failures: 5, Pause: time.Second, MaxPause: 30 * time.Second}, h.Breaker)
	require.Zero(t, h.Order)
	require.Zero(t, h.MaxAnswer)
	require.False(t, h.Disabled)
	require.Nil(t, h.TLS)
	require.Nil(t, h.Proxy)
	require.True(t, accepts(h, event.Type{Name: "anything.creating"}), "no events means every event")

	matches, err := h.Matches(catEvent(t, `{}`), []byte(`{}`))
	require.NoError(t, err)
	require.True(t, matches)
}

// A fieldMapping beside another strategy is in the seed's own example; it has
// no effect there.
func TestSeedRequestValidator(t *testing.T) {
	t.Parallel()
	h := seedHook(t, seedRequestValidator)
	require.Equal(t, Merge, h.Strategy)
	require.Empty(t, h.Mapping)
}

// TestSeedNotification: nobody waits for an asynchronous interceptor.
func TestSeedNotification(t *testing.T) {
	t.Parallel()
	h := seedHook(t, seedNotification)
	require.True(t, h.Async)
	require.False(t, h.Intercepts)
	require.False(t, h.Subscribes)
	require.True(t, h.Delivers())
}

// TestSeedMyWebhook: without configuration a webhook is told after the write.
func TestSeedMyWebhook(t *testing.T) {
	t.Parallel()
	h := seedHook(t, seedMyWebhook)
	require.True(t, h.Subscribes)
	require.Equal(t, Retry{Policy: Exponential, Max: 3}, h.Retry)
	require.Equal(t, FormatCloudEvents, h.EventFormat)
	require.True(t, accepts(h, event.Type{Name: "object.updated", Class: `OCA\OpenRegister\Event\ObjectUpdatedEvent`}))
}
