package webhook

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestHeadersAreSent(t *testing.T) {
	t.Parallel()
	h := compileJSON(t, `"headers":{"authorization":"Bearer t","X-Custom-Header":"value","X-Empty":"","User-Agent":"mine"}`)
	header := http.Header{"User-Agent": {"Voorpoort"}, "X-Other": {"kept"}}
	h.Sign(header, "1", time.Now(), nil)
	require.Equal(t, http.Header{
		"Authorization": {"Bearer t"}, "X-Custom-Header": {"value"}, "X-Empty": {""}, "User-Agent": {"mine"}, "X-Other": {"kept"},
	}, header)

	header.Add("Authorization", "more")
	fresh := http.Header{}
	h.Sign(fresh, "1", time.Now(), nil)
	require.Equal(t, []string{"Bearer t"}, fresh["Authorization"], "adding to one call's header does not reach the next")
}

// TestHeadersOfTheGateway is SW-44, and the hop-by-hop fields.
func TestHeadersOfTheGateway(t *testing.T) {
	t.Parallel()
	for _, name := range []string{
		"Host", "content-length", "Transfer-Encoding", "connection", "Keep-Alive", "TE", "Trailer", "Upgrade", "Proxy-Authorization",
		"Proxy-Connection", "Content-Type", "Content-Encoding", "Accept-Encoding", "Expect", "webhook-signature", "Webhook-Id", "WEBHOOK-x",
		"ce-id", "Ce-Source", "X-Webhook-Signature", "x-signature",
	} {
		_, err := tryJSON(`"headers":{"` + name + `":"v"}`)
		require.Equal(t, []string{"/headers/" + name + ": is set by the gateway and cannot be given"}, fieldErrors(t, err))
	}
}

func TestHeaderFaults(t *testing.T) {
	t.Parallel()
	const badName = "is not a header name"
	const badValue = "has a value with a line break or another control character, or with a space at its start or end"
	for members, want := range map[string]string{
		`"":"v"`:               badName,
		`"X Y":"v"`:            badName,
		`"X:":"v"`:             badName,
		`"X\r\nY":"v"`:         badName,
		`"é":"v"`:              badName,
		`"X":"s3cret\r\nY: z"`: badValue,
		`"X":"s3cret\n"`:       badValue,
		`"X":"s3cret\u0000"`:   badValue,
		`"X":" s3cret"`:        badValue,
		`"X":"1","x":"2"`:      "is given twice",
		`"X":"` + strings.Repeat("v", maxHeaderValue+1) + `"`: "has a value of more than 8192 bytes",
	} {
		_, err := tryJSON(`"headers":{` + members + `}`)
		lines := fieldErrors(t, err)
		require.Len(t, lines, 1, members)
		require.Contains(t, lines[0], want, members)
		require.NotContains(t, lines[0], "s3cret")
	}
}
