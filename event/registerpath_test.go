package event

import (
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// requireOnRegister wants a path with query and nothing else.
func requireOnRegister(t *testing.T, path string) {
	t.Helper()
	u, err := url.ParseRequestURI(path)
	require.NoError(t, err)
	require.Empty(t, u.Scheme+u.Host+u.Fragment+u.Opaque)
	require.Nil(t, u.User)
	require.True(t, strings.HasPrefix(path, "/") && !strings.HasPrefix(path, "//"))
	require.NotContains(t, strings.Split(u.Path, "/"), "..")
	require.Equal(t, -1, strings.IndexFunc(path, func(r rune) bool { return r <= ' ' || r >= 0x7f }))
}

// FuzzRegisterPath: what passes is a path on the register, whatever the client sends.
func FuzzRegisterPath(f *testing.F) {
	f.Add("/a?b=c")
	f.Add("//h/a")
	f.Add("/%2e%2e/a")
	f.Add("/a\r\nb: c")
	f.Add("/..")
	f.Fuzz(func(t *testing.T, path string) {
		if checkRegisterPath(path) == nil {
			requireOnRegister(t, path)
		}
		requireOnRegister(t, "/a?q="+urlencoded(path))
		// A slash of the value stays one, encoded, and is refused with the path.
		if within := "/a/x" + urlencoded(path); checkRegisterPath(within) == nil {
			requireOnRegister(t, within)
		}
	})
}
