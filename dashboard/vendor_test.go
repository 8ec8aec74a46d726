package dashboard

import (
	"crypto/sha256"
	"encoding/hex"
	"os"
	"regexp"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestTheLibrariesAreThoseOfTheList compares each library with its sum in
// VENDOR.md, and wants its licence beside it.
func TestTheLibrariesAreThoseOfTheList(t *testing.T) {
	t.Parallel()
	list, err := os.ReadFile("VENDOR.md")
	require.NoError(t, err)
	rows := regexp.MustCompile("(?m)^\\| `([^`]+)` \\| (?:@\\w+/)?(\\w+) \\| (\\d[\\d.]+) \\| ([\\w.-]+) \\| `([0-9a-f]{64})` \\|$").FindAllStringSubmatch(string(list), -1)
	listed := map[string]bool{}
	script, err := os.ReadFile("vendor.sh")
	require.NoError(t, err)
	for _, row := range rows {
		file, name, version, sum := row[1], row[2], row[3], row[5]
		content, err := static.ReadFile("static/library/" + file)
		require.NoError(t, err)
		is := sha256.Sum256(content)
		require.Equal(t, sum, hex.EncodeToString(is[:]), file)
		require.Contains(t, string(script), name+"@"+version)
		_, err = static.ReadFile("static/library/" + name + ".licence.txt")
		require.NoError(t, err)
		listed[file] = true
	}
	entries, err := static.ReadDir("static/library")
	require.NoError(t, err)
	for _, entry := range entries {
		if !regexp.MustCompile(`\.txt$`).MatchString(entry.Name()) {
			require.True(t, listed[entry.Name()], "%s is not in VENDOR.md", entry.Name())
		}
	}
}
