package e2e_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestTheImageFromBefore: the gateway looks at a thing before it is written, if
// somebody wants to know, and makes the write conditional on what it saw.
func TestTheImageFromBefore(t *testing.T) {
	t.Parallel()
	onBothStores(t, func(t *testing.T, s *storage) {
		t.Helper()
		d := newDepot(t, s, []subscription{{name: "cats", options: "filter before.name Felix Tom"}}, "")
		path := objectsOf("cats") + "/1"
		d.shelf.put(path, `{"name":"Felix"}`)

		got := send(t, http.MethodPut, d.URL+path, `{"name":"Tom"}`, "Authorization: Bearer of-the-client")
		require.Equal(t, http.StatusOK, got.Status)
		seen := d.shelf.seen(path)
		require.Len(t, seen, 2)
		require.Equal(t, http.MethodGet, seen[0].Method)
		require.Equal(t, "Bearer of-the-client", seen[0].Header.Get("Authorization"), "it is asked in the client's name")
		require.Equal(t, `"v1"`, seen[1].Header.Get("If-Match"))
		f := d.told(t, "cats", 1)[0].fact(t)
		require.Equal(t, "exact", f.BeforeImage)
		require.JSONEq(t, `{"name":"Felix"}`, string(f.Data.Before))
		require.JSONEq(t, `{"name":"Tom"}`, string(f.Data.Object))

		got = send(t, http.MethodPatch, d.URL+path, `{"name":"Minoes"}`, `If-Match: "v2"`)
		require.Equal(t, http.StatusOK, got.Status, "the client's own condition is left alone")
		f = d.told(t, "cats", 2)[1].fact(t)
		require.Equal(t, "besteffort", f.BeforeImage)
		require.JSONEq(t, `{"name":"Tom"}`, string(f.Data.Before))

		got = send(t, http.MethodPut, d.URL+path, `{"name":"Felix"}`, `If-Match: "v1"`)
		require.Equal(t, http.StatusPreconditionFailed, got.Status)
		got = send(t, http.MethodPut, d.URL+path, `{"name":"Felix"}`)
		require.Equal(t, http.StatusOK, got.Status, "it was neither Felix nor Tom: nobody is told")

		got = send(t, http.MethodDelete, d.URL+path, "")
		require.Equal(t, http.StatusNoContent, got.Status)
		f = d.told(t, "cats", 3)[2].fact(t)
		require.Equal(t, "object.deleted", f.Type)
		require.JSONEq(t, `{"name":"Felix"}`, string(f.Data.Object))
		require.Equal(t, got.ids()[0], f.ID)
	})
}

// TestACollisionIsTheGatewaysAffair: somebody writes between the gateway's look
// and the client's write. The client, which set no condition, gets no 412.
func TestACollisionIsTheGatewaysAffair(t *testing.T) {
	t.Parallel()
	onBothStores(t, func(t *testing.T, s *storage) {
		t.Helper()
		d := newDepot(t, s, []subscription{{name: "cats", options: "filter before.name Felix Tom"}}, "")
		path := objectsOf("cats") + "/1"
		d.shelf.put(path, `{"name":"Felix"}`)

		got, proceed := d.shelf.during(t, d.gateway, http.MethodPut, path, `{"name":"Minoes"}`, "wait-first")
		d.shelf.put(path, `{"name":"Tom"}`)
		proceed()
		require.Equal(t, http.StatusOK, (<-got).Status)
		var tries []string
		for _, w := range d.shelf.writes(path) {
			require.JSONEq(t, `{"name":"Minoes"}`, w.Body)
			tries = append(tries, w.Header.Get("If-Match"))
		}
		require.Equal(t, []string{`"v1"`, `"v2"`}, tries)
		f := d.told(t, "cats", 1)[0].fact(t)
		require.Equal(t, "exact", f.BeforeImage)
		require.JSONEq(t, `{"name":"Tom"}`, string(f.Data.Before))
		require.JSONEq(t, `{"name":"Minoes"}`, string(f.Data.Object))
	})
}
