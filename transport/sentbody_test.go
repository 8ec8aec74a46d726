package transport

import (
	"io"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// countingBody counts in Read, without any lock, what Close looks at: as Caddy's
// proxy wraps the bodies of its requests.
type countingBody struct {
	count   int
	enter   chan struct{}
	proceed chan struct{}
	closed  atomic.Bool
}

func (b *countingBody) Read([]byte) (int, error) {
	b.enter <- struct{}{}
	<-b.proceed
	b.count++
	return 0, io.EOF
}

func (b *countingBody) Close() error {
	b.closed.Store(b.count >= 0)
	return nil
}

// TestCloseWaitsForAReadThatReturns is one for the race detector.
func TestCloseWaitsForAReadThatReturns(t *testing.T) {
	t.Parallel()
	inner := &countingBody{enter: make(chan struct{}), proceed: make(chan struct{})}
	body := &sentBody{ReadCloser: inner}
	read := make(chan struct{})
	go func() {
		defer close(read)
		_, _ = body.Read(nil)
	}()
	<-inner.enter
	time.AfterFunc(closePatience/10, func() { close(inner.proceed) })
	require.NoError(t, body.Close())
	<-read
	require.True(t, inner.closed.Load())
}

// TestCloseEndsAReadThatBlocks: a pipe's Read returns when it is closed.
func TestCloseEndsAReadThatBlocks(t *testing.T) {
	t.Parallel()
	from, to := io.Pipe()
	t.Cleanup(func() { _ = to.Close() })
	body := &sentBody{ReadCloser: from}
	ended := make(chan error, 1)
	go func() {
		_, err := body.Read(make([]byte, 1))
		ended <- err
	}()
	time.Sleep(closePatience / 5)
	require.NoError(t, body.Close())
	require.ErrorIs(t, <-ended, io.ErrClosedPipe)
}
