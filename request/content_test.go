package request

import (
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

// given is a request with a JSON body that has been restored, and the memory
// that the body lies in.
func given(t *testing.T, document string) (*http.Request, *Body, []byte) {
	t.Helper()
	r, b := readRequest(t, "application/json", document)
	b.Restore(r)
	return r, b, b.memory.bytes
}

// wiped tells whether a document is gone from the memory where it was.
func wiped(memory []byte) bool { return strings.Trim(string(memory), "\x00") == "" }

func TestABodyThatWasReadToItsEndIsRecycled(t *testing.T) { // not parallel: nobody else may take the memory
	for name, read := range map[string]func(r *http.Request){
		"in one piece":       func(r *http.Request) { _, _ = r.Body.Read(make([]byte, 100)) },
		"in several":         func(r *http.Request) { _, _ = io.CopyBuffer(discard{}, r.Body, make([]byte, 2)) },
		"and closed":         func(r *http.Request) { _, _ = io.ReadAll(r.Body); _ = r.Body.Close() },
		"twice, one by one":  func(r *http.Request) { readAndClose(r.Body); readAndClose(r.Body) },
		"by two of them":     func(r *http.Request) { readAndClose(r.Body); readAndClose(again(r)) },
		"by the second only": func(r *http.Request) { _, _ = io.ReadAll(again(r)); _, _ = io.ReadAll(r.Body) },
	} {
		r, b, memory := given(t, `{"name":"Felix"}`)
		read(r)
		require.True(t, b.Recycle(), name)
		require.True(t, wiped(memory), name)
		require.Nil(t, b.JSON)
		require.False(t, b.Recycle(), "it is gone")
		b.Release()
	}
}

func TestABodyThatMayStillBeReadIsNotRecycled(t *testing.T) {
	t.Parallel()
	for name, read := range map[string]func(r *http.Request){
		"never read":               func(*http.Request) {},
		"closed unread":            func(r *http.Request) { _ = r.Body.Close() },
		"read in part":             func(r *http.Request) { _, _ = r.Body.Read(make([]byte, 3)) },
		"read in part and closed":  func(r *http.Request) { _, _ = r.Body.Read(make([]byte, 3)); _ = r.Body.Close() },
		"another reader, unread":   func(r *http.Request) { readAndClose(r.Body); _ = again(r) },
		"another reader, halfway":  func(r *http.Request) { readAndClose(r.Body); _, _ = again(r).Read(make([]byte, 3)) },
		"one more round, halfway":  func(r *http.Request) { readAndClose(r.Body); _, _ = r.Body.Read(make([]byte, 3)) },
		"only the other to an end": func(r *http.Request) { readAndClose(again(r)) },
	} {
		r, b, memory := given(t, `{"name":"Felix"}`)
		read(r)
		require.False(t, b.Recycle(), name)
		require.Equal(t, `{"name":"Felix"}`, string(b.JSON))
		require.Equal(t, `{"name":"Felix"}`, string(memory[:len(b.JSON)]), name)
		require.Equal(t, `{"name":"Felix"}`, bodyOf(t, &http.Request{Body: again(r)}), "who comes late gets the body still")
	}
}

func TestFormsAndBytesAreNotRecycled(t *testing.T) {
	t.Parallel()
	for contentType, body := range map[string]string{formType: "a=1", "image/png": "\x89PNG"} {
		r, b := readRequest(t, contentType, body)
		b.Restore(r)
		readAndClose(r.Body)
		require.False(t, b.Recycle(), contentType)
		require.Equal(t, body, bodyOf(t, r))
	}
	r, b := readRequest(t, "", "")
	b.Restore(r)
	require.False(t, b.Recycle(), "there is none")
}

// Nobody who still holds a reader when the memory has gone to another request
// gets a byte of that one.
func TestReadersOfARecycledBody(t *testing.T) {
	t.Parallel()
	r, b, _ := given(t, `{"name":"Felix"}`)
	getBody := r.GetBody
	other, err := getBody()
	require.NoError(t, err)
	readAndClose(other)
	_, err = io.ReadAll(r.Body) // and not closed
	require.NoError(t, err)
	require.True(t, b.Recycle())

	buffer := make([]byte, 100)
	n, err := other.Read(buffer)
	require.Zero(t, n)
	require.ErrorIs(t, err, errBodyEnded, "it was closed, and would begin again")
	n, err = r.Body.Read(buffer)
	require.Zero(t, n)
	require.Equal(t, io.EOF, err, "it is still at its end: net/http looks whether there is more")
	_, err = getBody()
	require.ErrorIs(t, err, errBodyEnded)
	require.NoError(t, r.Body.Close())
	_, err = r.Body.Read(buffer)
	require.ErrorIs(t, err, errBodyEnded)
}

// What Replace gave is ended as well as what Restore gave before it.
func TestRecycleEndsAllThatWasGiven(t *testing.T) { // not parallel: as above
	r, b, memory := given(t, `{"name":"Felix"}`)
	restored := r.Body
	require.Nil(t, b.Replace(r, []byte(`{"name":"Tom"}`)))
	require.False(t, b.Recycle(), "the new one was not read")
	replaced := r.Body
	readAndClose(replaced)
	require.True(t, b.Recycle())
	require.True(t, wiped(memory))
	for _, body := range []io.Reader{restored, replaced} {
		n, err := body.Read(make([]byte, 100))
		require.Zero(t, n)
		require.ErrorIs(t, err, errBodyEnded)
	}
}

func TestABodyThatWasReplacedHalfwayIsNotRecycled(t *testing.T) {
	t.Parallel()
	r, b, _ := given(t, `{"name":"Felix"}`)
	_, err := r.Body.Read(make([]byte, 3))
	require.NoError(t, err)
	require.Nil(t, b.Replace(r, []byte(`{"name":"Tom"}`)))
	readAndClose(r.Body)
	require.False(t, b.Recycle())
}

// A body from which an override was cut is not where it was read to: that memory
// is left alone.
func TestABodyWithoutItsOverride(t *testing.T) {
	t.Parallel()
	r := bodyRequest("application/json", `{"_method":"PUT","name":"Felix"}`)
	b, err := ReadBody(r, BodyOptions{})
	require.NoError(t, err)
	_, problem := b.ApplyMethodOverride(r, http.MethodPost, StripOverride)
	require.Nil(t, problem)
	b.Restore(r)
	require.Equal(t, `{"name":"Felix"}`, bodyOf(t, r))
	require.Nil(t, b.memory)
	require.True(t, b.Recycle())
	require.Nil(t, b.JSON)
}

// Bodies come and go while some of their readers stay behind. Run with -race, it
// also shows that no reader looks at memory that is not its own any more.
func TestNobodyReadsAnothersBody(t *testing.T) {
	t.Parallel()
	var wg sync.WaitGroup
	for worker := range 4 {
		wg.Go(func() {
			text := strings.Repeat(string(rune('a'+worker)), 50)
			for range 200 {
				r, b := readRequest(t, "application/json", `"`+text+`"`)
				b.Restore(r)
				body, late := r.Body, make(chan string)
				readAndClose(body)
				go func() { // a transport that is not done with it
					data, _ := io.ReadAll(body)
					late <- string(data)
				}()
				b.Recycle()
				if got := <-late; got != "" && got != `"`+text+`"` {
					t.Errorf("%q", got)
				}
			}
		})
	}
	wg.Wait()
}

// discard has no ReadFrom.
type discard struct{}

func (discard) Write(p []byte) (int, error) { return len(p), nil }

func readAndClose(body io.ReadCloser) {
	_, _ = io.ReadAll(body)
	_ = body.Close()
}

func again(r *http.Request) io.ReadCloser {
	body, err := r.GetBody()
	if err != nil {
		panic(err)
	}
	return body
}
