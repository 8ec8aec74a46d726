package e2e_test

import (
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// smuggled is a request that an attacker hides in what looks like the body of
// another one.
const smuggled = "POST " + cats + "?hidden HTTP/1.1\r\nHost: {host}\r\nX-Probe: {probe}\r\nContent-Length: 16\r\nConnection: close\r\n\r\n{\"name\":\"Felix\"}"

// Two readers that disagree on where a body ends see different requests. Here
// the validator and the register never do.
func TestNoRequestIsSmuggledInABody(t *testing.T) {
	t.Parallel()
	besiegeEach(t, "", func(t *testing.T, s *siege) {
		short := "Content-Length: 17"
		for name, bytes := range map[string]string{
			"a length and chunks":              framed("Content-Length: 5\r\n"+chunked, "0\r\n\r\n"+smuggled),
			"chunks and a length":              framed(chunked+"\r\nContent-Length: 500", inChunks(aCat, 100)+smuggled),
			"two lengths":                      framed(short+"\r\nContent-Length: 300", aCat+smuggled),
			"two lengths in one":               framed("Content-Length: 17, 17", aCat+smuggled),
			"a plus sign":                      framed("Content-Length: +17", aCat+smuggled),
			"a minus sign":                     framed("Content-Length: -1", aCat+smuggled),
			"hexadecimal":                      framed("Content-Length: 0x11", aCat+smuggled),
			"a huge length":                    framed("Content-Length: 18446744073709551633", aCat+smuggled),
			"an empty length":                  framed("Content-Length: ", smuggled),
			"a space before the colon":         framed("Content-Length : 300", aCat+smuggled),
			"a space before the coding":        framed("Transfer-Encoding : chunked\r\n"+short, inChunks(aCat, 100)+smuggled),
			"a tab in the coding":              framed("Transfer-Encoding:\tchunked\r\n"+short, inChunks(aCat, 100)+smuggled),
			"a vertical tab in the coding":     framed("Transfer-Encoding: \vchunked\r\n"+short, inChunks(aCat, 100)+smuggled),
			"an unknown coding":                framed("Transfer-Encoding: xchunked\r\n"+short, aCat+smuggled),
			"a quoted coding":                  framed("Transfer-Encoding: \"chunked\"\r\n"+short, aCat+smuggled),
			"identity":                         framed("Transfer-Encoding: identity\r\n"+short, aCat+smuggled),
			"chunked twice":                    framed("Transfer-Encoding: chunked, chunked\r\n"+short, inChunks(aCat, 100)+smuggled),
			"chunked in two fields":            framed(chunked+"\r\n"+chunked, inChunks(aCat, 100)+smuggled),
			"chunked and identity":             framed(chunked+"\r\nTransfer-Encoding: identity\r\n"+short, inChunks(aCat, 100)+smuggled),
			"gzip and chunked":                 framed("Transfer-Encoding: gzip, chunked", inChunks(encoded(t, aCat, "gzip"), 1000)+smuggled),
			"an empty coding":                  framed("Transfer-Encoding: \r\n"+short, aCat+smuggled),
			"chunked in HTTP/1.0":              strings.Replace(framed(chunked+"\r\n"+short, inChunks(aCat, 100)+smuggled), "HTTP/1.1", "HTTP/1.0", 1),
			"a folded field":                   framed("X-A: b\r\n Content-Length: 300\r\n"+short, aCat+smuggled),
			"a folded coding":                  framed("Transfer-Encoding:\r\n chunked\r\n"+short, aCat+smuggled),
			"a bare line feed":                 framed("X-A: b\nContent-Length: 300\r\n"+short, aCat+smuggled),
			"a bare return":                    framed("X-A: b\rContent-Length: 300\r\n"+short, aCat+smuggled),
			"a NUL in a field":                 framed("X-A: b\x00\r\n"+short, aCat+smuggled),
			"a field without a colon":          framed("Content-Length 300\r\n"+short, aCat+smuggled),
			"a field without a name":           framed(": chunked\r\n"+short, aCat+smuggled),
			"underscores":                      framed("Content_Length: 300\r\nTransfer_Encoding: chunked\r\nContent_Type: text/plain\r\n"+short, aCat+smuggled),
			"a chunk that is longer":           framed(chunked, "12\r\n"+aCat+"\r\n0\r\n\r\n"+smuggled),
			"a chunk that is shorter":          framed(chunked, "10\r\n"+aCat+"\r\n0\r\n\r\n"+smuggled),
			"a chunk of a huge size":           framed(chunked, "10000000000000011\r\n"+aCat+"\r\n0\r\n\r\n"+smuggled),
			"a chunk of a negative size":       framed(chunked, "-1\r\n"+aCat+"\r\n0\r\n\r\n"+smuggled),
			"a chunk with 0x":                  framed(chunked, "0x11\r\n"+aCat+"\r\n0\r\n\r\n"+smuggled),
			"a chunk with a space":             framed(chunked, "11 \r\n"+aCat+"\r\n0\r\n\r\n"+smuggled),
			"a chunk with a bare line feed":    framed(chunked, "11\n"+aCat+"\r\n0\r\n\r\n"+smuggled),
			"line feeds only":                  framed(chunked, "11\n"+aCat+"\n0\n\n"+smuggled),
			"an extension with a line feed":    framed(chunked, "11;a\n0\r\n\r\n"+smuggled),
			"an extension with a return":       framed(chunked, "11;a\rb\r\n"+aCat+"\r\n0\r\n\r\n"+smuggled),
			"no end of a chunk":                framed(chunked, "11\r\n"+aCat+"0\r\n\r\n"+smuggled),
			"a request for a trailer":          framed(chunked, "11\r\n"+aCat+"\r\n0\r\n"+smuggled),
			"a request behind":                 framed(short, aCat+smuggled),
			"a request behind a refused one":   framed(short, "[1,2,,,,,,,,,,,5]"+smuggled),
			"a request behind a large one":     framed("Content-Length: 99999999", smuggled),
			"a request behind an upgrade":      framed("Content-Length: 0\r\nConnection: Upgrade\r\nUpgrade: websocket", smuggled),
			"a body of a GET":                  strings.Replace(framed(short, aCat+smuggled), "POST", "GET", 1),
			"a body of a GET without a length": strings.Replace(framed("X-A: b", smuggled), "POST", "GET", 1),
			"HTTP/0.9":                         "POST " + cats + "\r\n" + smuggled,
			"HTTP/1.2":                         strings.Replace(framed(short, aCat+smuggled), "HTTP/1.1", "HTTP/1.2", 1),
			"HTTP/2.0 as text":                 strings.Replace(framed(short, aCat+smuggled), "HTTP/1.1", "HTTP/2.0", 1),
			"HTTP/3.0 as text":                 strings.Replace(framed(short, aCat+smuggled), "HTTP/1.1", "HTTP/3.0", 1),
			"two hosts":                        framed("Host: other.example\r\n"+short, aCat+smuggled),
			"an empty line first":              "\r\n" + framed(short, aCat+smuggled),
		} {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				probe := newProbe()
				connection, _ := s.dial(t)
				require.NoError(t, connection.SetDeadline(time.Now().Add(3*time.Second)))
				_, _ = io.WriteString(connection, s.fill(bytes, probe))
				_ = connection.(*net.TCPConn).CloseWrite()
				_, _ = io.Copy(io.Discard, connection)
				s.everyWriteWasJudged(t, probe)
			})
		}
	})
}

