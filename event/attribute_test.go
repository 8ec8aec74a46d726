package event

import (
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"
)

func TestCheckSource(t *testing.T) {
	t.Parallel()
	for _, source := range []string{
		"urn:nld:oin:00000001003214345000:systeem:register", "/apps/openregister", "https://register.example/apps?x=1#y", "1-555-123-4567",
		"urn:uuid:0195fd2c-0000-7000-8000-000000000001", "a%20b",
	} {
		require.NoError(t, checkSource(source), source)
	}
	for _, source := range []string{"a b", "::bad", "a\x00b", "é", "a\"b", "http://[::1", "%zz", "{x}", `a\b`} {
		require.Error(t, checkSource(source), source)
	}
}

func TestAttributeText(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"":                 "",
		"plain":            "plain",
		"é 😀 %20":          "é 😀 %20",
		"\x00a\x1f\x7f":    "%00a%1F%7F",
		"\u0085\u009f":     "%C2%85%C2%9F",
		"\ufdd0\ufdef":     "%EF%B7%90%EF%B7%AF",
		"\ufffe\U0010ffff": "%EF%BF%BE%F4%8F%BF%BF",
		"\ufffd":           "\ufffd",
		"\xff\xc3":         "%FF%C3",
		" ":                "%20",
		"\t\u2003":         "%09%E2%80%83",
	} {
		require.Equal(t, want, attributeText(in), "%q", in)
	}
}

func FuzzAttributeText(f *testing.F) {
	f.Add("\x00\xff\ufffe ")
	f.Fuzz(func(t *testing.T, in string) {
		out := attributeText(in)
		require.True(t, utf8.ValidString(out))
		require.Equal(t, in == "", out == "")
		for _, r := range out {
			require.True(t, allowedRune(r), "%U", r)
		}
		require.Equal(t, out, attributeText(out), "nothing is encoded twice")
	})
}

func TestExtensions(t *testing.T) {
	t.Parallel()
	out, err := appendExtensions(nil, map[string]any{"text": "a\"b", "n": -2147483648.0, "i": 7, "yes": true})
	require.NoError(t, err)
	require.Equal(t, `,"i":7,"n":-2147483648,"text":"a\"b","yes":true`, string(out))
	out, err = appendExtensions(nil, nil)
	require.NoError(t, err)
	require.Empty(t, out)
	for _, name := range []string{"", "a-b", "a_b", "A", "é", "specversion", "abcdefghijklmnopqrstu"} {
		require.Error(t, checkExtensionName(name), name)
	}
}

func TestCheckTypeName(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"object.creating", "nl.overheid.zaken.zaak-gekoppeld", "urn:x/y_z", "X1"} {
		require.NoError(t, checkTypeName(name))
	}
	for _, name := range []string{"a b", "a*", `a\b`, "é", "a\"", "a?", "[a]", "a\n"} {
		require.ErrorContains(t, checkTypeName(name), "a type consists of letters", name)
	}
}
