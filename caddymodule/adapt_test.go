package caddymodule_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/caddyserver/caddy/v2/caddyconfig"
	_ "github.com/caddyserver/caddy/v2/modules/standard"
	"github.com/stretchr/testify/require"
)

var update = flag.Bool("update", false, "write the golden files anew from what the adapter does now")

const separator = "----------\n"

// TestAdapt reads the golden files: a Caddyfile, a line of dashes, and the JSON
// that comes of it, or lines with `error: ` and a part of the message each.
func TestAdapt(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/adapt/*.caddyfiletest")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".caddyfiletest"), func(t *testing.T) {
			t.Parallel()
			raw, err := os.ReadFile(file)
			require.NoError(t, err)
			source, want, _ := strings.Cut(string(raw), separator)
			got, adaptErr := adapt(t, source)
			if *update && adaptErr == nil {
				require.NoError(t, os.WriteFile(file, []byte(source+separator+got), 0o600))
				return
			}
			if strings.HasPrefix(want, "error: ") {
				for line := range strings.Lines(want) {
					require.ErrorContains(t, adaptErr, strings.TrimSpace(strings.TrimPrefix(line, "error: ")))
				}
				return
			}
			require.NoError(t, adaptErr)
			require.Equal(t, want, got)
		})
	}
}

// adapt gives the JSON of a Caddyfile, indented.
func adapt(t testing.TB, source string) (string, error) {
	t.Helper()
	raw, warnings, err := caddyconfig.GetAdapter("caddyfile").Adapt([]byte(source), map[string]any{"filename": "Caddyfile"})
	if err != nil {
		return "", err
	}
	for _, warning := range warnings {
		require.NotContains(t, warning.Message, "not formatted", "golden files are formatted as `caddy fmt` would")
	}
	var indented bytes.Buffer
	require.NoError(t, json.Indent(&indented, raw, "", "\t"))
	return indented.String() + "\n", nil
}
