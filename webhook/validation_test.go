package webhook

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestValidationErrorText(t *testing.T) {
	t.Parallel()
	f := new(faults)
	require.NoError(t, f.err("n"))
	f.add("/a", "is %d", 1)
	f.add("", "is odd")
	require.EqualError(t, f.err("n"), `webhook "n": /a: is 1; is odd`)
	require.EqualError(t, f.err(""), `webhook: /a: is 1; is odd`)
	require.EqualError(t, f.err("line\nbreak"), `webhook: /a: is 1; is odd`, "a name that is itself a fault is not repeated")
	require.EqualError(t, f.err(strings.Repeat("x", 256)), `webhook: /a: is 1; is odd`)

	var invalid *ValidationError
	require.ErrorAs(t, f.err("n"), &invalid)
	require.Equal(t, []FieldError{{"/a", "is 1"}, {"", "is odd"}}, invalid.Fields)
}

func TestPointers(t *testing.T) {
	t.Parallel()
	require.Equal(t, "/filters/a~1b~0c", child("/filters", "a/b~c"))
	require.Equal(t, "/", child("", ""))
	require.Equal(t, "/events/3", element("/events", 3))
}

func TestParseDuration(t *testing.T) {
	t.Parallel()
	for raw, want := range map[string]string{
		`30`: "30s", `"1500ms"`: "1.5s", `"1m30s"`: "1m30s", `"2h"`: "2h0m0s", `-1`: "-1s", `0`: "0s",
	} {
		got, ok := parseDuration([]byte(raw))
		require.True(t, ok, raw)
		require.Equal(t, want, got.String())
	}
	for _, raw := range []string{`"30"`, `""`, `"s"`, `1.5`, `1e3`, `true`, `null`, `{}`, `9223372036854775807`, `"9999999h"`} {
		_, ok := parseDuration([]byte(raw))
		require.False(t, ok, raw)
	}
}
