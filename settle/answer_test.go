package settle

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// client is what the client has got so far.
type client struct {
	*httptest.ResponseRecorder
	heads   []int
	flushes int
	fail    error
}

func newClient() *client { return &client{ResponseRecorder: httptest.NewRecorder()} }

func (c *client) WriteHeader(status int) {
	c.heads = append(c.heads, status)
	if status >= 200 {
		c.ResponseRecorder.WriteHeader(status)
	}
}

func (c *client) Write(p []byte) (int, error) {
	if c.fail != nil {
		return 0, c.fail
	}
	return c.ResponseRecorder.Write(p)
}

func (c *client) Flush() { c.flushes++ }

func TestASmallAnswerWaitsForTheSettlement(t *testing.T) {
	t.Parallel()
	c := newClient()
	a := NewAnswer(c, 100)
	a.Header().Set("Content-Type", "application/json")
	a.WriteHeader(http.StatusEarlyHints)
	a.WriteHeader(http.StatusCreated)
	n, err := a.Write([]byte(`{"id":`))
	require.NoError(t, err)
	require.Equal(t, 6, n)
	require.NoError(t, http.NewResponseController(a).Flush())
	_, err = a.ReadFrom(strings.NewReader(`1}`))
	require.NoError(t, err)

	require.Equal(t, []int{103}, c.heads, "nothing but the early hint is out")
	require.Zero(t, c.flushes)
	require.True(t, a.Held())
	require.True(t, a.Succeeded())
	body, whole := a.Body()
	require.Equal(t, `{"id":1}`, string(body))
	require.True(t, whole)

	a.Header().Set("Voorpoort-Event-Id", "e1")
	require.NoError(t, a.Finish())
	require.NoError(t, a.Finish())
	require.Equal(t, []int{103, 201}, c.heads)
	require.Equal(t, `{"id":1}`, c.Body.String())
	require.Equal(t, "e1", c.Result().Header.Get("Voorpoort-Event-Id"))
}

func TestAnEmptyAnswerWaitsToo(t *testing.T) {
	t.Parallel()
	c := newClient()
	a := NewAnswer(c, 100)
	a.WriteHeader(http.StatusNoContent)
	require.Empty(t, c.heads)
	require.NoError(t, a.Finish())
	require.Equal(t, []int{204}, c.heads)
}

func TestARefusalGoesOnAtOnce(t *testing.T) {
	t.Parallel()
	c := newClient()
	a := NewAnswer(c, 100)
	a.WriteHeader(http.StatusConflict)
	_, err := a.Write([]byte("no"))
	require.NoError(t, err)
	require.Equal(t, "no", c.Body.String())
	require.False(t, a.Succeeded())
	body, _ := a.Body()
	require.Empty(t, body)
	require.NoError(t, a.Finish())
	require.Equal(t, "no", c.Body.String())
}

func TestTheLastByteOfALargeAnswerWaits(t *testing.T) {
	t.Parallel()
	document := strings.Repeat("x", heldBack+5000)
	for name, chunk := range map[string]int{"pieces": 1000, "two": heldBack, "whole": len(document), "all but one": len(document) - 1} {
		c := newClient()
		a := NewAnswer(c, 70_000)
		a.Header().Set("Content-Length", strconv.Itoa(len(document)))
		a.WriteHeader(http.StatusOK)
		for rest := document; rest != ""; {
			n := min(chunk, len(rest))
			written, err := a.Write([]byte(rest[:n]))
			require.NoError(t, err)
			require.Equal(t, n, written)
			rest = rest[n:]
		}
		require.False(t, a.Held(), name)
		require.True(t, a.Complete(), name)
		require.Equal(t, len(document)-1, c.Body.Len(), name)
		require.NoError(t, a.Finish())
		require.Equal(t, document, c.Body.String(), name)
		body, whole := a.Body()
		require.Equal(t, document[:len(body)], string(body))
		require.Equal(t, len(body) == len(document), whole, name)
	}
}

func TestAnAnswerThatBreaksOffIsNotComplete(t *testing.T) {
	t.Parallel()
	a := NewAnswer(newClient(), 100)
	a.Header().Set("Content-Length", "10")
	_, err := a.Write([]byte("12345")) // the status is 200
	require.NoError(t, err)
	require.Equal(t, http.StatusOK, a.Status())
	require.False(t, a.Complete())
}

func TestAnEventStreamGoesOnAsItComes(t *testing.T) {
	t.Parallel()
	c := newClient()
	a := NewAnswer(c, 8)
	a.Header().Set("Content-Type", "text/event-stream; charset=utf-8")
	a.WriteHeader(http.StatusOK)
	_, err := a.Write([]byte("data: 1\n\n"))
	require.NoError(t, err)
	require.NoError(t, http.NewResponseController(a).Flush())
	require.Equal(t, "data: 1\n\n", c.Body.String())
	require.Equal(t, 1, c.flushes)
	body, whole := a.Body()
	require.Equal(t, "data: 1\n", string(body))
	require.False(t, whole)
}

func TestALongAnswerOfUnknownLengthIsNotHeldBack(t *testing.T) {
	t.Parallel()
	c := newClient()
	a := NewAnswer(c, 10)
	document := strings.Repeat("y", heldBack+1)
	_, err := io.WriteString(a, document)
	require.NoError(t, err)
	require.Equal(t, document, c.Body.String())
}

func TestNoAnswerIsNotMadeUp(t *testing.T) {
	t.Parallel()
	c := newClient()
	a := NewAnswer(c, 10)
	require.NoError(t, a.Finish())
	require.Empty(t, c.heads)
	require.Zero(t, a.Status())
}

// TestAClientThatIsGone: the register is heard out, for the event is made of what
// it says.
func TestAClientThatIsGone(t *testing.T) {
	t.Parallel()
	c := newClient()
	c.fail = errors.New("broken pipe")
	document := strings.Repeat("y", heldBack+1) + "more"
	a := NewAnswer(c, DefaultMaxCopy)
	a.Header().Set("Content-Length", strconv.Itoa(len(document)))
	for _, part := range []string{document[:heldBack], document[heldBack : heldBack+1], "more"} {
		n, err := io.WriteString(a, part)
		require.NoError(t, err)
		require.Equal(t, len(part), n)
	}
	require.NoError(t, http.NewResponseController(a).Flush())
	require.Zero(t, c.flushes)
	body, whole := a.Body()
	require.True(t, whole)
	require.True(t, a.Complete())
	require.Equal(t, document, string(body))
	require.ErrorIs(t, a.Finish(), c.fail)
	require.ErrorIs(t, a.Finish(), c.fail)
}
