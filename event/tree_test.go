package event

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// slowMatch is the obvious way to match one pattern: segment by segment. It gives the values of the parameters and one letter for
// the kind of each segment, by which more specific patterns sort first.
func slowMatch(p pattern, path string) (values []string, kinds string, ok bool) {
	parts := strings.Split(strings.TrimPrefix(path, "/"), "/")
	if len(parts) > 0 && parts[len(parts)-1] == "" {
		parts = parts[:len(parts)-1]
	}
	for i, s := range p.segments {
		if i >= len(parts) || parts[i] == "" {
			return nil, "", false
		}
		switch s.kind {
		case restSegment:
			return append(values, strings.Join(parts[i:], "/")), kinds + "c", true
		case paramSegment:
			values, kinds = append(values, parts[i]), kinds+"b"
		case literalSegment:
			if !strings.EqualFold(decodeSegment(parts[i]), s.text) {
				return nil, "", false
			}
			kinds += "a"
		}
	}
	return values, kinds, len(parts) == len(p.segments)
}

// TestSearchAgreesWithTheObviousWay compares all matches of random paths in random sets of rules, in order.
func TestSearchAgreesWithTheObviousWay(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(1, 2))
	for range 300 {
		patterns := randomPatterns(t, random)
		var tr tree
		for text, p := range patterns {
			leaf := tr.insert(p.segments).addMethod("POST")
			leaf.actions = append(leaf.actions, &action{name: text, rule: &rule{path: p}})
		}
		table := &Table{tree: tr}
		for range 50 {
			path := randomText(random, []string{"a", "A", "b", "%61", "c", ""})
			requireSameMatches(t, table, patterns, path)
		}
	}
}

// randomPatterns gives some patterns, by their text without the parameters' names.
func randomPatterns(t *testing.T, random *rand.Rand) map[string]pattern {
	t.Helper()
	patterns := make(map[string]pattern)
	for range 1 + random.IntN(12) {
		text := randomText(random, []string{"a", "b", "{}", "{}"})
		if random.IntN(5) == 0 {
			text += "/{...}"
		}
		named := text
		for i := 0; strings.Contains(named, "{}"); i++ {
			named = strings.Replace(named, "{}", fmt.Sprintf("{p%d}", i), 1)
		}
		p, err := parsePattern(strings.Replace(named, "{...}", "{rest...}", 1))
		require.NoError(t, err)
		patterns[text] = p
	}
	return patterns
}

func randomText(random *rand.Rand, segments []string) string {
	var b strings.Builder
	for range 1 + random.IntN(4) {
		b.WriteByte('/')
		b.WriteString(segments[random.IntN(len(segments))])
	}
	return b.String()
}

func requireSameMatches(t *testing.T, table *Table, patterns map[string]pattern, path string) {
	t.Helper()
	type match struct{ kinds, pattern, values string }
	var want, got []match
	for text, p := range patterns {
		if values, kinds, ok := slowMatch(p, path); ok {
			want = append(want, match{kinds, text, strings.Join(values, " ")})
		}
	}
	slices.SortFunc(want, func(a, b match) int { return strings.Compare(a.kinds, b.kinds) })
	for skip := 0; ; skip++ {
		m, ok := table.find("POST", path, skip)
		if !ok {
			break
		}
		a := m.leaf.actions[0]
		values := make([]string, len(a.rule.path.params))
		for i := range values {
			values[i] = m.raw(i)
		}
		_, kinds, _ := slowMatch(a.rule.path, path)
		got = append(got, match{kinds, a.name, strings.Join(values, " ")})
	}
	require.Equal(t, want, got, "%s in %v", path, patterns)
	require.Equal(t, len(want) > 0, table.Knows(path))
}

// TestNoSpellingWalksRound: every spelling that a forgiving register might take for an intercepted path is intercepted.
func TestNoSpellingWalksRound(t *testing.T) {
	t.Parallel()
	table := compile(t, Config{Presets: []string{"openregister"}})
	const path = "/index.php/apps/openregister/api/objects/r/s"
	random := rand.New(rand.NewPCG(3, 4))
	for range 2000 {
		var b strings.Builder
		for _, c := range []byte(path) {
			switch {
			case c == '/' || random.IntN(3) > 0:
				b.WriteByte(c)
			case random.IntN(2) > 0:
				b.WriteString(strings.ToUpper(string(c)))
			default:
				fmt.Fprintf(&b, "%%%02x", c)
			}
		}
		e := before(t, table, request("POST", b.String(), "{}"))
		require.Equal(t, "object.creating", e.Type.Name)
		require.True(t, strings.EqualFold("object:r/s", e.Subject))
	}
}
