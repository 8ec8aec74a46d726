package request

import (
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// A body as large as it may be fits into the smallest buffers for it, whether
// its length is announced or not: the byte that is read to see whether there is
// one too many is not counted.
func TestTheLargestBodyFitsTheSmallestBuffers(t *testing.T) {
	t.Parallel()
	for _, size := range []int64{1, 2, firstUnknown - 1, firstUnknown, firstUnknown + 1, firstKnown, firstKnown + 1, 300_001} {
		for _, announced := range []int64{size, -1} {
			buffers := NewBuffers(3*size, 0)
			r := httptest.NewRequest("POST", "/", strings.NewReader(strings.Repeat("1", int(size))))
			r.ContentLength = announced
			body, err := ReadBody(r, BodyOptions{MaxBody: size, Buffers: buffers, Weight: 3})
			require.NoError(t, err, "%d bytes, announced as %d", size, announced)
			require.LessOrEqual(t, buffers.Used(), 3*size)
			body.Release()
			require.Zero(t, buffers.Used())
		}
	}
}
