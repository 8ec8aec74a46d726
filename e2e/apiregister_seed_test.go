package e2e_test

import (
	"encoding/base64"
	"fmt"
	"maps"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// asCurl makes a call with a user and a password, as OpenRegister's
// documentation has it; the password is a token.
func (c *counter) asCurl(t testing.TB, method, path, body string) answer {
	t.Helper()
	return c.as(t, "", method, path, body, "Authorization: Basic "+base64.StdEncoding.EncodeToString([]byte("admin:"+ownerToken)))
}

// TestTheCommandsOfOpenRegistersDocumentation: all of its curl commands on
// webhooks, in its order, with another host, prefix and password.
func TestTheCommandsOfOpenRegistersDocumentation(t *testing.T) {
	t.Parallel()
	well := func(w http.ResponseWriter, c call) {
		if c.Header.Get("X-Ok") == "no" {
			w.WriteHeader(http.StatusServiceUnavailable)
		}
	}
	atEachCounter(t, well, func(t *testing.T, c *counter) {
		address := c.receiver.URL + "/webhook" + c.mount
		made := c.asCurl(t, http.MethodPost, "", `{
			"name": "My Webhook `+c.mount+`",
			"url": "`+address+`",
			"method": "POST",
			"events": [
				"OCA\\OpenRegister\\Event\\ObjectCreatedEvent",
				"OCA\\OpenRegister\\Event\\ObjectUpdatedEvent"
			],
			"enabled": true,
			"timeout": 30,
			"maxRetries": 3,
			"retryPolicy": "exponential"
		}`)
		h := answered[hooked](t, made, http.StatusCreated)
		require.Contains(t, made.Header.Get("Location"), fmt.Sprintf("webhooks/%d", h.ID))

		list := answered[struct {
			Results []hooked
			Total   int
		}](t, c.asCurl(t, http.MethodGet, "", ""), http.StatusOK)
		require.Contains(t, list.Results, h)
		require.Len(t, list.Results, list.Total)
		require.Equal(t, h, answered[hooked](t, c.asCurl(t, http.MethodGet, c.path(h, ""), ""), http.StatusOK))
		require.Equal(t, h, answered[hooked](t, c.asCurl(t, http.MethodGet, "/"+h.UUID, ""), http.StatusOK), "1.13, 28")

		off := answered[hooked](t, c.asCurl(t, http.MethodPut, c.path(h, ""), `{"enabled": false}`), http.StatusOK)
		require.False(t, off.Enabled)

		tested := answered[map[string]any](t, c.asCurl(t, http.MethodPost, c.path(h, "/test"), ""), http.StatusOK)
		require.Equal(t, true, tested["success"], "1.13, 24: also of one that is disabled")
		require.Len(t, c.receiver.at("/webhook"+c.mount), 1)
		require.Contains(t, c.asCurl(t, http.MethodGet, "/events", "").Body, `OCA\\OpenRegister\\Event\\ObjectCreatedEvent`)

		on := c.asCurl(t, http.MethodPut, c.path(h, ""), `{"enabled": true, "headers": {"X-Ok": "no"}, "filters": {"schema": "curl`+c.storage.kind+c.mount[1:2]+`"}}`)
		require.Equal(t, http.StatusOK, on.Status, on.Body)
		written := insist(t, http.MethodPost, c.URL+objectsOf("curl"+c.storage.kind+c.mount[1:2]), `{}`)
		require.Equal(t, http.StatusCreated, written.Status)
		failed := answered[rows](t, c.awaitTotal(t, fmt.Sprintf("/logs?webhook_id=%d&limit=50&offset=0&success=false", h.ID), 1), http.StatusOK).Results[0]
		require.Contains(t, c.asCurl(t, http.MethodGet, c.path(h, "/logs"), "").Body, fmt.Sprintf(`"id":%d,`, failed.ID))

		healed := c.asCurl(t, http.MethodPut, c.path(h, ""), `{"headers": {}}`)
		require.Equal(t, http.StatusOK, healed.Status, healed.Body)
		again := answered[map[string]any](t, c.asCurl(t, http.MethodPost, fmt.Sprintf("/logs/%d/retry", failed.ID), ""), http.StatusOK)
		require.Equal(t, true, again["success"])
		stats := c.asCurl(t, http.MethodGet, c.path(h, "/logs/stats"), "")
		require.Equal(t, []string{"total", "successful", "failed", "pendingRetries"}, keysOf(t, stats.Body))

		require.Equal(t, http.StatusNoContent, c.asCurl(t, http.MethodDelete, c.path(h, ""), "").Status)
		require.Equal(t, http.StatusNotFound, c.asCurl(t, http.MethodGet, c.path(h, ""), "").Status)
	})
}

// awaitTotal asks until a list has so many, and gives it.
func (c *counter) awaitTotal(t testing.TB, path string, total int) (got answer) {
	t.Helper()
	require.Eventually(t, func() bool {
		got = c.asCurl(t, http.MethodGet, path, "")
		return answered[rows](t, got, http.StatusOK).Total == total
	}, 20*time.Second, 20*time.Millisecond)
	return got
}

// TestTheWebhooksOfOpenRegistersDocumentation: every document that it gives as
// an example is taken, shown as it was given, and can be sent back.
func TestTheWebhooksOfOpenRegistersDocumentation(t *testing.T) {
	t.Parallel()
	atEachCounter(t, takes, func(t *testing.T, c *counter) {
		for _, document := range documentedWebhooks {
			got := c.asCurl(t, http.MethodPost, "", document)
			shown := answered[map[string]any](t, got, http.StatusCreated)
			given := answered[map[string]any](t, answer{Body: document}, 0)
			for name, value := range given {
				switch name {
				case "configuration": // what is not said is so as well
					maps.DeleteFunc(value.(map[string]any), func(option string, value any) bool {
						return value == map[string]any{"async": false, "processResponse": false, "enableRetries": true}[option]
					})
				case "secret":
					value = "***"
				case "headers":
					value = map[string]any{"Authorization": "***", "X-Source": "***"}
				}
				require.Equal(t, value, shown[name], "%s of %s", name, document)
			}
			path := fmt.Sprintf("/%v", shown["id"])
			back := answered[map[string]any](t, c.asCurl(t, http.MethodPut, path, got.Body), http.StatusOK)
			for _, changing := range []string{"updated", "state"} {
				delete(back, changing)
				delete(shown, changing)
			}
			require.Equal(t, shown, back, "what is sent back as it was shown stays as it is")
			require.Equal(t, http.StatusNoContent, c.asCurl(t, http.MethodDelete, path, "").Status)
		}
	})
}

// documentedWebhooks are the examples, by use.
var documentedWebhooks = []string{
	`{"name":"POS Inventory Sync","url":"https://pos-system.example.com/api/products","method":"POST","events":["OCA\\OpenRegister\\Event\\ObjectCreatedEvent"],
		"filters":{"objectType":"object","schema":"pet-store-cat-schema"},"enabled":true}`,
	`{"name":"Felix Cat Validation","url":"http://n8n:5678/webhook/felix-validation","method":"POST","events":["OCA\\OpenRegister\\Event\\ObjectCreatingEvent"],
		"filters":{"objectType":"object","schema":"pet-store-cat-schema","data.@self.name":"Felix"},"enabled":true,
		"configuration":{"interceptRequests":true,"async":false,"processResponse":true,"responseProcessing":{"mergeStrategy":"merge"}}}`,
	`{"name":"Object Monitor","url":"https://my-server.com/webhooks/objects","events":["OCA\\OpenRegister\\Event\\Object*"],"enabled":true}`,
	`{"name":"Register Monitor","url":"https://my-server.com/webhooks/register",
		"events":["OCA\\OpenRegister\\Event\\RegisterCreatedEvent","OCA\\OpenRegister\\Event\\RegisterUpdatedEvent"],
		"filters":{"register":"my-register-uuid"},"enabled":true}`,
	`{"name":"Secure Webhook","url":"https://my-server.com/secure-webhook","secret":"my-super-secret-key",
		"headers":{"Authorization":"Bearer my-api-token","X-Source":"OpenRegister"},"events":[],"enabled":true}`,
	`{"name":"Request Validator","url":"https://my-service.com/validate","method":"POST","events":["OCA\\OpenRegister\\Event\\ObjectCreatingEvent"],"enabled":true,
		"configuration":{"interceptRequests":true,"async":false,"processResponse":true,
			"responseProcessing":{"mergeStrategy":"merge","fieldMapping":{"validatedData":"data","enrichedFields":"@self"}}}}`,
	`{"name":"Validation Webhook","url":"https://validator.example.com/validate",
		"configuration":{"interceptRequests":true,"async":false,"processResponse":true,"responseProcessing":{"mergeStrategy":"merge"}}}`,
	`{"name":"Notification Webhook","url":"https://notifier.example.com/notify","configuration":{"interceptRequests":true,"async":true,"processResponse":false}}`,
	`{"name":"Retried","url":"https://my-server.com/r","maxRetries":3,"retryPolicy":"exponential","configuration":{"enableRetries":true}}`,
	`{"name":"Wildcards","url":"https://my-server.com/w","events":["OCA\\OpenRegister\\Event\\Object*","OCA\\OpenRegister\\Event\\*CreatedEvent"],
		"filters":{"action":["created","updated"]}}`,
}
