package event

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestSmoke(t *testing.T) {
	table, err := Compile(Config{Presets: []string{"openregister", "rest"}})
	require.NoError(t, err)
	m, ok := table.Match("POST", "/index.php/apps/openregister/api/objects/register-1/schema-2")
	require.True(t, ok)
	e, ok, err := m.Before(&Request{Method: "POST", Path: "/api/objects/register-1/schema-2", Query: "x=1", Header: http.Header{"Content-Type": {"application/json"}, "Authorization": {"Bearer token"}}, Body: []byte(`{"@self":{"title":"My Object"}}`)})
	require.NoError(t, err)
	require.True(t, ok)
	t.Log(string(e.AppendJSON(nil, e.Request.Body)), e.Names("schema"), e.ActionNames())
}
