package sampleapi

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func ask(t *testing.T, s *Server, token, method, path, body string) (int, object) {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), method, "/anywhere/api"+path, strings.NewReader(body))
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	var decoded object
	if w.Body.Len() > 0 {
		require.NoError(t, json.Unmarshal(w.Body.Bytes(), &decoded), w.Body.String())
	}
	return w.Code, decoded
}

// TestTheSampleSpeaksAsTheGatewayDoes: the members that the pages read are
// there.
func TestTheSampleSpeaksAsTheGatewayDoes(t *testing.T) {
	t.Parallel()
	s := New(time.Now())
	for path, members := range map[string]string{
		"/overview?window=600":    "startedAt gateway version store totals attention series",
		"/webhooks":               "results total",
		"/webhooks/3":             "id uuid name url method events headers secret enabled filters retryPolicy maxRetries timeout lastTriggeredAt totalDeliveries successfulDeliveries configuration readOnly state stateUntil fault pending retrying deadLetters skipped",
		"/webhooks/logs?limit=5":  "results total",
		"/messages/" + eventID(0): "message deliveries attempts",
		"/dead-letters":           "results cursor",
		"/interceptions":          "results",
		"/holds":                  "results",
		"/jobs":                   "results",
		"/events/subscriptions":   "results",
	} {
		status, body := ask(t, s, Operator, http.MethodGet, path, "")
		require.Equal(t, http.StatusOK, status, path)
		for member := range strings.FieldsSeq(members) {
			require.Contains(t, body, member, path)
		}
	}
}

func TestTheSampleRefusesAsTheGatewayDoes(t *testing.T) {
	t.Parallel()
	s := New(time.Now())
	status, _ := ask(t, s, "", http.MethodGet, "/overview", "")
	require.Equal(t, http.StatusUnauthorized, status)
	status, _ = ask(t, s, Reader, http.MethodPost, "/webhooks", "{}")
	require.Equal(t, http.StatusForbidden, status)
	status, body := ask(t, s, Operator, http.MethodPost, "/webhooks", `{"name":"","url":"ftp://x"}`)
	require.Equal(t, http.StatusBadRequest, status)
	require.Len(t, body["errors"], 2)
	for range maxFailures + 1 {
		status, _ = ask(t, s, "guess", http.MethodGet, "/overview", "")
	}
	require.Equal(t, http.StatusTooManyRequests, status)
}

func TestTheSampleHidesBodiesAndSecrets(t *testing.T) {
	t.Parallel()
	s := New(time.Now())
	_, rows := ask(t, s, Reader, http.MethodGet, "/webhooks/logs?limit=1", "")
	row := rows["results"].([]any)[0].(object)
	require.Nil(t, row["responseBody"])
	require.Equal(t, true, row["redacted"])
	status, made := ask(t, s, Operator, http.MethodPost, "/webhooks", `{"name":"n","url":"https://x.example/","secret":"hush"}`)
	require.Equal(t, http.StatusCreated, status)
	require.Equal(t, "***", made["secret"])
}

func TestDeadLettersOfTheSampleGoAway(t *testing.T) {
	t.Parallel()
	s := New(time.Now())
	letter := s.letters[0]
	address := "/dead-letters/" + letter["webhook"].(string) + "/900"
	status, one := ask(t, s, Operator, http.MethodGet, address, "")
	require.Equal(t, http.StatusOK, status)
	require.IsType(t, []any{}, one["attempts"])
	status, _ = ask(t, s, Operator, http.MethodPost, address+"/discard", `{"reason":"sent by hand"}`)
	require.Equal(t, http.StatusNoContent, status)
	status, _ = ask(t, s, Operator, http.MethodGet, address, "")
	require.Equal(t, http.StatusNotFound, status)
}

func TestAJobOfTheSampleIsFollowedAndCancelled(t *testing.T) {
	t.Parallel()
	s := New(time.Now())
	status, refused := ask(t, s, Operator, http.MethodPost, "/replay", `{"webhook":"3","rate":5000}`)
	require.Equal(t, http.StatusBadRequest, status)
	require.Len(t, refused["errors"], 2)
	status, begun := ask(t, s, Operator, http.MethodPost, "/replay", `{"webhook":"3","rate":5,"type":"a"}`)
	require.Equal(t, http.StatusAccepted, status)
	require.Equal(t, "running", begun["state"])
	status, _ = ask(t, s, Operator, http.MethodDelete, "/jobs/"+begun["id"].(string), "")
	require.Equal(t, http.StatusAccepted, status)
	_, list := ask(t, s, Operator, http.MethodGet, "/jobs", "")
	require.Equal(t, "cancelled", list["results"].([]any)[0].(object)["state"])
}

func TestSubscriptionsOfTheSampleAreItsWebhooks(t *testing.T) {
	t.Parallel()
	s := New(time.Now())
	status, _ := ask(t, s, Operator, http.MethodPost, "/events/subscriptions", `{"reference":"n","style":"push"}`)
	require.Equal(t, http.StatusBadRequest, status)
	_, made := ask(t, s, Operator, http.MethodPost, "/events/subscriptions", `{"reference":"n","style":"pull","types":["a"]}`)
	require.Nil(t, made["sink"])
	address := fmt.Sprintf("/events/subscriptions/%.0f", made["id"])
	_, paused := ask(t, s, Operator, http.MethodPut, address, `{"status":"paused"}`)
	require.Equal(t, "paused", paused["status"])
	status, hook := ask(t, s, Operator, http.MethodGet, fmt.Sprintf("/webhooks/%.0f", made["id"]), "")
	require.Equal(t, http.StatusOK, status)
	require.Equal(t, false, hook["enabled"])
	status, _ = ask(t, s, Operator, http.MethodDelete, address, "")
	require.Equal(t, http.StatusOK, status)
}
