package main

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// Resolving the modules of the whole recipe takes minutes on a cold cache, so
// this runs only where it was asked for (the CI builds the real thing anyway).
func TestBuildMakesAProgramThatListsOurModules(t *testing.T) {
	if os.Getenv("VOORPOORT_SLOW") == "" {
		t.Skip("set VOORPOORT_SLOW=1 to build Caddy in a test")
	}
	keepGoproxy(t)
	ctx, cancel := context.WithTimeout(t.Context(), 15*time.Minute)
	defer cancel()

	output := filepath.Join(t.TempDir(), "deep", "voorpoort")
	require.NoError(t, build(ctx, "../../xcaddy.json", output))

	list, err := exec.CommandContext(ctx, output, "list-modules", "--skip-standard").CombinedOutput()
	require.NoError(t, err, string(list))
	require.Contains(t, string(list), "voorpoort")
}

func TestBuildRefusesABadRecipeBeforeTouchingAnything(t *testing.T) {
	keepGoproxy(t)
	before := os.Getenv("GOPROXY")
	output := filepath.Join(t.TempDir(), "bin", "voorpoort")

	err := build(t.Context(), writeRecipe(t, `{"plugin": []}`), output)
	require.ErrorContains(t, err, `unknown field "plugin"`)
	require.NoDirExists(t, filepath.Dir(output))
	require.Equal(t, before, os.Getenv("GOPROXY"))
}

func TestAllowUnpublishedSetsTheFallback(t *testing.T) {
	t.Setenv("GOPROXY", "https://proxy.example,direct")
	t.Setenv("GOMODCACHE", "/cache")
	require.NoError(t, allowUnpublished())
	require.Equal(t, "https://proxy.example|file:///cache/cache/download,direct", os.Getenv("GOPROXY"))
}

// keepGoproxy puts GOPROXY back after the test.
func keepGoproxy(t *testing.T) {
	t.Helper()
	t.Setenv("GOPROXY", os.Getenv("GOPROXY"))
	if os.Getenv("GOPROXY") == "" {
		require.NoError(t, os.Unsetenv("GOPROXY"))
	}
}
