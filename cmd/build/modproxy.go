package main

import (
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"
)

// withCacheFallback returns the GOPROXY list with the local module cache as the
// fallback of its first entry.
//
// xcaddy asks the module proxy for a plugin even when a replacement holds its
// code. A proxy that answers 403 for a module it does not know then ends the
// build, because Go goes on to the next entry of a comma list only after 404 and
// 410. After "|" it goes on after any error, and the cache answers 404 at worst.
func withCacheFallback(list, cache string) string {
	first, rest, separator := cutEntry(list)
	if first == "" || first == "direct" || first == "off" || strings.HasPrefix(first, "file:") {
		return list
	}
	return first + "|" + cacheURL(cache) + separator + rest
}

// cutEntry splits a GOPROXY list at its first separator, "," or "|".
func cutEntry(list string) (first, rest, separator string) {
	at := strings.IndexAny(list, ",|")
	if at < 0 {
		return list, "", ""
	}
	return list[:at], list[at+1:], list[at : at+1]
}

func cacheURL(cache string) string {
	slashed := filepath.ToSlash(filepath.Join(cache, "cache", "download"))
	if !strings.HasPrefix(slashed, "/") {
		slashed = "/" + slashed // a Windows drive letter
	}
	return "file://" + slashed
}

// goEnv asks the go command, which also knows what `go env -w` stored.
func goEnv(name string) (string, error) {
	out, err := exec.Command("go", "env", name).Output() //nolint:gosec,noctx // G204: only names from this program; ends at once
	if err != nil {
		return "", fmt.Errorf("asking the go command for %s: %w", name, err)
	}
	return strings.TrimSpace(string(out)), nil
}
