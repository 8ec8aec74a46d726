package felix

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestParseEventRefuses(t *testing.T) {
	t.Parallel()
	for _, raw := range []string{
		``, `null`, `[]`, `{}`, `{"specversion":"0.3","id":"1","type":"t"}`,
		`{"specversion":"1.0","type":"t"}`, `{"specversion":"1.0","id":"1"}`,
		`{"specversion":"1.0","id":"1","type":"t","data":"text"}`,
	} {
		_, err := parseEvent([]byte(raw))
		require.ErrorIs(t, err, errNotAnEvent, raw)
	}
}

func TestCatName(t *testing.T) {
	t.Parallel()
	cases := map[string]string{
		`{"name":"Felix"}`:                           "Felix",
		`{"@self":{"name":"Felix"}}`:                 "Felix",
		`{"name":"Minoes","@self":{"name":"Felix"}}`: "Felix",
		`{"name":"Felix","@self":{"name":""}}`:       "Felix",
		`{"name":"Felix","@self":{"name":5}}`:        "Felix",
		`{"name":["Felix"]}`:                         "",
		`{"@self":"Felix"}`:                          "",
		`{}`:                                         "",
		`null`:                                       "",
		``:                                           "",
	}
	for body, want := range cases {
		var e event
		e.Data.Body = json.RawMessage(body)
		require.Equal(t, want, e.catName(), body)
	}
}

func TestTarget(t *testing.T) {
	t.Parallel()
	cases := []struct {
		path, collection, id string
		ok                   bool
	}{
		{"/api/objects/pet-store/cat", "/api/objects/pet-store/cat", "", true},
		{"/api/objects/pet-store/cat/7", "/api/objects/pet-store/cat", "7", true},
		{"/index.php/apps/openregister/api/objects/1/2", "/api/objects/1/2", "", true},
		{"/api/objects/pet-store", "", "", false},
		{"/api/objects//cat", "", "", false},
		{"/api/objects/a/b/c/d", "", "", false},
		{"/", "", "", false},
	}
	for _, tc := range cases {
		var e event
		e.Data.Path = tc.path
		collection, id, ok := e.target()
		require.Equal(t, tc.ok, ok, tc.path)
		require.Equal(t, tc.collection, collection, tc.path)
		require.Equal(t, tc.id, id, tc.path)
	}
}
