package main

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestWithCacheFallback(t *testing.T) {
	t.Parallel()
	const cache = "/home/me/go/pkg/mod"
	const fallback = "file:///home/me/go/pkg/mod/cache/download"
	cases := []struct{ name, list, want string }{
		{"one proxy", "https://proxy.example", "https://proxy.example|" + fallback},
		{"proxy, then direct", "https://proxy.example,direct", "https://proxy.example|" + fallback + ",direct"},
		{"already lenient", "https://a.example|https://b.example", "https://a.example|" + fallback + "|https://b.example"},
		{"direct stays direct", "direct", "direct"},
		{"off stays off", "off", "off"},
		{"a local proxy answers 404 itself", "file:///srv/goproxy,direct", "file:///srv/goproxy,direct"},
		{"nothing set", "", ""},
	}
	for _, tc := range cases {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			require.Equal(t, tc.want, withCacheFallback(tc.list, cache))
		})
	}
}

func TestCacheURLOfADriveLetter(t *testing.T) {
	t.Parallel()
	require.Equal(t, "file:///C:/go/mod/cache/download", cacheURL("C:/go/mod"))
}

func TestGoEnv(t *testing.T) {
	t.Parallel()
	cache, err := goEnv("GOMODCACHE")
	require.NoError(t, err)
	require.NotEmpty(t, cache)
}
