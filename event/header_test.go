package event

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestHeadersAreAnAllowList(t *testing.T) {
	t.Parallel()
	sent := http.Header{
		"Authorization": {"Bearer token"}, "Cookie": {"session=1"}, "Proxy-Authorization": {"Basic x"}, "Set-Cookie": {"a=b"},
		"X-Api-Key": {"key"}, "Forwarded": {"for=1"}, "Content-Type": {"application/json"}, "Accept": {"text/html", "application/json"},
		"User-Agent": {"a\"b\xff"}, "X-Empty": {}, "X-Request-Id": {""},
	}
	headers := func(names []string) string {
		compiled, err := compileHeaders(names)
		require.NoError(t, err)
		return string(appendHeaders(nil, compiled, sent))
	}
	require.Equal(t, `{"Accept":"text/html, application/json","Content-Type":"application/json","User-Agent":"a\"b`+"\uFFFD"+`","X-Request-Id":""}`, headers(nil))
	require.Equal(t, `{}`, headers([]string{}))
	require.Equal(t, `{"Authorization":"Bearer token","Content-Type":"application/json"}`,
		headers([]string{"authorization", "content-type", "X-Empty", "Content-Type", "X-Absent"}))
}

func TestDefaultHeadersHoldNoCredentials(t *testing.T) {
	t.Parallel()
	for _, name := range DefaultHeaders() {
		require.Equal(t, http.CanonicalHeaderKey(name), name)
		require.NotContains(t, []string{"Authorization", "Cookie", "Proxy-Authorization", "Set-Cookie", "X-Api-Key", "Forwarded"}, name)
	}
	DefaultHeaders()[0] = "changed"
	require.Equal(t, "Accept", DefaultHeaders()[0])
}
