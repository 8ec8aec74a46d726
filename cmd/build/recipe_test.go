package main

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/caddyserver/xcaddy"
	"github.com/stretchr/testify/require"
)

func writeRecipe(t *testing.T, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "xcaddy.json")
	require.NoError(t, os.WriteFile(path, []byte(content), 0o600))
	return path
}

func TestReadRecipeKnowsEveryKeyOfTheBuilder(t *testing.T) {
	t.Parallel()
	path := writeRecipe(t, `{
		"os": "linux", "arch": "arm", "arm": "7", "cgo": true,
		"caddy_version": "v2.11.9",
		"plugins": [{"module_path": "example.com/plugin", "version": "v1.2.3"}],
		"replacements": [{"old": "example.com/plugin", "new": "example.com/fork v1.2.4"}],
		"timeout_get": 1000000000, "timeout_build": 2000000000,
		"race_detector": true, "skip_cleanup": true, "skip_build": true, "debug": true,
		"build_flags": "-tags x", "mod_flags": "-modcacherw",
		"embed_dir": [{"dir": "/srv/site", "name": "site"}]
	}`)

	builder, err := ReadRecipe(path)
	require.NoError(t, err)
	require.Equal(t, "linux", builder.OS)
	require.Equal(t, "arm", builder.Arch)
	require.Equal(t, "7", builder.ARM)
	require.True(t, builder.Cgo)
	require.Equal(t, "v2.11.9", builder.CaddyVersion)
	require.Equal(t, []xcaddy.Dependency{{PackagePath: "example.com/plugin", Version: "v1.2.3"}}, builder.Plugins)
	require.Equal(t, []xcaddy.Replace{xcaddy.NewReplace("example.com/plugin", "example.com/fork v1.2.4")}, builder.Replacements)
	require.Equal(t, time.Second, builder.TimeoutGet)
	require.Equal(t, 2*time.Second, builder.TimeoutBuild)
	require.True(t, builder.RaceDetector && builder.SkipCleanup && builder.SkipBuild && builder.Debug)
	require.Equal(t, "-tags x", builder.BuildFlags)
	require.Equal(t, "-modcacherw", builder.ModFlags)
	require.Equal(t, "/srv/site", builder.EmbedDirs[0].Dir)
}

func TestReadRecipeRefuses(t *testing.T) {
	t.Parallel()
	cases := []struct{ name, content, message string }{
		{"an unknown key", `{"caddy_verzion": "v2.11.9"}`, `unknown field "caddy_verzion"`},
		{"an unknown nested key", `{"plugins": [{"path": "x"}]}`, `unknown field "path"`},
		{"a duration as text", `{"timeout_get": "10s"}`, "timeout_get"},
		{"trailing data", `{} {}`, "more than one JSON value"},
		{"an empty file", ``, "EOF"},
		{"no object", `[]`, "cannot unmarshal array"},
	}
	for _, tc := range cases {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			path := writeRecipe(t, tc.content)
			_, err := ReadRecipe(path)
			require.ErrorContains(t, err, tc.message)
			require.ErrorContains(t, err, path)
		})
	}
}

func TestReadRecipeOfAMissingFile(t *testing.T) {
	t.Parallel()
	_, err := ReadRecipe(filepath.Join(t.TempDir(), "none.json"))
	require.ErrorIs(t, err, os.ErrNotExist)
}

func TestReadRecipeResolvesPathsFromItsOwnFolder(t *testing.T) {
	t.Parallel()
	path := writeRecipe(t, `{
		"replacements": [
			{"old": "a", "new": "."}, {"old": "b", "new": ".."}, {"old": "c", "new": "./sub"},
			{"old": "d", "new": "../side"}, {"old": "e", "new": "/abs"}, {"old": "f", "new": "example.com/f v1.0.0"},
			{"old": "g", "new": ".hidden.example/g v1.0.0"}
		],
		"embed_dir": [{"dir": "site"}, {"dir": "/abs"}]
	}`)
	dir := filepath.Dir(path)

	builder, err := ReadRecipe(path)
	require.NoError(t, err)

	var targets []string
	for _, replacement := range builder.Replacements {
		targets = append(targets, replacement.New.String())
	}
	require.Equal(t, []string{
		dir, filepath.Dir(dir), filepath.Join(dir, "sub"), filepath.Join(filepath.Dir(dir), "side"),
		"/abs", "example.com/f v1.0.0", ".hidden.example/g v1.0.0",
	}, targets)
	require.Equal(t, filepath.Join(dir, "site"), builder.EmbedDirs[0].Dir)
	require.Equal(t, "/abs", builder.EmbedDirs[1].Dir)
}

func TestOurOwnRecipeIsValid(t *testing.T) {
	t.Parallel()
	builder, err := ReadRecipe("../../xcaddy.json")
	require.NoError(t, err)
	require.NotEmpty(t, builder.CaddyVersion)
	require.Equal(t, "github.com/voorpoort/voorpoort/caddymodule", builder.Plugins[0].PackagePath)
	require.FileExists(t, filepath.Join(builder.Replacements[0].New.String(), "go.mod"))
}
