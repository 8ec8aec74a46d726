package event

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestConfigSurvivesJSON(t *testing.T) {
	t.Parallel()
	full := Config{
		Presets: []string{"rest"}, Source: "urn:x", Aliases: Aliases{"schema": {{"a", "b"}}}, Headers: []string{"Accept"},
		Rules: []Rule{{
			Name: "n", Resource: "r", Path: "/p/{id}", Source: "/s", When: "true", SubjectExpression: "'s'", DataExpression: "1",
			Extensions: map[string]any{"a": "b"},
			Actions:    map[string]Action{"POST": {Name: "x", Before: "b", After: "a", BeforeClass: "B", AfterClass: "A"}},
		}},
	}
	for _, cfg := range []Config{{}, {Headers: []string{}}, full} {
		raw, err := json.Marshal(cfg)
		require.NoError(t, err)
		var read Config
		require.NoError(t, decodeStrict(raw, &read))
		require.Equal(t, cfg, read, "no header fields and no setting are different things")
	}
	raw, err := json.Marshal(full)
	require.NoError(t, err)
	require.JSONEq(t, `{"presets":["rest"],"source":"urn:x","aliases":{"schema":[["a","b"]]},"headers":["Accept"],"rules":[{"name":"n","resource":"r",
		"path":"/p/{id}","source":"/s","when":"true","subject_expression":"'s'","data_expression":"1","extensions":{"a":"b"},
		"actions":{"POST":{"name":"x","before":"b","after":"a","before_class":"B","after_class":"A"}}}]}`, string(raw))
}

func FuzzRules(f *testing.F) {
	f.Add([]byte(`[{"resource":"cat","path":"/cats/{id}","actions":{"PUT":{"name":"update"}}}]`))
	f.Add([]byte(`[{"path":"/a","when":"true","actions":{"POST":{"name":"x","before":"{y}"}},"extensions":{"a":1}}]`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		var rules []Rule
		if decodeStrict(raw, &rules) != nil {
			return
		}
		table, err := Compile(Config{Rules: rules})
		if err == nil {
			table.Match("POST", "/a/b")
			return
		}
		require.NotEmpty(t, err.Error())
	})
}
