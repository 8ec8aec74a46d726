package transport

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/require"
)

// standard parses an answer with net/http; the body is what is left.
func standard(answer, method string) (*http.Response, error) {
	return http.ReadResponse(bufio.NewReader(strings.NewReader(answer)), &http.Request{Method: method})
}

// plainly parses an answer as a connection does when all of its head is there:
// nil if it is not plain.
func plainly(answer, method string) *http.Response {
	end := strings.Index(answer, "\r\n\r\n")
	if end < 0 {
		return nil
	}
	br := bufio.NewReader(strings.NewReader(answer))
	resp := parsePlain([]byte(answer[:end+4]), &http.Request{Method: method}, br)
	_, _ = br.Discard(end + 4)

	return resp
}

// requireSame compares all that a caller can see of two answers.
func requireSame(t *testing.T, want, got *http.Response) {
	t.Helper()
	wantBody, wantErr := io.ReadAll(want.Body)
	gotBody, gotErr := io.ReadAll(got.Body)
	require.Equal(t, wantBody, gotBody)
	require.Equal(t, wantErr, gotErr)
	require.Equal(t, want.Body == http.NoBody, got.Body == http.NoBody)
	a, b := *want, *got
	a.Body, b.Body = nil, nil
	a.Request, b.Request = nil, nil
	require.Equal(t, a, b)
}

func TestPlainHeadsReadAsTheStandardOnes(t *testing.T) {
	for name, answer := range map[string]string{
		"created":             "HTTP/1.1 201 Created\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}",
		"no body":             "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
		"no content":          "HTTP/1.1 204 No Content\r\nDate: today\r\n\r\n",
		"no fields":           "HTTP/1.1 204 No Content\r\n\r\n",
		"no reason":           "HTTP/1.1 204\r\n\r\n",
		"empty reason":        "HTTP/1.1 204 \r\n\r\n",
		"kept alive":          "HTTP/1.1 200 OK\r\nConnection: Keep-Alive\r\nKeep-Alive: timeout=5\r\nContent-Length: 1\r\n\r\nx",
		"lower case":          "HTTP/1.1 200 OK\r\ncontent-length: 1\r\nx-own: 1\r\n\r\nx",
		"several values":      "HTTP/1.1 200 OK\r\nSet-Cookie: a\r\nVary: b\r\nSet-Cookie: c\r\nContent-Length: 1\r\n\r\nx",
		"space around values": "HTTP/1.1 200 OK\r\nX:\t a b \t\r\nY:\r\nContent-Length:1\r\n\r\nx",
		"beyond ASCII":        "HTTP/1.1 200 Tr\u00e8s bien\r\nX: \u00e9\xff\r\nContent-Length: 1\r\n\r\nx",
		"next answer behind":  "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nxHTTP/1.1",
		"body cut short":      "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nx",
		"trailing colons":     "HTTP/1.1 200 OK\r\nX: a:b::\r\nContent-Length: 1\r\n\r\nx",
	} {
		t.Run(name, func(t *testing.T) {
			want, err := standard(answer, http.MethodPost)
			require.NoError(t, err)
			got := plainly(answer, http.MethodPost)
			require.NotNil(t, got)
			requireSame(t, want, got)
		})
	}
}

func TestWhatIsNotPlainIsLeftToTheStandardParser(t *testing.T) {
	for name, head := range map[string]string{
		"HTTP/1.0":            "HTTP/1.0 200 OK\r\nContent-Length: 1",
		"lower case version":  "http/1.1 200 OK\r\nContent-Length: 1",
		"informational":       "HTTP/1.1 103 Early Hints\r\nLink: a",
		"not modified":        "HTTP/1.1 304 Not Modified\r\nContent-Length: 1",
		"long code":           "HTTP/1.1 2000 OK\r\nContent-Length: 1",
		"signed code":         "HTTP/1.1 +20 OK\r\nContent-Length: 1",
		"two spaces":          "HTTP/1.1  200 OK\r\nContent-Length: 1",
		"chunked":             "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked",
		"chunked, and length": "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Length: 1",
		"until it closes":     "HTTP/1.1 200 OK\r\nDate: today",
		"closing":             "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 1",
		"two options":         "HTTP/1.1 200 OK\r\nConnection: keep-alive\r\nConnection: close\r\nContent-Length: 1",
		"trailer":             "HTTP/1.1 200 OK\r\nTrailer: X\r\nContent-Length: 1",
		"pragma":              "HTTP/1.1 200 OK\r\nPragma: no-cache\r\nContent-Length: 1",
		"two lengths":         "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 1",
		"list of lengths":     "HTTP/1.1 200 OK\r\nContent-Length: 1, 1",
		"signed length":       "HTTP/1.1 200 OK\r\nContent-Length: +1",
		"empty length":        "HTTP/1.1 200 OK\r\nContent-Length:",
		"huge length":         "HTTP/1.1 200 OK\r\nContent-Length: 9999999999999999999",
		"length of nothing":   "HTTP/1.1 204 No Content\r\nContent-Length: 1",
		"folded":              "HTTP/1.1 200 OK\r\nX: a\r\n b\r\nContent-Length: 1",
		"space before colon":  "HTTP/1.1 200 OK\r\nContent-Length : 1",
		"no colon":            "HTTP/1.1 200 OK\r\nX\r\nContent-Length: 1",
		"no name":             "HTTP/1.1 200 OK\r\n: a\r\nContent-Length: 1",
		"bare LF":             "HTTP/1.1 200 OK\nContent-Length: 1",
		"bare LF in a field":  "HTTP/1.1 200 OK\r\nX: a\nY: b\r\nContent-Length: 1",
		"bare CR":             "HTTP/1.1 200 OK\r\nX: a\rb\r\nContent-Length: 1",
		"two CRs":             "HTTP/1.1 200 OK\r\r\nContent-Length: 1",
		"NUL":                 "HTTP/1.1 200 OK\r\nX: a\x00b\r\nContent-Length: 1",
		"name beyond ASCII":   "HTTP/1.1 200 OK\r\nX\u00e9: a\r\nContent-Length: 1",
	} {
		t.Run(name, func(t *testing.T) {
			require.Nil(t, plainly(head+"\r\n\r\nx", http.MethodPost))
		})
	}
	require.Nil(t, plainly("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n", http.MethodHead))
}

