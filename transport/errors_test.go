package transport

import (
	"net"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// TestATimeoutIsANetError by assertion, not by unwrapping: that is how
// reverse_proxy looks at it.
func TestATimeoutIsANetError(t *testing.T) {
	t.Parallel()
	var err error = &TimeoutError{After: time.Second}
	network, ok := err.(net.Error) //nolint:errorlint // see above
	require.True(t, ok)
	require.True(t, network.Timeout())
	require.ErrorIs(t, err, os.ErrDeadlineExceeded)
}
