package manage

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/voorpoort/voorpoort/event"
)

// TestSpectralTakesTheAsyncAPI holds asyncapi.json to the schema of AsyncAPI 3.
// It needs Spectral, see spectral.
func TestSpectralTakesTheAsyncAPI(t *testing.T) {
	t.Parallel()
	program := os.Getenv("VOORPOORT_SPECTRAL")
	if program == "" {
		t.Skip("VOORPOORT_SPECTRAL does not name the program spectral")
	}
	good, err := asyncAPI(
		[]event.Type{{Name: "object.creating", Class: `OCA\OpenRegister\Event\ObjectCreatingEvent`}},
		[]event.Type{{Name: "object.created"}, {Name: "{collection}.created"}})
	require.NoError(t, err)
	for document, want := range map[string]string{
		string(good): "",
		strings.Replace(string(good), `"action":"send"`, `"action":"sent"`, 1):  "asyncapi-3-document-resolved",
		strings.Replace(string(good), `"$ref":"#/channels/`, `"$ref":"#/x/`, 1): "invalid-ref",
	} {
		file := filepath.Join(t.TempDir(), "asyncapi.json")
		require.NoError(t, os.WriteFile(file, []byte(document), 0o600))
		out, err := exec.CommandContext(t.Context(), program, "lint", "--quiet", "--fail-severity", "error",
			"--ruleset", "testdata/asyncapi.spectral.yaml", file).CombinedOutput()
		if want == "" {
			require.NoError(t, err, "%s", out)
			continue
		}
		require.Error(t, err)
		require.Contains(t, string(out), want)
	}
}
