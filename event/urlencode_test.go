package event

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestURLEncode(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"":                       "",
		"Az09-._~":               "Az09-._~",
		"a b+c":                  "a%20b%2Bc",
		"/?#[]@!$&'()*,;=:%\"\\": "%2F%3F%23%5B%5D%40%21%24%26%27%28%29%2A%2C%3B%3D%3A%25%22%5C",
		"é\x00\u007f€":           "%C3%A9%00%7F%E2%82%AC",
	} {
		require.Equal(t, want, urlencoded(text))
		require.Equal(t, text, decodeSegment(want), "it reads back")
	}
}
