package e2e_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// inChunks writes a body in chunks of a size (RFC 9112 section 7.1).
func inChunks(body string, size int) string {
	var b strings.Builder
	for len(body) > 0 {
		n := min(size, len(body))
		b.WriteString(hexadecimal(n) + "\r\n" + body[:n] + "\r\n")
		body = body[n:]
	}
	return b.String() + "0\r\n\r\n"
}

// framed writes a POST whose framing is up to the test.
func framed(fields, rest string) string {
	return "POST " + cats + " HTTP/1.1\r\nHost: {host}\r\nX-Probe: {probe}\r\n" + asJSON + "\r\n" + fields + "\r\n\r\n" + rest
}

const chunked = "Transfer-Encoding: chunked"

func TestHoweverABodyIsFramedItIsJudged(t *testing.T) {
	t.Parallel()
	besiegeEach(t, "", func(t *testing.T, s *siege) {
		length := "Content-Length: " + decimal(len(aCat))
		old := func(fields string) string { return strings.Replace(framed(fields, aCat), "HTTP/1.1", "HTTP/1.0", 1) }
		for name, bytes := range map[string]string{
			"a length":                     framed(length, aCat),
			"the same length twice":        framed(length+"\r\n"+length, aCat),
			"one chunk":                    framed(chunked, inChunks(aCat, 100)),
			"a chunk for each byte":        framed(chunked, inChunks(aCat, 1)),
			"chunked in capitals":          framed("transfer-encoding: CHUNKED", inChunks(aCat, 5)),
			"chunk extensions":             framed(chunked, "11;a=b;c=\"d\"\r\n"+aCat+"\r\n0;e\r\n\r\n"),
			"leading zeros":                framed(chunked, "0011\r\n"+aCat+"\r\n000\r\n\r\n"),
			"a trailer":                    framed(chunked+"\r\nTrailer: X-Sum", "11\r\n"+aCat+"\r\n0\r\nX-Sum: 1\r\n\r\n"),
			"a trailer nobody spoke of":    framed(chunked, "11\r\n"+aCat+"\r\n0\r\nContent-Type: text/plain\r\nX-HTTP-Method-Override: DELETE\r\n\r\n"),
			"HTTP/1.0":                     old(length),
			"HTTP/1.0, kept alive":         old(length + "\r\nConnection: keep-alive"),
			"Expect that nobody waits for": framed(length+"\r\nExpect: 100-continue", aCat),
			"Expect in capitals":           framed(length+"\r\nexpect: 100-CONTINUE", aCat),
			"Expect and chunks":            framed(chunked+"\r\nExpect: 100-continue", inChunks(aCat, 7)),
			"closing":                      framed(length+"\r\nConnection: close", aCat),
			"an offer of h2c":              framed(length+"\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAoAAAAAIAAAAA", aCat),
		} {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				_, a := s.send(t, bytes).judged(t)
				require.Equal(t, aCat, a.Body)
				require.NotContains(t, a.Head, "X-Sum")
			})
		}
		for name, bytes := range map[string]string{
			"a length of 0":     framed("Content-Length: 0", ""),
			"no chunks":         framed(chunked, "0\r\n\r\n"),
			"neither":           framed("X-A: b", ""),
			"HTTP/1.0, neither": strings.Replace(framed("X-A: b", ""), "HTTP/1.1", "HTTP/1.0", 1),
		} {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				_, a := s.send(t, bytes).judged(t)
				require.Empty(t, a.Body)
			})
		}
	})
}

func TestAClientThatWaitsForContinueIsJudgedTheSame(t *testing.T) {
	t.Parallel()
	s := besiege(t, "max_body 1KiB")
	probe := newProbe()
	connection, reader := s.dial(t)
	s.write(t, connection, probe, framed("Content-Length: 17\r\nExpect: 100-continue", ""))
	require.Equal(t, http.StatusContinue, next(t, reader).Status)
	s.write(t, connection, probe, aCat)
	s.fate(next(t, reader), probe).judged(t)

	// One that is refused is never told to go on.
	s.send(t, framed("Content-Length: 1025\r\nExpect: 100-continue", "")).refused(t, http.StatusRequestEntityTooLarge, "body_too_large")
	s.send(t, message("POST", cats, "", "Expect: 200-maybe")).closed(t)
}
