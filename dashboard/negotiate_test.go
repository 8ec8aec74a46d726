package dashboard

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestGzipIsSentToThoseWhoTakeIt(t *testing.T) {
	t.Parallel()
	for header, want := range map[string]bool{
		"":                      false,
		"gzip":                  true,
		"GZIP":                  true,
		"deflate, gzip;q=0.5":   true,
		"br;q=1.0, gzip ; q=1":  true,
		"gzip;q=0":              false,
		"gzip;q=0.000":          false,
		"gzip;q=nonsense":       false,
		"gzip;level=9":          false,
		"x-gzip, gzipped, br":   false,
		"identity, *;q=0.5":     false,
		"gzip;q=0.001, deflate": true,
	} {
		require.Equal(t, want, acceptsGzip(http.Header{"Accept-Encoding": {header}}), header)
	}
	require.True(t, acceptsGzip(http.Header{"Accept-Encoding": {"br", "gzip"}}), "two lines")
}

func TestATagIsFoundInALongList(t *testing.T) {
	t.Parallel()
	for header, want := range map[string]bool{
		"":                   false,
		`"a"`:                true,
		`W/"a"`:              true,
		`"b", W/"a" , "c"`:   true,
		"*":                  true,
		`"b"`:                false,
		`a`:                  false,
		`"a-gzip"`:           false,
		`"b","c",,"d", "aa"`: false,
	} {
		require.Equal(t, want, holds(header, `"a"`), header)
	}
}

func FuzzNegotiation(f *testing.F) {
	f.Add("gzip;q=0.5, *", `W/"a", "b"`)
	f.Fuzz(func(t *testing.T, accept, tags string) {
		if acceptsGzip(http.Header{"Accept-Encoding": {accept}}) {
			require.Contains(t, lower(accept), "gzip")
		}
		if holds(tags, `"a"`) {
			require.Regexp(t, `"a"|\*`, tags)
		}
	})
}

func lower(s string) string {
	b := []byte(s)
	for i, c := range b {
		if 'A' <= c && c <= 'Z' {
			b[i] = c + 'a' - 'A'
		}
	}
	return string(b)
}
