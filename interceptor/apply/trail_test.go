package apply

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestPointersAreCapped(t *testing.T) {
	t.Parallel()
	patch := func(n int) string {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, `,"m%d":1`, i)
		}
		return `{"data":{` + b.String()[1:] + `}}`
	}
	for n, more := range map[int]bool{1: false, MaxPointers: false, MaxPointers + 1: true, 5 * MaxPointers: true} {
		result, err := apply(t, plan(t, Merge), `{}`, patch(n))
		require.NoError(t, err)
		require.Len(t, result.Pointers, min(n, MaxPointers))
		require.Equal(t, more, result.More, n)
		require.Equal(t, "/m0", result.Pointers[0])
	}
	long := strings.Repeat("x", MaxPointerBytes)
	result, err := apply(t, plan(t, Merge), `{}`, `{"data":{"a":1,"`+long+`":2,"b":3}}`)
	require.NoError(t, err)
	require.Equal(t, []string{"/a", "/b"}, result.Pointers)
	require.True(t, result.More)
}
