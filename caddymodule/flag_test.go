package caddymodule

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/voorpoort/voorpoort/interceptor"
)

func TestFlagsAreAStructuredField(t *testing.T) {
	t.Parallel()
	require.Equal(t, `"a";reason=timeout, "say \"b\"";reason=unreachable, "caf?";reason=server_error`,
		flagText([]interceptor.Flag{
			{Webhook: "a", Reason: interceptor.ReasonTimeout},
			{Webhook: `say "b"`, Reason: interceptor.ReasonUnreachable},
			{Webhook: "café", Reason: interceptor.ReasonServerError},
		}))
}

func TestWarningsAreWrittenOneByOne(t *testing.T) {
	t.Parallel()
	header := http.Header{}
	addWarnings(header, []interceptor.Warning{{Webhook: "a", Text: `naam "x" is vreemd`}, {Webhook: "b", Text: "café\nregel"}})
	require.Equal(t, []string{`299 - "a: naam \"x\" is vreemd"`, `299 - "b: café regel"`}, header["Warning"])
}
