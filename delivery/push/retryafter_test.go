package push

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestRetryAfter(t *testing.T) {
	t.Parallel()
	for value, want := range map[string]time.Duration{
		"":                                 0,
		"0":                                0,
		"120":                              2 * time.Minute,
		" 30 ":                             30 * time.Second,
		"86401":                            maxRetryAfter,
		"99999999999999999999999":          maxRetryAfter,
		"Thu, 20 Nov 2025 20:01:40 GMT":    100 * time.Second,
		"Thursday, 20-Nov-25 20:00:01 GMT": time.Second, // RFC 850
		"Thu Nov 20 20:00:02 2025":         2 * time.Second,
		"Thu, 20 Nov 2025 19:00:00 GMT":    0, // has passed
		"Fri, 20 Nov 2099 19:00:00 GMT":    maxRetryAfter,
		"1.5":                              0,
		"-1":                               0,
		"+1":                               0,
		"1e3":                              0,
		"soon":                             0,
		"1, 2":                             0,
	} {
		require.Equal(t, want, retryAfter(http.Header{"Retry-After": {value}}, testTime), value)
	}
	require.Zero(t, retryAfter(http.Header{}, testTime))
}

func FuzzRetryAfter(f *testing.F) {
	f.Add("120")
	f.Add("Thu, 20 Nov 2025 20:01:40 GMT")
	f.Fuzz(func(t *testing.T, value string) {
		wait := retryAfter(http.Header{"Retry-After": {value}}, testTime)
		require.True(t, wait >= 0 && wait <= maxRetryAfter)
	})
}
