package dashboard

import (
	"io/fs"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// words reads a language's file: one key and one text a line.
func words(t *testing.T, name string) map[string]string {
	t.Helper()
	content, err := static.ReadFile("static/language/" + name + ".js")
	require.NoError(t, err)
	found := map[string]string{}
	for _, match := range regexp.MustCompile(`(?m)^\t"([^"]+)": "(.*)",$`).FindAllStringSubmatch(string(content), -1) {
		require.NotContains(t, found, match[1], "twice in %s", name)
		found[match[1]] = match[2]
	}
	require.Greater(t, len(found), 200)
	require.Len(t, found, strings.Count(string(content), "\n\t\""), "a line that is no key with a text")
	return found
}

func TestBothLanguagesSayTheSameThings(t *testing.T) {
	t.Parallel()
	english, dutch := words(t, "en"), words(t, "nl")
	require.Equal(t, slices.Sorted(maps.Keys(english)), slices.Sorted(maps.Keys(dutch)))
	placeholders := regexp.MustCompile(`\{\w+\}`)
	for key, text := range english {
		require.NotEmpty(t, dutch[key], key)
		require.ElementsMatch(t, placeholders.FindAllString(text, -1), placeholders.FindAllString(dutch[key], -1), key)
	}
}

// TestEveryWordIsThere finds t("key") in the modules. Keys that are put together
// from parts are found by their first part.
func TestEveryWordIsThere(t *testing.T) {
	t.Parallel()
	english := words(t, "en")
	plain := regexp.MustCompile(`\bt\("([^"]+)"`)
	joined := regexp.MustCompile("\\bt\\(`([a-z-]+\\.)\\$")
	require.NoError(t, fs.WalkDir(static, "static", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || !strings.HasSuffix(name, ".js") || strings.Contains(name, "/library/") {
			return err
		}
		content, err := static.ReadFile(name)
		for _, match := range plain.FindAllSubmatch(content, -1) {
			require.Contains(t, english, string(match[1]), name)
		}
		for _, match := range joined.FindAllSubmatch(content, -1) {
			begins := func(key string) bool { return strings.HasPrefix(key, string(match[1])) }
			require.True(t, slices.ContainsFunc(slices.Collect(maps.Keys(english)), begins), "%s: %s", name, match[1])
		}
		return err
	}))
}

// TestEveryFieldIsExplained: the form's fields have a label and a help text.
func TestEveryFieldIsExplained(t *testing.T) {
	t.Parallel()
	english := words(t, "en")
	content, err := static.ReadFile("static/part/webhookfields.js")
	require.NoError(t, err)
	found := regexp.MustCompile(`(?:field|choice)\("[^"]*?([A-Za-z0-9]+)",`).FindAllSubmatch(content, -1)
	require.Greater(t, len(found), 20)
	for _, match := range found {
		require.Contains(t, english, "field."+string(match[1])+".label")
		require.Contains(t, english, "field."+string(match[1])+".help")
	}
}
