package e2e_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"
)

// trial is one webhook on a schema of its own, and what its service answers:
// many trials share one gateway and do not see each other.
type trial struct {
	name    string // of the webhook, of the schema and of the path at the service
	options string // further lines of the webhook block, parted by semicolons
	url     string // replaces the service's
	answer  func(w http.ResponseWriter, e cloudEvent)
}

// stand is a gateway with one webhook for each trial.
type stand struct {
	*gateway

	u *upstream
	s *service
}

// newStand starts a gateway for the trials.
func newStand(t testing.TB, trials []trial, environment ...string) *stand {
	t.Helper()
	stand := &stand{u: register(t), s: answeringTrials(t, trials)}
	stand.gateway = start(t, globals(blocksOf(trials, stand.s)...), inFront(stand.u), environment...)
	return stand
}

// blocksOf are the webhooks of trials in a Caddyfile.
func blocksOf(trials []trial, s *service) []string {
	blocks := make([]string, 0, len(trials))
	for _, trial := range trials {
		blocks = append(blocks, trial.block(s))
	}
	return blocks
}

// answeringTrials is the service of all trials.
func answeringTrials(t testing.TB, trials []trial) *service {
	t.Helper()
	answers := map[string]func(http.ResponseWriter, cloudEvent){}
	for _, trial := range trials {
		require.NotContains(t, answers, "/"+trial.name, "two trials have one name")
		answers["/"+trial.name] = trial.answer
	}
	return interceptorWith(t, func(w http.ResponseWriter, e cloudEvent) {
		path, _, _ := strings.Cut(e.URI, "?")
		if answer := answers[path]; answer != nil {
			answer(w, e)
			return
		}
		w.WriteHeader(http.StatusNoContent)
	})
}

// block is the trial's webhook in a Caddyfile.
func (c *trial) block(s *service) string {
	url := c.url
	if url == "" {
		url = s.URL + "/" + c.name
	}
	return webhook(c.name, url, "filter schema "+c.name+"\n"+strings.ReplaceAll(c.options, ";", "\n"))
}

// create posts an object of a trial's schema.
func (s *stand) create(t testing.TB, trial, body string, headers ...string) answer {
	t.Helper()
	return send(t, http.MethodPost, s.URL+objectsOf(trial), body, headers...)
}

func objectsOf(trial string) string { return "/api/objects/pets/" + trial }

// reached are the requests of a trial that came to the register.
func (s *stand) reached(trial string) []reached { return s.u.at(objectsOf(trial)) }

// asked are the events that a trial's service got.
func (s *stand) asked(trial string) []cloudEvent { return s.s.at("/" + trial) }

// says is a service that always answers the same. An empty type is left out.
func says(status int, contentType, body string) func(http.ResponseWriter, cloudEvent) {
	return func(w http.ResponseWriter, _ cloudEvent) {
		w.Header()["Content-Type"] = nil
		if contentType != "" {
			w.Header().Set("Content-Type", contentType)
		}
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}
}

// saysJSON is a service that answers 200 with a document.
func saysJSON(body string) func(http.ResponseWriter, cloudEvent) {
	return says(http.StatusOK, "application/json", body)
}

// hangs is a service that answers nothing until the call is given up.
func hangs(_ http.ResponseWriter, e cloudEvent) { <-e.Gone }

// problemDocument is what a client is told about a refusal (RFC 9457).
type problemDocument struct {
	Type    string          `json:"type"`
	Status  int             `json:"status"`
	Title   string          `json:"title"`
	Detail  string          `json:"detail"`
	Offset  *int            `json:"offset"`
	Errors  json.RawMessage `json:"errors"`
	Webhook string          `json:"webhook"`
	EventID string          `json:"eventId"`
}

// problem reads a problem document, which has no members but the known ones.
func (a answer) problem(t testing.TB) problemDocument {
	t.Helper()
	require.Equal(t, "application/problem+json", a.Header.Get("Content-Type"), "status %d: %s", a.Status, a.Body)
	require.Equal(t, "no-store", a.Header.Get("Cache-Control"))
	var p problemDocument
	decoder := json.NewDecoder(bytes.NewReader([]byte(a.Body)))
	decoder.DisallowUnknownFields()
	require.NoError(t, decoder.Decode(&p), a.Body)
	require.Equal(t, a.Status, p.Status)
	require.NotEmpty(t, p.Title)
	return p
}

// healing is a service that fails so many times, and then approves.
func healing(failures int64) func(http.ResponseWriter, cloudEvent) {
	var calls atomic.Int64
	return func(w http.ResponseWriter, _ cloudEvent) {
		if calls.Add(1) <= failures {
			w.WriteHeader(http.StatusInternalServerError)
			return
		}
		w.WriteHeader(http.StatusNoContent)
	}
}