// A value added to one field must not show up in the next.
func TestPlainFieldsDoNotShareRoom(t *testing.T) {
	resp := plainly("HTTP/1.1 204 No Content\r\nA: 1\r\nB: 2\r\n\r\n", http.MethodGet)
	resp.Header.Add("A", "3")
	require.Equal(t, http.Header{"A": {"1", "3"}, "B": {"2"}}, resp.Header)
}

func TestAFixedBodyEndsWithItsLastBytes(t *testing.T) {
	body := &fixedBody{br: bufio.NewReader(strings.NewReader("okHTTP/1.1")), left: 2}
	p := make([]byte, 8)
	n, err := body.Read(p)
	require.Equal(t, "ok", string(p[:n]))
	require.Equal(t, io.EOF, err)
	n, err = body.Read(p)
	require.Zero(t, n)
	require.Equal(t, io.EOF, err)
	require.NoError(t, body.Close())
}

func TestAFixedBodyKeepsTheErrorOfTheConnection(t *testing.T) {
	broken := errors.New("broken")
	body := &fixedBody{br: bufio.NewReader(iotest.ErrReader(broken)), left: 2}
	_, err := body.Read(make([]byte, 8))
	require.ErrorIs(t, err, broken)
}

// FuzzPlainHead: what the short parser accepts, net/http reads in the same way.
func FuzzPlainHead(f *testing.F) {
	for _, seed := range []string{
		"HTTP/1.1 201 Created\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}",
		"HTTP/1.1 204 No Content\r\nconnection: keep-alive\r\n\r\n",
		"HTTP/1.1 200 OK\r\nA: 1\r\na: 2\r\nContent-Length: 1\r\n\r\nxyz",
		"HTTP/1.1 200\r\nX:\t \x80 \r\nContent-Length: 0\r\n\r\n",
		"HTTP/1.1 304 Not Modified\r\nContent-Length: 4\r\n\r\n", "HTTP/1.1 999 \r\nTrailer: a\r\nContent-Length: 00\r\n\r\n",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, answer []byte) {
		for _, method := range []string{http.MethodPost, http.MethodGet, http.MethodHead} {
			got := plainly(string(answer), method)
			if got == nil {
				continue
			}
			want, err := standard(string(answer), method)
			require.NoError(t, err, "more lenient than the standard parser")
			require.NoError(t, checkAnswer(want.Header))
			raw := answer[:bytes.Index(answer, []byte("\r\n\r\n"))+4]
			require.False(t, ambiguous(want, raw))
			requireSame(t, want, got)
		}
	})
}

func BenchmarkHead(b *testing.B) {
	answer := "HTTP/1.1 201 Created\r\nContent-Type: application/json\r\n" +
		"Date: Sun, 22 Nov 2026 16:00:00 GMT\r\nContent-Length: 1024\r\n\r\n"
	req := &http.Request{Method: http.MethodPost}
	b.Run("plain", func(b *testing.B) {
		b.ReportAllocs()
		raw := []byte(answer)
		for b.Loop() {
			parsePlain(raw, req, nil)
		}
	})
	b.Run("standard", func(b *testing.B) {
		b.ReportAllocs()
		from := strings.NewReader(answer)
		br := bufio.NewReader(from)
		for b.Loop() {
			from.Reset(answer)
			br.Reset(from)
			_, _ = http.ReadResponse(br, req)
		}
	})
}