// everyWriteWasJudged compares all that arrived with all that was judged.
func (s *siege) everyWriteWasJudged(t *testing.T, probe string) {
	t.Helper()
	o := s.fate(answer{}, probe)
	for _, a := range o.Arrived {
		require.False(t, a.Broken, a.Head)
		if a.Method == http.MethodGet {
			continue
		}
		require.Contains(t, []string{aCat, `{"name":"Felix"}`, ""}, a.Body)
		sameFraming(t, a)
		path, query, _ := strings.Cut(a.Target, "?")
		judged := 0
		for _, e := range o.Asked {
			_, hidden := e.Data.QueryParams["hidden"]
			if e.Data.Method == a.Method && e.Data.Path == path && hidden == (query == "hidden") {
				judged++
				sameBody(t, e, a)
			}
		}
		require.Equal(t, 1, judged, "what arrived was judged once: %q", a.Head)
	}
}

func TestRequestsInOneGoAreJudgedOneByOne(t *testing.T) {
	t.Parallel()
	s := besiege(t, "")
	probe := newProbe()
	connection, reader := s.dial(t)
	s.write(t, connection, probe, message("POST", cats+"?1", `{"a":1}`, asJSON)+
		message("POST", cats+"?2", `{"a":1,"a":2}`, asJSON)+
		strings.Replace(framed(chunked, inChunks(`{"a":3}`, 2)), cats, cats+"?3", 1)+
		message("GET", "/public", "")+
		message("POST", "/api//objects/pets/cats", strings.Repeat("x", 100_000))+
		message("PUT", minoes, `{"a":4}`, asJSON))
	var statuses []int
	for range 6 {
		statuses = append(statuses, next(t, reader).Status)
	}
	require.Equal(t, []int{201, 400, 201, 201, 400, 201}, statuses)
	var arrived []string
	for _, a := range s.register.probed(probe) {
		arrived = append(arrived, a.Method+" "+a.Target+" "+a.Body)
	}
	require.Equal(t, []string{"POST " + cats + `?1 {"a":1}`, "POST " + cats + `?3 {"a":3}`, "GET /public ", "PUT " + minoes + ` {"a":4}`}, arrived)
	require.Len(t, s.fate(answer{}, probe).Asked, 3)
}

