package apply

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// Not parallel: nobody else may take the merger while the test looks at it.
func TestAMergerKeepsNoBody(t *testing.T) {
	m := new(merger)
	changed, err := plan(t, Custom, "v -> data", "m -> @self.metadata").run(m, []byte(`{"name":"Felix"}`), []byte(`{"v":{"age":3},"m":{"n":1}}`))
	require.NoError(t, err)
	require.True(t, changed)
	spare := m.spare
	require.Contains(t, string(spare[0][:cap(spare[0])])+string(spare[1][:cap(spare[1])]), "Felix")
	m.release()
	for _, buf := range spare {
		require.Empty(t, strings.Trim(string(buf[:cap(buf)]), "\x00"))
	}
}
