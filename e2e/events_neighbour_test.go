package e2e_test

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// TestTwoGatewaysAreOneOffice: what a person does at the API of one gateway acts at
// the other on the same Redis within a second, is seen there, and neither
// overwrites what the other has changed.
func TestTwoGatewaysAreOneOffice(t *testing.T) {
	t.Parallel()
	s := redisStorage(t)
	here := newDesk(t, s, func(w http.ResponseWriter, c call) {
		if c.URI == "/no" {
			w.WriteHeader(http.StatusForbidden)
			return
		}
		w.WriteHeader(http.StatusNoContent)
	}, "")
	there := &desk{storage: s, shelf: here.shelf, receiver: here.receiver}
	there.gateway = start(t, there.globals(""), there.site(ownerToken))
	writes := func(d *desk, want int) {
		t.Helper()
		began := time.Now()
		require.Eventually(t, func() bool {
			return insist(t, http.MethodPut, d.URL+objectsOf("cats")+"/1", `{"n":1}`).Status == want
		}, 20*time.Second, 2*time.Millisecond)
		t.Logf("%d after %v", want, time.Since(began))
	}
	writes(there, http.StatusOK)

	made := here.do(t, http.MethodPost, "/webhooks", fmt.Sprintf(
		`{"name":"no","url":"%s/no","events":["object.updating"],"configuration":{"interceptRequests":true}}`, here.receiver.URL))
	require.Equal(t, http.StatusCreated, made.Status, made.Body)
	writes(there, http.StatusForbidden)
	path := fmt.Sprintf("/webhooks/%d", answered[struct{ ID uint64 }](t, made, http.StatusCreated).ID)
	seen := there.do(t, http.MethodGet, path, "")
	require.Equal(t, "no", answered[struct{ Name string }](t, seen, http.StatusOK).Name)
	require.Equal(t, made.Header.Get("ETag"), seen.Header.Get("ETag"))

	changed := there.change(t, http.MethodPut, path, `{"enabled":false}`, seen.Header.Get("ETag"))
	require.Equal(t, http.StatusOK, changed.Status, changed.Body)
	writes(here, http.StatusOK)
	late := here.change(t, http.MethodDelete, path, "", made.Header.Get("ETag"))
	require.Equal(t, http.StatusPreconditionFailed, late.Status, "the other has changed it meanwhile")

	told := here.do(t, http.MethodPost, "/webhooks", fmt.Sprintf(`{"name":"told","url":"%s/told","events":["object.updated"]}`, here.receiver.URL))
	require.Equal(t, http.StatusCreated, told.Status, told.Body)
	require.Eventually(t, func() bool {
		insist(t, http.MethodPut, there.URL+objectsOf("cats")+"/1", `{"n":2}`)
		return len(there.receiver.at("/told")) > 0
	}, 20*time.Second, 20*time.Millisecond, "a write at the one is told to the webhook that was made at the other")

	removed := here.change(t, http.MethodDelete, path, "", changed.Header.Get("ETag"))
	require.Equal(t, http.StatusNoContent, removed.Status, removed.Body)
	require.Eventually(t, func() bool { return there.do(t, http.MethodGet, path, "").Status == http.StatusNotFound },
		20*time.Second, 2*time.Millisecond)
}

// change changes something of which the caller knows a state.
func (d *desk) change(t testing.TB, method, path, body, etag string) answer {
	t.Helper()
	return insist(t, method, d.address()+"/api"+path, body, "Authorization: Bearer "+ownerToken, "If-Match: "+etag)
}
