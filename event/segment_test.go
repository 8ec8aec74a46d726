package event

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestFolded(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"abc": "abc", "ABC": "abc", "%41b%63": "abc", "%": "%", "%4": "%4", "%zz": "%zz", "%2f": "/", "%2F": "/",
		"\u212a": "k", "%E2%84%AA": "k", "\u017f": "s", "É": folding(t, "é"), "%c3%89": folding(t, "é"), "\xff": "\xff", "": "",
	} {
		require.Equal(t, want, folding(t, in), "%q", in)
	}
	var buf [maxLiteral]byte
	_, ok := folded(&buf, strings.Repeat("a", maxLiteral+1))
	require.False(t, ok)
	_, ok = folded(&buf, strings.Repeat("é", maxLiteral/2))
	require.False(t, ok, "no room to fold")
}

func folding(t *testing.T, in string) string {
	t.Helper()
	var buf [maxLiteral]byte
	out, ok := folded(&buf, in)
	require.True(t, ok)
	return string(out)
}

func TestDecodeSegmentOnce(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"plain": "plain", "a%20b": "a b", "a%2520b": "a%20b", "100%25": "100%", "%": "%", "%f": "%f", "+": "+", "%2F": "/",
	} {
		require.Equal(t, want, decodeSegment(in))
	}
}
