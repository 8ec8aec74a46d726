package webhook

import (
	"path"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/stretchr/testify/require"
)

const createdClass = `OCA\OpenRegister\Event\ObjectCreatedEvent`

// TestPatternOR17 is case OR-17 of the reference and the table of its section
// 1.9, as a user expects them: a backslash is just a backslash.
func TestPatternOR17(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{
		createdClass:                           true,
		`OCA\OpenRegister\Event\Object*`:       true,
		`OCA\OpenRegister\Event\*CreatedEvent`: true,
		`OCA\\OpenRegister\\Event\\Object*`:    true, // escaped once too often
		`*CreatedEvent`:                        true,
		`*ObjectCreatedEvent`:                  true,
		`OCA*Object*`:                          true,
		`OCA?OpenRegister?Event?Object*`:       true,
		`*Object[CU]*Event`:                    true,
		`*Object[!X-Z]*Event`:                  true,
		`*`:                                    true,
		`OCA\OpenRegister\Event\Register*`:     false,
		`*Object[!CU]reatedEvent`:              false,
		`Object*`:                              false, // anchored
		`*object*`:                             false, // case
		`OCA/OpenRegister/Event/Object*`:       false,
		`OCA\OpenRegister\Event\Object`:        false,
	} {
		p, err := parsePattern(text)
		require.NoError(t, err, text)
		require.Equal(t, want, p.matches(createdClass), text)
	}
}

func TestPatternOnTypeNames(t *testing.T) {
	t.Parallel()
	tests := []struct {
		pattern, name string
		want          bool
	}{
		{"object.*", "object.created", true},
		{"object.*", "object.created.v2", true}, // a dot is no boundary
		{"*.created", "schema.created", true},
		{"*.created", "object.updated", false},
		{"object.creat[ei][dn]*", "object.creating", true},
		{"*", "", true},
		{"?", "", false},
		{"?", "é", true}, // one character, not one byte
		{"??", "é", false},
		{"[à-ü]", "é", true},
		{"[!a]", "é", true},
		{"[]]", "]", true},
		{"[!]]", "]", false},
		{"[a-]", "-", true},
		{"[-a]", "-", true},
		{"[^a]", "a", true}, // only ! negates
		{`[\]x`, `\x`, true},
		{"**a**", "bab", true},
		{"a*b*c", "a-b-b-c", true},
		{"a*b*c", "a-b-c-d", false},
		{"object.created", "object.created", true},
		{"object.created", "object.createdX", false},
		{"object.created", "objectXcreated", false}, // a dot is a dot
		{"a+(b)|c", "a+(b)|c", true},
	}
	for _, tt := range tests {
		p, err := parsePattern(tt.pattern)
		require.NoError(t, err, tt.pattern)
		require.Equal(t, tt.want, p.matches(tt.name), "%q on %q", tt.pattern, tt.name)
	}
}

func TestPatternFaults(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]error{
		"":                       errPatternEmpty,
		strings.Repeat("a", 256): errPatternLong,
		"object.[":               errSetUnclosed,
		"object.[!":              errSetUnclosed,
		"object.[abc":            errSetUnclosed,
		"[]":                     errSetUnclosed, // the ] is the set's first member
		"[a-":                    errSetUnclosed,
		"[z-a]":                  errSetReversed,
		"object.[[:alpha:]]*":    errSetNamedClass,
	} {
		_, err := parsePattern(text)
		require.ErrorIs(t, err, want, text)
	}
}

func TestPatternLiteral(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"object.created":                    "object.created",
		createdClass:                        createdClass,
		`OCA\\OpenRegister\\Event\\Created`: `OCA\OpenRegister\Event\Created`,
	} {
		p, err := parsePattern(text)
		require.NoError(t, err)
		name, ok := p.literal()
		require.True(t, ok)
		require.Equal(t, want, name)
	}
	for _, text := range []string{"*", "a?", "[a]"} {
		p, err := parsePattern(text)
		require.NoError(t, err)
		_, ok := p.literal()
		require.False(t, ok, text)
	}
}

// TestPatternWorstCase is the kind of input on which a matcher that tries every
// star again would not come back.
func TestPatternWorstCase(t *testing.T) {
	t.Parallel()
	p, err := parsePattern(strings.Repeat("*a", 100) + "*b")
	require.NoError(t, err)
	start := time.Now()
	require.False(t, p.matches(strings.Repeat("a", 10_000)))
	require.Less(t, time.Since(start), 5*time.Second)
}

// slowMatch is the obvious matcher: it follows the definition and nothing else.
func slowMatch(tokens []token, name []rune) bool {
	switch {
	case len(tokens) == 0:
		return len(name) == 0
	case tokens[0].kind == anyRun:
		return slowMatch(tokens[1:], name) || len(name) > 0 && slowMatch(tokens, name[1:])
	case len(name) == 0:
		return false
	}
	return tokens[0].takes(name[0]) && slowMatch(tokens[1:], name[1:])
}

// FuzzPattern compares with slowMatch, and with path.Match where both speak the
// same language: no backslash, no slash, and its ^ written as our !.
func FuzzPattern(f *testing.F) {
	for _, seed := range [][2]string{
		{"object.*", "object.created"}, {"*[!a-c]?", "xyz"}, {`a\*`, `a\b`}, {"[]-]", "-"}, {"[a-]", "-"}, {"é*?", "éàü"},
	} {
		f.Add(seed[0], seed[1])
	}
	f.Fuzz(func(t *testing.T, text, name string) {
		p, err := parsePattern(text)
		if err != nil || strings.Count(text, "*") > 8 || len(name) > 40 || !utf8.ValidString(text) || !utf8.ValidString(name) {
			return
		}
		got := p.matches(name)
		if want := slowMatch(p.tokens, []rune(name)); got != want {
			t.Fatalf("%q on %q: got %v, want %v", text, name, got, want)
		}
		if literal, ok := p.literal(); ok && got != (literal == name) {
			t.Fatalf("%q is a literal and matches %q: %v", text, name, got)
		}
		if strings.ContainsAny(text+name, `\/^-[]`) {
			return
		}
		want, err := path.Match(text, name)
		if err == nil && got != want {
			t.Fatalf("%q on %q: got %v, path.Match says %v", text, name, got, want)
		}
	})
}

func BenchmarkPattern(b *testing.B) {
	p, err := parsePattern(`OCA\OpenRegister\Event\*CreatedEvent`)
	require.NoError(b, err)
	b.ReportAllocs()
	for b.Loop() {
		if !p.matches(createdClass) {
			b.Fatal("no match")
		}
	}
}
