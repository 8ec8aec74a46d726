package event

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestPresetsCompileAloneAndTogether(t *testing.T) {
	t.Parallel()
	require.Equal(t, []string{"open-klant", "open-klant-semantic", "openregister", "rest", "zgw"}, Presets())
	for _, name := range Presets() {
		compile(t, Config{Presets: []string{name}})
		p, err := loadPreset(name)
		require.NoError(t, err)
		require.NotEmpty(t, p.Description)
		for _, prefix := range p.Prefixes {
			require.NotContains(t, prefix, "{", "positions of parameters must not depend on the prefix")
		}
		names := make(map[string]bool)
		for _, r := range p.Rules {
			require.NotEmpty(t, r.Name)
			require.False(t, names[r.Name], r.Name)
			names[r.Name] = true
		}
	}
	compile(t, Config{Presets: Presets()})
}

func TestOpenRegisterPreset(t *testing.T) {
	t.Parallel()
	table := compile(t, Config{Presets: []string{"openregister"}})
	for _, test := range []struct{ method, path, typ, subject, action string }{
		{"POST", "/api/objects/r/s", "object.creating", "object:r/s", "create"},
		{"PUT", "/api/objects/r/s/1", "object.updating", "object:r/s/1", "update"},
		{"PATCH", "/api/objects/r/s/1", "object.updating", "object:r/s/1", "update"},
		{"POST", "/api/objects/r/s/1", "object.updating", "object:r/s/1", "update"},
		{"DELETE", "/api/objects/r/s/1", "object.deleting", "object:r/s/1", "delete"},
		{"POST", "/api/objects/r/s/1/lock", "object.locking", "object:r/s/1", "lock"},
		{"POST", "/api/objects/r/s/1/unlock", "object.unlocking", "object:r/s/1", "unlock"},
		{"POST", "/api/objects/r/s/1/revert", "object.reverting", "object:r/s/1", "revert"},
		{"POST", "/api/objects/r/s/1/merge", "object.merging", "object:r/s/1", "merge"},
		{"POST", "/api/bulk/r/s/save", "objects.saving", "objects:r/s", "save"},
		{"POST", "/api/bulk/r/s/delete", "objects.deleting", "objects:r/s", "delete"},
		{"POST", "/api/bulk/r/s/delete-objects", "objects.deleting", "objects:r/s", "delete"},
		{"POST", "/api/bulk/r/s/delete-schema", "objects.schema-deleting", "objects:r/s", "delete-schema"},
		{"POST", "/api/bulk/r/delete-register", "objects.register-deleting", "objects:r", "delete-register"},
		{"DELETE", "/api/objects/clear-blob", "objects.clearing", "", "clear"},
		{"POST", "/api/migrate", "objects.migrating", "", "migrate"},
		{"POST", "/api/deleted/restore", "objects.restoring", "", "restore"},
		{"POST", "/api/deleted/1/restore", "object.restoring", "object:1", "restore"},
		{"POST", "/api/registers/5/import", "register.importing", "register:5", "import"},
		{"POST", "/api/configurations/import", "configuration.importing", "", "import"},
		{"POST", "/api/configurations/import/github", "configuration.importing", "", "import"},
		{"POST", "/api/configurations/7/import", "configuration.importing", "configuration:7", "import"},
		{"POST", "/api/schemas/upload", "schema.creating", "", "create"},
		{"PUT", "/api/schemas/3/upload", "schema.updating", "schema:3", "update"},
		{"POST", "/api/graphql", "graphql.executing", "", "execute"},
		{"POST", "/api/mcp", "mcp.calling", "", "call"},
	} {
		for _, prefix := range []string{"", "/index.php/apps/openregister", "/apps/openregister"} {
			e := before(t, table, request(test.method, prefix+test.path, "{}"))
			require.Equal(t, test.typ, e.Type.Name, test.path)
			require.Equal(t, test.subject, e.Subject, test.path)
			require.Equal(t, test.action, e.Action, test.path)
			require.Contains(t, string(e.AppendJSON(nil, nil)), `"openregisterapp":"openregister","openregisterversion":"1.0.0"`)
		}
	}
	for _, path := range []string{"/api/webhooks", "/api/objects", "/api/objects/r/s/1/files", "/api/settings"} {
		require.False(t, table.Knows(path), path)
	}
}

func TestOpenRegisterPresetKnowsTheNineEntities(t *testing.T) {
	t.Parallel()
	table := compile(t, Config{Presets: []string{"openregister"}})
	for name := range strings.FieldsSeq("register schema application agent source configuration view conversation organisation") {
		for method, verb := range map[string]string{"PUT": "updating", "PATCH": "updating", "DELETE": "deleting"} {
			e := before(t, table, request(method, "/api/"+name+"s/42", "{}"))
			require.Equal(t, name+"."+verb, e.Type.Name)
			require.Equal(t, name+":42", e.Subject)
			require.Equal(t, name, e.Resource)
		}
		require.Equal(t, name+".creating", before(t, table, request("POST", "/api/"+name+"s", "{}")).Type.Name)
	}
}

func TestRestPreset(t *testing.T) {
	t.Parallel()
	table := compile(t, Config{Presets: []string{"rest"}})
	for _, test := range []struct{ method, path, typ, subject string }{
		{"POST", "/cats", "cats.creating", "cats"},
		{"POST", "/api/cats/", "cats.creating", "cats"},
		{"POST", "/api/v2/Cats", "cats.creating", "Cats"},
		{"PUT", "/v1/cats", "cats.updating", "cats"},
		{"DELETE", "/cats", "cats.deleting", "cats"},
		{"POST", "/api/cats/5", "cats.updating", "cats/5"},
		{"PATCH", "/api/v1/cats/5", "cats.updating", "cats/5"},
		{"DELETE", "/cats/5", "cats.deleting", "cats/5"},
	} {
		e := before(t, table, request(test.method, test.path, "{}"))
		require.Equal(t, test.typ, e.Type.Name, test.path)
		require.Equal(t, test.subject, e.Subject, test.path)
	}
	_, ok := table.Match("GET", "/cats")
	require.False(t, ok)
	require.False(t, table.Knows("/api/cats/5/toys/1"))
}
