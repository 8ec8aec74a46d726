package event

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestToldLeavesCredentialsOut(t *testing.T) {
	t.Parallel()
	table := compile(t, Config{Presets: []string{"rest"}})
	fields := http.Header{"Content-Type": {"application/json"}, "Authorization": {"Bearer x"}, "Cookie": {"a=b"}, "Prefer": {"a", "b"}}
	told := table.Told(fields)
	require.Equal(t, http.Header{"Content-Type": {"application/json"}, "Prefer": {"a", "b"}}, told)
	told["Prefer"][0] = "changed"
	require.Equal(t, "a", fields["Prefer"][0])
}
