package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/caddyserver/xcaddy"
)

var errTrailingData = errors.New("more than one JSON value in the file")

// ReadRecipe reads the build recipe at path: the JSON form of [xcaddy.Builder],
// with every path in it made absolute. A key that the builder does not know is
// an error, so a misspelt setting never builds something other than what was asked for.
func ReadRecipe(path string) (xcaddy.Builder, error) {
	raw, err := os.ReadFile(path) //nolint:gosec // G304: the person who builds names the file
	if err != nil {
		return xcaddy.Builder{}, fmt.Errorf("reading the build recipe: %w", err)
	}
	builder, err := decodeRecipe(raw)
	if err != nil {
		return xcaddy.Builder{}, fmt.Errorf("reading the build recipe %s: %w", path, err)
	}
	dir, err := filepath.Abs(filepath.Dir(path))
	if err != nil {
		return xcaddy.Builder{}, fmt.Errorf("locating the build recipe: %w", err)
	}
	resolvePaths(&builder, dir)
	return builder, nil
}

func decodeRecipe(raw []byte) (xcaddy.Builder, error) {
	var builder xcaddy.Builder
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&builder); err != nil {
		return xcaddy.Builder{}, err
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return xcaddy.Builder{}, errTrailingData
	}
	return builder, nil
}

// resolvePaths reads the relative paths of a recipe from the folder the recipe
// is in. xcaddy works in a temporary folder and would look for them there.
func resolvePaths(builder *xcaddy.Builder, dir string) {
	for i, replacement := range builder.Replacements {
		if target := replacement.New.String(); isRelative(target) {
			builder.Replacements[i].New = xcaddy.ReplacementPath(filepath.Join(dir, target))
		}
	}
	for i, embed := range builder.EmbedDirs {
		if embed.Dir != "" && !filepath.IsAbs(embed.Dir) {
			builder.EmbedDirs[i].Dir = filepath.Join(dir, embed.Dir)
		}
	}
}

// isRelative tells a folder ("." or "../fork") from a module path
// ("example.com/fork v1.2.3"), by the same mark as go.mod does.
func isRelative(target string) bool {
	return target == "." || target == ".." ||
		strings.HasPrefix(target, "./") || strings.HasPrefix(target, "../")
}
