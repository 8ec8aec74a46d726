package caddymodule

import (
	"runtime/debug"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestOurOwnVersion is found in each kind of program that has us in it, and is
// never that of Caddy or of the program around us.
func TestOurOwnVersion(t *testing.T) {
	t.Parallel()
	caddy := &debug.Module{Path: "github.com/caddyserver/caddy/v2", Version: "v2.11.9"}
	ours := func(version string, replaced *debug.Module) *debug.Module {
		return &debug.Module{Path: modulePath, Version: version, Replace: replaced}
	}
	built := func(main *debug.Module, deps ...*debug.Module) *debug.BuildInfo {
		return &debug.BuildInfo{Main: *main, Deps: append([]*debug.Module{caddy}, deps...)}
	}
	revision := built(ours(fromSource, nil))
	revision.Settings = []debug.BuildSetting{{Key: "vcs.revision", Value: "0123456789abcdef0123"}, {Key: "vcs.modified", Value: "false"}}
	modified := built(ours("", nil))
	modified.Settings = []debug.BuildSetting{{Key: "vcs.modified", Value: "true"}, {Key: "vcs.revision", Value: "0123456789abcdef0123"}}
	custom := &debug.Module{Path: "caddy", Version: fromSource}

	for name, c := range map[string]struct {
		info *debug.BuildInfo
		want string
	}{
		"the program of this module":             {built(ours("v1.2.3", nil)), "v1.2.3"},
		"built from a revision":                  {revision, "0123456789ab"},
		"built from what is not committed":       {modified, "0123456789ab+dirty"},
		"built from an archive":                  {built(ours(fromSource, nil)), fromSource},
		"a Caddy with us":                        {built(custom, ours("v1.2.3", nil)), "v1.2.3"},
		"a Caddy with another version of us":     {built(custom, ours("v1.2.3", &debug.Module{Path: "example.com/fork", Version: "v1.2.4"})), "v1.2.4"},
		"a Caddy with us from a folder":          {built(custom, ours("v0.0.0", &debug.Module{Path: "../voorpoort"})), fromSource},
		"a program that does not say what it is": {nil, fromSource},
		"a program that does not say who we are": {built(custom), fromSource},
	} {
		require.Equal(t, c.want, ownVersion(c.info), name)
	}
}

// TestTheOverviewHasBothVersions: ours, and that of the Caddy around us.
func TestTheOverviewHasBothVersions(t *testing.T) {
	t.Parallel()
	_, call := served(t, "")
	overview := call("GET", "/api/overview", "look", "").Body.String()
	info, _ := debug.ReadBuildInfo()
	require.Contains(t, overview, `"version":"`+ownVersion(info)+`"`)
	require.Contains(t, overview, `"caddyVersion":"`)
}
