package caddymodule

import (
	"runtime/debug"
	"slices"
)

// modulePath is the module that this is.
const modulePath = "github.com/voorpoort/voorpoort"

// fromSource is the version of what was built from a folder, as Go calls it.
const fromSource = "(devel)"

// ownVersion is the version of Voorpoort in a program, whether it is the
// program's own module or one that was built into a Caddy: "v1.2.3", a
// pseudo-version, the revision it was built from, or "(devel)" if not even that
// is known.
func ownVersion(info *debug.BuildInfo) string {
	if info == nil {
		return fromSource
	}
	if info.Main.Path == modulePath {
		if info.Main.Version == "" || info.Main.Version == fromSource {
			return revisionOf(info)
		}
		return info.Main.Version
	}
	i := slices.IndexFunc(info.Deps, func(m *debug.Module) bool { return m.Path == modulePath })
	if i < 0 {
		return fromSource
	}
	m := info.Deps[i]
	if m.Replace != nil {
		m = m.Replace
	}
	if m.Version == "" {
		return fromSource // replaced by a folder, whose revision Go does not tell
	}
	return m.Version
}

// revisionOf is the revision that a program was built from.
func revisionOf(info *debug.BuildInfo) string {
	revision, modified := "", ""
	for _, s := range info.Settings {
		switch {
		case s.Key == "vcs.revision":
			revision = s.Value[:min(len(s.Value), 12)]
		case s.Key == "vcs.modified" && s.Value == "true":
			modified = "+dirty"
		}
	}
	if revision == "" {
		return fromSource
	}
	return revision + modified
}
