package request

import (
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestCanonical(t *testing.T) {
	t.Parallel()
	for path, want := range map[string]string{
		"/a%2fb":   "/a%2Fb",
		"/%61%3b":  "/a;",
		"/%":       "/%25",
		"/%2":      "/%252",
		"/%zz":     "/%25zz",
		"/\xc3é":   "/%C3%C3%A9",
		"/a b\\":   "/a%20b%5C",
		"/[x]^%5b": "/%5Bx%5D%5E%5B",
	} {
		require.Equal(t, want, canonical(path))
		require.Equal(t, want, canonical(want), "canonical is its own canonical form")
	}
}

func TestReadings(t *testing.T) {
	t.Parallel()
	cases := []struct {
		read func(string) string
		path string
		want string
	}{
		{readSlash, "/a%2Fb%252Fc", "/a/b%252Fc"},
		{readBackslash, "/a%5Cb", "/a/b"},
		{cutParameters, "/a;x=1/b;/;c/d", "/a/b//d"},
		{cutDelimiters, "/a%3Fb", "/a"},
		{cutDelimiters, "/a%23b%3Fc", "/a"},
		{cutSegmentsAtDelimiters, "/a%3Fb/c%23d", "/a/c"},
		{cutSegmentsAtNUL, "/a%00b/c", "/a/c"},
		{cutNUL, "/a%00b", "/a"},
		{dropControls, "/a%00b%1F%7F%20c", "/ab%20c"},
		{decodeAgain, "/%2541%252F%25%20", "/A%2F%25%20"},
		{mergeSlashes, "//a///b/", "/a/b/"},
		{resolveDots, "/a/./b/../c/..", "/a"},
		{resolveDots, "/../../a/.b/..c/...", "/a/.b/..c/..."},
		{foldLookAlikes, "/%EF%BC%AF%C3%A9", "/O%C3%A9"},
		{foldLookAlikes, "/%C0%AE%c1", "/.%c1"},
		{foldLookAlikes, "/%F0%80%80%AF%E0%81%81%C0.", "/%2FA."},
		{foldLookAlikes, "/%C3%A9%E6%97%A5", "/%C3%A9%E6%97%A5"},
	}
	for _, c := range cases {
		got := c.read(c.path)
		require.Equal(t, canonical(c.want), canonical(got), c.path)
	}
}

// register is one lenient reader of request targets, written without any regard
// for cost. It works on decoded text, unlike the code under test.
type register struct {
	decodings           int
	wholePath           bool // decodes before it splits at slashes
	overlong, fullWidth bool
	nul, controls       bool
	delimiters          bool
	backslash           bool
	parametersFirst     bool
	parametersLast      bool
	merge, dots         bool
}

var (
	overlongReplacer  = strings.NewReplacer("\xc0\xaf", "/", "\xc0\xae", ".", "\xc1\x9c", "\\", "\xe0\x80\xaf", "/", "\xe0\x80\xae", ".")
	fullWidthReplacer = strings.NewReplacer("／", "/", "．", ".", "＼", "\\", "ａ", "a", "；", ";")
)

// registers are all combinations.
func registers() []register {
	var all []register
	for bits := range 1 << 11 {
		on := func(i int) bool { return bits>>i&1 == 1 }
		for decodings := 1; decodings <= 3; decodings++ {
			all = append(all, register{
				decodings, on(0), on(1), on(2), on(3), on(4), on(5), on(6), on(7), on(8), on(9), on(10),
			})
		}
	}
	return all
}

// segments gives the decoded segments that the register routes by.
func (g register) segments(target string) []string {
	path := target
	if g.parametersFirst {
		path = withoutParameters(path)
	}
	if !g.wholePath {
		parts := strings.Split(path, "/")
		for i := range parts {
			parts[i] = g.decode(parts[i])
		}
		return g.route(parts)
	}
	path = g.decode(path)
	if g.parametersLast {
		path = withoutParameters(path)
	}
	return g.route(strings.Split(path, "/"))
}

func (g register) decode(text string) string {
	for range g.decodings {
		text = decodeOnce(text)
	}
	if g.overlong {
		text = overlongReplacer.Replace(text)
	}
	if g.fullWidth {
		text = fullWidthReplacer.Replace(text)
	}
	if g.delimiters {
		text, _, _ = strings.Cut(text, "?")
		text, _, _ = strings.Cut(text, "#")
	}
	if g.nul {
		text, _, _ = strings.Cut(text, "\x00")
	}
	if g.controls {
		text = string(slices.DeleteFunc([]byte(text), func(c byte) bool { return isControl(rune(c)) }))
	}
	if g.backslash {
		text = strings.ReplaceAll(text, "\\", "/")
	}
	return text
}

func (g register) route(parts []string) []string {
	var kept []string
	for i, part := range parts {
		switch {
		case i == 0 && part == "":
		case g.merge && part == "":
		case g.dots && part == ".":
		case g.dots && part == "..":
			if len(kept) > 0 {
				kept = kept[:len(kept)-1]
			}
		default:
			kept = append(kept, part)
		}
	}
	return kept
}

func withoutParameters(path string) string {
	parts := strings.Split(path, "/")
	for i := range parts {
		parts[i], _, _ = strings.Cut(parts[i], ";")
	}
	return strings.Join(parts, "/")
}

func decodeOnce(text string) string {
	var b strings.Builder
	for i := 0; i < len(text); i++ {
		if decoded, err := url.PathUnescape(text[i:min(i+3, len(text))]); err == nil && text[i] == '%' {
			b.WriteString(decoded)
			i += 2
			continue
		}
		b.WriteByte(text[i])
	}
	return b.String()
}

// FuzzCheckPath: a path that is accepted is no known path to any of the
// registers, unless it is the very same one to the rules.
func FuzzCheckPath(f *testing.F) {
	for _, attack := range attacks {
		f.Add(attack, uint16(0))
	}
	f.Add("/api/objects/1/caf%C3%A9%20", uint16(0))
	all := registers()
	const stride = 97 // of the registers that one run asks: a prime, so that runs differ
	f.Fuzz(func(t *testing.T, target string, first uint16) {
		u, err := url.ParseRequestURI(target)
		if err != nil || len(target) > 100 {
			t.Skip()
		}
		if CheckPath(u, Relax{}, testRules) != nil {
			return
		}
		escaped := u.EscapedPath()
		strict := register{decodings: 1}.segments(escaped)
		for i := int(first) % stride; i < len(all); i += stride {
			g := all[i]
			seen := g.segments(escaped)
			if knownSegments(seen) && !slices.Equal(seen, strict) {
				t.Fatalf("%q is accepted as %q, but %+v routes it as %q", target, strict, g, seen)
			}
		}
	})
}

func knownSegments(segments []string) bool {
	for _, rule := range testRules {
		want := strings.Split(rule, "/")[1:]
		match := len(want) == len(segments)
		for i := 0; match && i < len(want); i++ {
			match = segments[i] == want[i] || want[i] == "{}" && segments[i] != ""
		}
		if match {
			return true
		}
	}
	return false
}
