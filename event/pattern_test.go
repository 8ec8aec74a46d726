package event

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestParsePattern(t *testing.T) {
	t.Parallel()
	p, err := parsePattern("/API/Ob%6Aects/{register}/{id...}")
	require.NoError(t, err)
	require.Equal(t, []segment{
		{literalSegment, "api"}, {literalSegment, "objects"}, {paramSegment, "register"}, {restSegment, "id"},
	}, p.segments)
	require.Equal(t, []string{"register", "id"}, p.params)
}

func TestParsePatternNamesTheMistake(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"":                                     "must begin with a slash",
		"api":                                  "must begin with a slash",
		"/a//b":                                "empty segment",
		"/a/../b":                              "dot segment",
		"/a b":                                 `character ' ' must be percent-encoded`,
		"/a?b":                                 `character '?' must be percent-encoded`,
		"/a#b":                                 `character '#' must be percent-encoded`,
		"/{a}/{a}":                             "{a} occurs twice",
		"/{a}.json":                            "takes a whole segment",
		"/x{a}":                                "takes a whole segment",
		"/{a":                                  "takes a whole segment",
		"/{{a}}":                               "takes a whole segment",
		"/{}":                                  "1 to 64 characters",
		"/{1a}":                                "a letter followed by",
		"/{a-b}":                               "a letter followed by",
		"/{a...}/b":                            "must be the last segment",
		"/{http.request.uri.path}":             "choose another name for the parameter, such as {path_name}",
		"/{http.request.host}/x":               "Caddy",
		"/a/" + strings.Repeat("x", 256):       "longer than 255 bytes",
		strings.Repeat("/a", 33):               "has 33 segments",
		"/{a}/{b}/{c}/{d}/{e}/{f}/{g}/{h}/{i}": "more than 8 parameters",
	} {
		_, err := parsePattern(text)
		require.ErrorContains(t, err, want, text)
	}
}

func FuzzMatch(f *testing.F) {
	f.Add("/api/{a}/b", "/api/x/b")
	f.Add("/{rest...}", "//")
	f.Add("/%6a/{x}", "/J/%")
	f.Fuzz(func(t *testing.T, pattern, path string) {
		table, err := Compile(Config{Rules: []Rule{post(pattern)}, Presets: []string{"openregister", "rest"}})
		if err != nil {
			return
		}
		m, ok := table.Match("POST", path)
		if _, same := table.Match("POST", strings.ToUpper(path)); ok && isASCII(path) {
			require.True(t, same, "a path in capitals walks round")
		}
		if !ok {
			return
		}
		require.True(t, table.Knows(path))
		for i := range m.leaf.actions[0].rule.path.params {
			require.NotEmpty(t, m.raw(i))
			require.Contains(t, path, m.raw(i))
		}
	})
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= 0x80 || s[i] == '%' {
			return false
		}
	}
	return true
}
