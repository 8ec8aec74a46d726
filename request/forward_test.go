package request

import (
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

func readRequest(t testing.TB, contentType, body string, header ...string) (*http.Request, *Body) {
	t.Helper()
	r := bodyRequest(contentType, body, header...)
	b, err := ReadBody(r, BodyOptions{Unparsed: PassAsBase64})
	require.NoError(t, err)
	return r, b
}

func TestRestore(t *testing.T) {
	t.Parallel()
	const document = `{ "a": 1.10 }`
	r, b := readRequest(t, "application/json", document,
		"Expect", "100-continue", "Trailer", "X-Sum", "Content-Digest", "sha-256=:x:", "Content-Encoding", "identity")
	r.TransferEncoding, r.Trailer, r.ContentLength = []string{"chunked"}, http.Header{"X-Sum": nil}, -1
	for range 2 {
		b.Restore(r)
		require.Equal(t, document, bodyOf(t, r))
		require.EqualValues(t, len(document), r.ContentLength)
		require.Equal(t, http.Header{
			"Content-Type":   {"application/json"},
			"Content-Length": {strconv.Itoa(len(document))},
			"Content-Digest": {"sha-256=:x:"},
		}, r.Header)
		require.Nil(t, r.TransferEncoding)
		require.Nil(t, r.Trailer)
	}
}

func TestRestoreNone(t *testing.T) {
	t.Parallel()
	r, b := readRequest(t, "", "")
	b.Restore(r)
	require.Equal(t, http.NoBody, r.Body)
	require.Empty(t, r.Header)

	r, b = readRequest(t, "", "", "Content-Length", "0")
	b.Restore(r)
	require.Equal(t, "0", r.Header.Get("Content-Length"))
}

func TestRestoreDecoded(t *testing.T) {
	t.Parallel()
	const document = `{"a":1}`
	r, b := readRequest(t, "application/json", string(compress(t, "gzip", []byte(document))),
		"Content-Encoding", "gzip", "Content-Digest", "x", "Repr-Digest", "x", "Digest", "x", "Content-MD5", "x", "Want-Content-Digest", "x",
		"Signature-Input", `sig=("@method" "content-digest");created=1`, "Signature", "sig=:x:")
	b.Restore(r)
	require.Equal(t, document, bodyOf(t, r))
	require.Equal(t, http.Header{
		"Content-Type":        {"application/json"},
		"Content-Length":      {"7"},
		"Want-Content-Digest": {"x"},
	}, r.Header)
}

func TestReplace(t *testing.T) {
	t.Parallel()
	r, b := readRequest(t, "application/hal+json", `{"a":1}`, "Digest", "x",
		"Signature-Input", `sig=("@method");created=1`, "Signature", "sig=:x:")
	require.Nil(t, b.Replace(r, []byte(`{"a":1,"b":2}`)))
	require.Equal(t, `{"a":1,"b":2}`, bodyOf(t, r))
	require.EqualValues(t, 13, r.ContentLength)
	require.Equal(t, "13", r.Header.Get("Content-Length"))
	require.Equal(t, "application/hal+json", r.Header.Get("Content-Type"))
	require.Empty(t, r.Header.Get("Digest"))
	require.NotEmpty(t, r.Header.Get("Signature"), "it does not cover the body")
	b.Restore(r)
	require.Equal(t, `{"a":1}`, bodyOf(t, r))
}

func TestReplaceForm(t *testing.T) {
	t.Parallel()
	r, b := readRequest(t, formType, `a=1&b[]=2`)
	require.True(t, b.Form)
	require.Equal(t, `{"a":"1","b":["2"]}`, string(b.JSON))
	require.Nil(t, b.Replace(r, []byte(`{"a":"x y","b":["2","3"]}`)))
	require.Equal(t, "a=x+y&b%5B%5D=2&b%5B%5D=3", bodyOf(t, r))
	require.Equal(t, formType, r.Header.Get("Content-Type"))

	b.Restore(r)
	require.NotNil(t, b.Replace(r, []byte(`{"a":{}}`)))
	require.Equal(t, `a=1&b[]=2`, bodyOf(t, r), "a change that does not fit leaves the request alone")
}

// What curl -d sends without a type is JSON in a "form". A form's reader must
// not find fields in what a webhook made of it, as it would not in the original.
func TestReplaceJSONThatCameAsAForm(t *testing.T) {
	t.Parallel()
	r, b := readRequest(t, formType, `{"a":1}`)
	require.False(t, b.Form)
	const document = `{"a=b":"x&y;\\=", "c":"\u0026"}`
	require.Nil(t, b.Replace(r, []byte(document)))
	require.Equal(t, formType, r.Header.Get("Content-Type"))
	again, err := ReadBody(r, BodyOptions{})
	require.NoError(t, err)
	require.False(t, again.Form)
	require.Equal(t, `{"a\u003Db":"x\u0026y\u003B\\\u003D", "c":"\u0026"}`, string(again.JSON))
	require.JSONEq(t, document, string(again.JSON))

	b.Restore(r)
	require.Nil(t, b.Replace(r, []byte(`{"a": 1.10}`)))
	require.Equal(t, `{"a": 1.10}`, bodyOf(t, r), "nothing to hide")
}

func TestReplaceNone(t *testing.T) {
	t.Parallel()
	for contentType, want := range map[string]string{
		"":                                     "application/json",
		formType:                               "application/json",
		"application/hal+json":                 "application/hal+json",
		"application/json; charset=iso-8859-1": "application/json",
	} {
		r, b := readRequest(t, contentType, "")
		require.Nil(t, b.Replace(r, []byte(`{"a":1}`)))
		require.Equal(t, `{"a":1}`, bodyOf(t, r))
		require.Equal(t, want, r.Header.Get("Content-Type"))
	}
}

func TestGetBody(t *testing.T) {
	t.Parallel()
	r, b := readRequest(t, "", `{"a":1}`)
	b.Restore(r)
	again, err := r.GetBody()
	require.NoError(t, err)
	data, err := io.ReadAll(again)
	require.NoError(t, err)
	require.Equal(t, `{"a":1}`, string(data))
	require.Equal(t, `{"a":1}`, bodyOf(t, r), "the two are independent")

	r.Body = io.NopCloser(strings.NewReader(`{"a":2}`))
	_, err = r.GetBody()
	require.ErrorIs(t, err, errBodyReplaced, "another handler's body is not undone by a retry")
}

func TestReplayAgain(t *testing.T) {
	t.Parallel()
	body := &newContent([]byte("0123456789")).first
	require.NoError(t, body.Close(), "an attempt that took nothing")
	for range 3 {
		data, err := io.ReadAll(body)
		require.NoError(t, err)
		require.Equal(t, "0123456789", string(data))
		n, err := body.Read(make([]byte, 1))
		require.Zero(t, n)
		require.Equal(t, io.EOF, err)
		require.NoError(t, body.Close())
		require.NoError(t, body.Close())
	}
}

func TestReplaySpent(t *testing.T) {
	t.Parallel()
	buffer := make([]byte, 6)
	halfway := &newContent([]byte("0123456789")).first
	_, err := halfway.Read(buffer)
	require.NoError(t, err)
	require.NoError(t, halfway.Close())
	_, err = halfway.Read(buffer)
	require.ErrorIs(t, err, errBodySpent)

	pieces := &newContent([]byte("0123456789")).first
	_, err = io.CopyBuffer(struct{ io.Writer }{io.Discard}, struct{ io.Reader }{pieces}, buffer)
	require.NoError(t, err)
	require.NoError(t, pieces.Close())
	_, err = pieces.Read(buffer)
	require.ErrorIs(t, err, errBodySpent)
}

// TestReplayShared: two attempts that overlap, as net/http allows, get the whole
// body or less, and never a mixture of the full length.
func TestReplayShared(t *testing.T) {
	t.Parallel()
	data := []byte(strings.Repeat("0123456789", 100))
	for _, size := range []int{7, 100, 999, 1000, 2000} {
		for range 50 {
			body := &newContent(data).first
			var wg sync.WaitGroup
			for range 3 {
				wg.Go(func() {
					buffer := make([]byte, size)
					var got []byte
					for {
						n, err := body.Read(buffer)
						got = append(got, buffer[:n]...)
						if err != nil || len(got) >= len(data) {
							break
						}
					}
					_ = body.Close()
					if len(got) >= len(data) && string(got) != string(data) {
						t.Errorf("a mixture of %d bytes", len(got))
					}
				})
			}
			wg.Wait()
		}
	}
}

// keptOpen is how Caddy's reverse_proxy wraps a body for all of its attempts:
// Close gets through once something has been read.
type keptOpen struct {
	io.ReadCloser
	read int
}

func (k *keptOpen) Read(p []byte) (int, error) {
	n, err := k.ReadCloser.Read(p)
	k.read += n
	return n, err
}

func (k *keptOpen) Close() error {
	if k.read == 0 {
		return nil
	}
	return k.ReadCloser.Close()
}

// TestReplayThroughTransport: an attempt that cannot connect, one whose answer
// is not good enough, and one more, through one and the same body.
func TestReplayThroughTransport(t *testing.T) {
	t.Parallel()
	document := `{"a":"` + strings.Repeat("x", 2<<10) + `"}`
	r, b := readRequest(t, "application/json", document)
	b.Restore(r)
	received := make(chan string, 3)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		data, err := io.ReadAll(r.Body)
		if err == nil {
			received <- string(data)
		}
		w.WriteHeader(http.StatusServiceUnavailable)
	}))
	defer server.Close()
	closed := httptest.NewServer(http.NotFoundHandler())
	closed.Close()

	attempt := r.Clone(t.Context())
	attempt.RequestURI = ""
	attempt.Body = &keptOpen{ReadCloser: r.Body}
	for _, target := range []string{closed.URL, server.URL, closed.URL, server.URL} {
		attempt.URL, _ = url.Parse(target)
		res, err := server.Client().Transport.RoundTrip(attempt)
		if target == closed.URL {
			require.Error(t, err)
			continue
		}
		require.NoError(t, err)
		require.NoError(t, res.Body.Close())
		require.Equal(t, document, <-received)
	}
}
