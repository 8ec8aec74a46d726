package apply

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestTokensOf(t *testing.T) {
	t.Parallel()
	for pointer, want := range map[string][]string{ // RFC 6901 section 5
		"": nil, "/foo": {"foo"}, "/foo/0": {"foo", "0"}, "/": {""}, "/a~1b": {"a/b"}, "/m~0n": {"m~n"}, "/~01": {"~1"}, "/ /%": {" ", "%"}, "//": {"", ""},
	} {
		tokens, ok := tokensOf(pointer)
		require.True(t, ok, pointer)
		require.Equal(t, want, tokens, pointer)
		require.Equal(t, pointer, pointerTo(tokens))
	}
	for _, pointer := range []string{"a", "#/a", "/~", "/~2", "/a~", "/~0~", " /a"} {
		_, ok := tokensOf(pointer)
		require.False(t, ok, pointer)
	}
}
