package e2e_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// The conformance cases for OpenRegister's operations on webhooks, as they answer
// in the built program.
func TestOpenRegisterWebhooksOverHTTP(t *testing.T) {
	t.Parallel()
	atEachCounter(t, takes, func(t *testing.T, c *counter) {
		for id, run := range map[string]func(t *testing.T, c *counter){
			"OR-01": orCreate, "OR-02": orRequired, "OR-03": orRefused, "OR-04": orSecret, "OR-05": orPartial,
			"OR-06": orUnknown, "OR-07": orDelete, "OR-08": orEvents, "OR-12": orHeaders, "fixed": orFixed, "If-Match": orRevision,
		} {
			t.Run(id, func(t *testing.T) { run(t, c) })
		}
	})
}

// orCreate is OR-01: what is not said has its default, and every member is there.
func orCreate(t *testing.T, c *counter) {
	name := "My Webhook " + c.mount
	got := c.do(t, http.MethodPost, "", fmt.Sprintf(`{"name":%q,"url":"https://s.example/h"}`, name))
	all := answered[map[string]any](t, got, http.StatusCreated)
	for member, want := range map[string]any{
		"name": name, "url": "https://s.example/h", "method": "POST", "events": []any{}, "headers": map[string]any{}, "secret": nil, "enabled": true,
		"filters": map[string]any{}, "retryPolicy": "exponential", "maxRetries": 3.0, "timeout": 30.0, "lastTriggeredAt": nil,
		"totalDeliveries": 0.0, "successfulDeliveries": 0.0, "failedDeliveries": 0.0, "configuration": map[string]any{},
	} {
		require.Contains(t, all, member)
		require.Equal(t, want, all[member], member)
	}
	require.NotEmpty(t, got.Header.Get("ETag"))
	byUUID := answered[hooked](t, c.do(t, http.MethodGet, "/"+all["uuid"].(string), ""), http.StatusOK)
	require.InDelta(t, all["id"], byUUID.ID, 0, "both names work")
	list := answered[struct{ Results []hooked }](t, c.do(t, http.MethodGet, "", ""), http.StatusOK)
	require.True(t, slices.ContainsFunc(list.Results, func(h hooked) bool { return h.ID == byUUID.ID }))
	require.Equal(t, http.StatusConflict, c.do(t, http.MethodPost, "", fmt.Sprintf(`{"name":%q,"url":"https://s.example/h"}`, name)).Status)
}

// orRequired is OR-02.
func orRequired(t *testing.T, c *counter) {
	for _, body := range []string{`{"name":"x"}`, `{"url":"https://s.example"}`, `{"name":"","url":"https://s.example"}`} {
		got := answered[map[string]any](t, c.do(t, http.MethodPost, "", body), http.StatusBadRequest)
		require.Equal(t, "Name and URL are required", got["error"], body)
	}
}

// orRefused is OR-03, as it should have been: nothing is made of what is wrong.
func orRefused(t *testing.T, c *counter) {
	for member, pointer := range map[string]string{
		`"url":"ftp://x"`: "/url", `"method":"TRACE"`: "/method", `"retryPolicy":"random"`: "/retryPolicy", `"timeout":-1`: "/timeout",
		`"maxRetries":"abc"`: "/maxRetries", `"enabled":"false"`: "/enabled",
	} {
		body := `{"name":"refused","url":"https://s.example",` + member + `}`
		if strings.HasPrefix(member, `"url"`) {
			body = `{"name":"refused",` + member + `}`
		}
		got := c.do(t, http.MethodPost, "", body)
		require.Equal(t, http.StatusBadRequest, got.Status, member)
		require.Equal(t, "application/problem+json", got.Header.Get("Content-Type"))
		require.Contains(t, got.Body, pointer, member)
	}
	require.NotContains(t, c.do(t, http.MethodGet, "", "").Body, `"refused"`)
}

// orSecret is OR-04: a masked secret that is sent back changes nothing.
func orSecret(t *testing.T, c *counter) {
	h := c.made(t, "or04", `"secret":"k1-which-nobody-sees"`)
	got := answered[hooked](t, c.do(t, http.MethodGet, c.path(h, ""), ""), http.StatusOK)
	require.Equal(t, "***", *got.Secret)
	require.Equal(t, http.StatusOK, c.do(t, http.MethodPut, c.path(h, ""), `{"secret":"***"}`).Status)
	c.write(t, h, `{"naam":"Zoë"}`)
	call := c.calls(t, h, 1)[0]
	mac := hmac.New(sha256.New, []byte("k1-which-nobody-sees"))
	mac.Write([]byte(call.Body))
	require.Equal(t, hex.EncodeToString(mac.Sum(nil)), call.Header.Get("X-Webhook-Signature"))
	for _, path := range []string{"", c.path(h, ""), "/logs", c.path(h, "/logs")} {
		require.NotContains(t, c.do(t, http.MethodGet, path, "").Body, "k1-which-nobody-sees")
	}
	require.NotContains(t, c.log(), "k1-which-nobody-sees")
}