// A slow client is waited for; one that gives up has said nothing.
func TestSlowAndBrokenBodies(t *testing.T) {
	t.Parallel()
	s := besiege(t, "")
	t.Run("slow", func(t *testing.T) {
		t.Parallel()
		probe := newProbe()
		connection, reader := s.dial(t)
		bytes := framed(chunked, inChunks(aCat, 4))
		for len(bytes) > 0 {
			n := min(40, len(bytes))
			if strings.Contains(bytes[:n], "{") { // do not cut what is filled in
				n = max(n, strings.Index(bytes, "}")+1)
			}
			s.write(t, connection, probe, bytes[:n])
			bytes = bytes[n:]
			time.Sleep(10 * time.Millisecond)
		}
		s.fate(next(t, reader), probe).judged(t)
	})
	for name, bytes := range map[string]string{
		"half a length":              framed("Content-Length: 17", aCat[:9]),
		"a whole value, too short":   framed("Content-Length: 18", aCat),
		"no body":                    framed("Content-Length: 17", ""),
		"half a chunk":               framed(chunked, "11\r\n"+aCat[:9]),
		"no last chunk":              framed(chunked, "11\r\n"+aCat+"\r\n"),
		"half a last chunk":          framed(chunked, "11\r\n"+aCat+"\r\n0\r\n"),
		"half a head":                "POST " + cats + " HTTP/1.1\r\nHost: {host}\r\nX-Probe: {probe}\r\nContent-Le",
		"half of what is gzip":       strings.TrimSuffix(message("POST", cats, encoded(t, aCat, "gzip"), asJSON, "Content-Encoding: gzip"), encoded(t, aCat, "gzip")[20:]),
		"waits for 100, then leaves": framed("Content-Length: 17\r\nExpect: 100-continue", ""),
	} {
		t.Run(name+", then silence", func(t *testing.T) {
			t.Parallel()
			probe := newProbe()
			connection, reader := s.dial(t)
			s.write(t, connection, probe, bytes)
			require.NoError(t, connection.(*net.TCPConn).CloseWrite())
			response, err := http.ReadResponse(reader, nil)
			for err == nil && response.StatusCode == http.StatusContinue {
				response, err = http.ReadResponse(reader, nil)
			}
			if err == nil {
				s.fate(read(t, response), probe).closed(t)
				return
			}
			s.fate(answer{}, probe).closed(t)
		})
		t.Run(name+", then a reset", func(t *testing.T) {
			t.Parallel()
			probe := newProbe()
			connection, _ := s.dial(t)
			s.write(t, connection, probe, bytes)
			require.NoError(t, connection.(*net.TCPConn).SetLinger(0))
			require.NoError(t, connection.Close())
			time.Sleep(100 * time.Millisecond) // nothing happens that could be waited for
			s.fate(answer{}, probe).closed(t)
		})
	}
}