// orPartial is OR-05: an update has what changes.
func orPartial(t *testing.T, c *counter) {
	h := c.made(t, "or05", "")
	off := answered[hooked](t, c.do(t, http.MethodPut, c.path(h, ""), `{"enabled":false}`), http.StatusOK)
	require.False(t, off.Enabled)
	require.Equal(t, h.Name, off.Name)
	require.Equal(t, h.URL, off.URL)
	c.write(t, h, `{}`) // OR-18: nobody is told, and there is no row
	logs := answered[struct{ Total int }](t, c.do(t, http.MethodGet, c.path(h, "/logs"), ""), http.StatusOK)
	require.Zero(t, logs.Total)
	require.Empty(t, c.receiver.at("/"+h.Name))
}

// orUnknown is OR-06.
func orUnknown(t *testing.T, c *counter) {
	for _, at := range [][2]string{
		{http.MethodGet, "/999999"},
		{http.MethodPut, "/999999"},
		{http.MethodDelete, "/999999"},
		{http.MethodPost, "/999999/test"},
		{http.MethodGet, "/999999/logs"},
		{http.MethodGet, "/999999/logs/stats"},
	} {
		body := ""
		if at[0] == http.MethodPut {
			body = `{"enabled":true}`
		}
		got := answered[map[string]any](t, c.do(t, at[0], at[1], body), http.StatusNotFound)
		require.Equal(t, "Webhook not found", got["error"], at)
	}
}

// orDelete is OR-07.
func orDelete(t *testing.T, c *counter) {
	h := c.made(t, "or07", "")
	got := c.do(t, http.MethodDelete, c.path(h, ""), "")
	require.Equal(t, http.StatusNoContent, got.Status)
	require.Empty(t, got.Body)
	require.Equal(t, http.StatusNotFound, c.do(t, http.MethodGet, c.path(h, ""), "").Status)
	require.Equal(t, http.StatusNotFound, c.do(t, http.MethodDelete, c.path(h, ""), "").Status)
}

// orEvents is OR-08.
func orEvents(t *testing.T, c *counter) {
	got := answered[struct {
		Events []map[string]any
		Total  int
	}](t, c.do(t, http.MethodGet, "/events", ""), http.StatusOK)
	require.Equal(t, 36, got.Total)
	require.Len(t, got.Events, 36)
	require.Equal(t, map[string]any{
		"class": `OCA\OpenRegister\Event\ObjectCreatingEvent`, "name": "Object Creating", "description": "Triggered before an object is created",
		"category": "Object", "type": "before", "properties": []any{"object"},
	}, got.Events[0])
	require.Equal(t, []any{"object", "revertPoint"}, got.Events[8]["properties"])
	before := 0
	for _, e := range got.Events {
		if e["type"] == "before" {
			before++
		}
	}
	require.Equal(t, 3, before)
}

// orHeaders is OR-12: what is sent as it was given is shown masked.
func orHeaders(t *testing.T, c *counter) {
	h := c.made(t, "or12", `"headers":{"Authorization":"Bearer t-which-nobody-sees","X-Custom-Header":"value"}`)
	got := c.do(t, http.MethodGet, c.path(h, ""), "")
	require.NotContains(t, got.Body, "t-which-nobody-sees")
	require.Equal(t, "***", answered[hooked](t, got, http.StatusOK).Headers["Authorization"])
	c.write(t, h, `{}`)
	call := c.calls(t, h, 1)[0]
	require.Equal(t, "Bearer t-which-nobody-sees", call.Header.Get("Authorization"))
	require.Equal(t, "value", call.Header.Get("X-Custom-Header"))
}

// orFixed: a webhook of the configuration is there to be looked at.
func orFixed(t *testing.T, c *counter) {
	list := answered[struct{ Results []hooked }](t, c.do(t, http.MethodGet, "", ""), http.StatusOK)
	i := slices.IndexFunc(list.Results, func(h hooked) bool { return h.Name == "fixed" })
	require.GreaterOrEqual(t, i, 0)
	fixed := list.Results[i]
	require.Equal(t, http.StatusForbidden, c.do(t, http.MethodPut, c.path(fixed, ""), `{"enabled":false}`).Status)
	require.Equal(t, http.StatusForbidden, c.do(t, http.MethodDelete, c.path(fixed, ""), "").Status)
}

// orRevision: who changes what somebody else has changed meanwhile is told.
func orRevision(t *testing.T, c *counter) {
	h := c.made(t, "revision", "")
	tag := c.do(t, http.MethodGet, c.path(h, ""), "").Header.Get("ETag")
	require.NotEmpty(t, tag)
	first := c.as(t, ownerToken, http.MethodPut, c.path(h, ""), `{"timeout":5}`, "If-Match: "+tag)
	require.Equal(t, http.StatusOK, first.Status, first.Body)
	second := c.as(t, ownerToken, http.MethodPut, c.path(h, ""), `{"timeout":6}`, "If-Match: "+tag)
	require.Equal(t, http.StatusPreconditionFailed, second.Status)
	require.Equal(t, http.StatusPreconditionFailed, c.as(t, ownerToken, http.MethodDelete, c.path(h, ""), "", "If-Match: "+tag).Status)
	now := answered[struct{ Timeout json.Number }](t, c.do(t, http.MethodGet, c.path(h, ""), ""), http.StatusOK)
	require.Equal(t, "5", now.Timeout.String())
}
