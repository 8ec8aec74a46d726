package e2e_test

import (
	"bytes"
	"io"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"
)

// withHTTP2 makes the gate speak HTTP/2 without TLS.
const withHTTP2 = "\tservers {\n\t\tprotocols h1 h2c\n\t}\n"

// frames is a request of HTTP/2 as its parts, which no client library has put
// in order. A body that is nil ends with the head.
type frames struct {
	fields  []string // name and value by turns; {probe} and {host} are filled in
	body    *string
	trailer []string
	reset   bool // instead of the end of the body
}

func inFrames(method, path, body string, fields ...string) frames {
	return frames{body: &body, fields: append([]string{":method", method, ":scheme", "http", ":authority", "{host}", ":path", path, "x-probe", "{probe}"}, fields...)}
}

// sendFrames makes one request over a connection of its own. A reset or closed
// connection counts as a refusal, with status 0.
func (s *siege) sendFrames(t *testing.T, f frames) fate {
	t.Helper()
	probe := newProbe()
	connection, reader := s.dial(t)
	defer connection.Close()
	_, err := io.WriteString(connection, http2.ClientPreface)
	require.NoError(t, err)
	framer := http2.NewFramer(connection, reader)
	framer.ReadMetaHeaders = hpack.NewDecoder(4096, nil)
	require.NoError(t, framer.WriteSettings())
	_ = framer.WriteHeaders(http2.HeadersFrameParam{
		StreamID: 1, BlockFragment: s.block(t, probe, f.fields), EndHeaders: true, EndStream: f.body == nil && !f.reset,
	})
	if f.body != nil {
		_ = framer.WriteData(1, f.trailer == nil && !f.reset, []byte(*f.body))
	}
	if f.trailer != nil {
		_ = framer.WriteHeaders(http2.HeadersFrameParam{StreamID: 1, BlockFragment: s.block(t, probe, f.trailer), EndHeaders: true, EndStream: true})
	}
	if f.reset {
		_ = framer.WriteRSTStream(1, http2.ErrCodeCancel)
		_ = framer.WriteGoAway(0, http2.ErrCodeNo, nil)
	}
	return s.fate(readFrames(framer), probe)
}

func (s *siege) block(t *testing.T, probe string, fields []string) []byte {
	t.Helper()
	var b bytes.Buffer
	encoder := hpack.NewEncoder(&b)
	for i := 0; i < len(fields); i += 2 {
		require.NoError(t, encoder.WriteField(hpack.HeaderField{Name: fields[i], Value: s.fill(fields[i+1], probe)}))
	}
	return b.Bytes()
}

// readFrames reads the answer on stream 1.
func readFrames(framer *http2.Framer) answer {
	got := answer{Header: http.Header{}}
	for {
		frame, err := framer.ReadFrame()
		if err != nil {
			return answer{}
		}
		switch frame := frame.(type) {
		case *http2.SettingsFrame:
			if !frame.IsAck() {
				_ = framer.WriteSettingsAck()
			}
		case *http2.MetaHeadersFrame:
			for _, field := range frame.Fields {
				if field.Name == ":status" {
					got.Status, _ = strconv.Atoi(field.Value)
				}
				got.Header.Add(field.Name, field.Value)
			}
			if frame.StreamEnded() {
				return got
			}
		case *http2.DataFrame:
			got.Body += string(frame.Data())
			if frame.StreamEnded() {
				return got
			}
		case *http2.RSTStreamFrame, *http2.GoAwayFrame:
			return answer{}
		}
	}
}

func TestHTTP2IsJudgedTheSame(t *testing.T) {
	t.Parallel()
	besiegeEach(t, withHTTP2, func(t *testing.T, s *siege) {
		json := []string{"content-type", "application/json"}
		with := func(fields ...string) []string { return append(fields, json...) }
		trailer := inFrames("POST", cats, aCat, json...)
		trailer.trailer = []string{"x-sum", "1", "voorpoort-flag", "x"}
		for name, f := range map[string]frames{
			"without a length":       inFrames("POST", cats, aCat, json...),
			"with a length":          inFrames("POST", cats, aCat, with("content-length", "17")...),
			"with a trailer":         trailer,
			"with Expect":            inFrames("POST", cats, aCat, with("expect", "100-continue")...),
			"gzip":                   inFrames("POST", cats, encoded(t, aCat, "gzip"), with("content-encoding", "gzip")...),
			"a form":                 inFrames("POST", cats, "name=Minoes", "content-type", "application/x-www-form-urlencoded"),
			"an override":            inFrames("POST", minoes, aCat, with("x-http-method-override", "DELETE")...),
			"an override in a query": inFrames("POST", minoes+"?_method=DELETE", aCat, json...),
			"a prefix":               inFrames("PUT", "/index.php/apps/openregister"+minoes, aCat, json...),
			"TE":                     inFrames("POST", cats, aCat, with("te", "trailers")...),
			"a path override":        inFrames("POST", cats, aCat, with("x-rewrite-url", "/public")...),
		} {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				_, a := s.sendFrames(t, f).judged(t)
				require.NotEmpty(t, a.Body)
				require.NotContains(t, strings.ToLower(a.Head), "flag")
			})
		}
		t.Run("no body", func(t *testing.T) {
			t.Parallel()
			for _, body := range []string{"", "-"} {
				f := inFrames("DELETE", minoes, body)
				if body != "" {
					f.body = nil
				}
				_, a := s.sendFrames(t, f).judged(t)
				require.Empty(t, a.Body)
			}
		})
		t.Run("a client of the standard library", func(t *testing.T) {
			t.Parallel()
			protocols := new(http.Protocols)
			protocols.SetUnencryptedHTTP2(true)
			transport := &http.Transport{Protocols: protocols}
			defer transport.CloseIdleConnections()
			client := &http.Client{Transport: transport}
			for range 3 {
				probe := newProbe()
				request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.gate.URL+cats, io.MultiReader(strings.NewReader(aCat)))
				require.NoError(t, err)
				request.Header.Set(probeHeader, probe)
				request.Header.Set("Content-Type", "application/json")
				response, err := client.Do(request)
				require.NoError(t, err)
				require.Equal(t, 2, response.ProtoMajor)
				s.fate(read(t, response), probe).judged(t)
			}
		})
	})
}

func TestHTTP2IsRefusedTheSame(t *testing.T) {
	t.Parallel()
	s := besiegeSite(t, withHTTP2, "", "\tvoorpoort openregister {\n\t\tmax_body 1KiB\n\t}\n\treverse_proxy {{register}}\n")
	json := []string{"content-type", "application/json"}
	for _, test := range []struct {
		name   string
		f      frames
		status int
		reason string
	}{
		{"a name twice", inFrames("POST", cats, `{"a":1,"a":2}`, json...), 400, "invalid_json"},
		{"too large", inFrames("POST", cats, strings.Repeat(" ", 1025), json...), 413, "body_too_large"},
		{"a large length", inFrames("POST", cats, "", append(json, "content-length", "1025")...), 413, "body_too_large"},
		{"a method in lower case", inFrames("post", cats, aCat, json...), 400, "method"},
		{"a backslash", inFrames("POST", `/api\objects/pets/cats`, aCat, json...), 400, "ambiguous_path"},
		{"an unknown coding", inFrames("POST", cats, aCat, append(json, "content-encoding", "rot13")...), 415, "unsupported_encoding"},
		{"two types", inFrames("POST", cats, aCat, append(json, "content-type", "text/plain")...), 415, "unsupported_type"},
		{"gRPC", inFrames("POST", cats, "\x00\x00\x00\x00\x00", "content-type", "application/grpc", "te", "trailers"), 415, "streaming"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s.sendFrames(t, test.f).refused(t, test.status, test.reason)
		})
	}
	for _, test := range disguises {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s.sendFrames(t, inFrames("POST", test.target, aCat, json...)).refused(t, http.StatusBadRequest, "ambiguous_path")
		})
	}
}

// What HTTP/2 can say and HTTP/1.1 cannot, or says in another way, must not
// become another request on its way to the register.
func TestNoRequestIsSmuggledFromHTTP2(t *testing.T) {
	t.Parallel()
	besiegeEach(t, withHTTP2, func(t *testing.T, s *siege) {
		json := []string{"content-type", "application/json"}
		with := func(fields ...string) []string { return append(fields, json...) }
		hidden := strings.ReplaceAll(smuggled, "{host}", "h")
		unfinished := inFrames("POST", cats, aCat, json...)
		unfinished.reset = true
		onlyHead := inFrames("POST", cats, "", json...)
		onlyHead.body, onlyHead.reset = nil, true
		pseudo := inFrames("POST", cats, aCat, json...)
		pseudo.trailer = []string{":path", "/public"}
		for name, f := range map[string]frames{
			"a request in the method":      inFrames("POST "+cats+" HTTP/1.1\r\nX: ", cats, aCat, json...),
			"a space in the method":        inFrames("POST ", cats, aCat, json...),
			"a path in the method":         inFrames("POST /public", cats, aCat, json...),
			"an empty method":              inFrames("", cats, aCat, json...),
			"a request in the path":        inFrames("POST", "/public HTTP/1.1\r\nHost: h\r\n\r\n"+hidden, aCat, json...),
			"a version in the path":        inFrames("POST", cats+" HTTP/1.1", aCat, json...),
			"a version in the query":       inFrames("POST", "/public?x HTTP/1.1\r\nX: y", aCat, json...),
			"no slash":                     inFrames("POST", "api/objects/pets/cats", aCat, json...),
			"an absolute path":             inFrames("POST", "http://h"+cats, aCat, json...),
			"an empty path":                inFrames("POST", "", aCat, json...),
			"a line break in a value":      inFrames("POST", cats, aCat, with("x-a", "b\r\nX-HTTP-Method-Override: DELETE")...),
			"a request in a value":         inFrames("POST", cats, aCat, with("x-a", "b\r\n\r\n"+hidden)...),
			"a line break in a name":       inFrames("POST", cats, aCat, with("x-a\r\nx-b", "c")...),
			"a colon in a name":            inFrames("POST", cats, aCat, with("x-http-method-override: DELETE", "c")...),
			"a name in capitals":           inFrames("POST", cats, aCat, with("X-HTTP-Method-Override", "DELETE")...),
			"a NUL in a value":             inFrames("POST", cats, aCat, with("x-a", "b\x00c")...),
			"chunked":                      inFrames("POST", cats, "0\r\n\r\n"+hidden, with("transfer-encoding", "chunked")...),
			"a short length":               inFrames("POST", cats, aCat+hidden, with("content-length", "17")...),
			"a long length":                inFrames("POST", cats, aCat, with("content-length", "170")...),
			"a length of 0":                inFrames("POST", cats, hidden, with("content-length", "0")...),
			"two lengths":                  inFrames("POST", cats, aCat, with("content-length", "17", "content-length", "0")...),
			"no number":                    inFrames("POST", cats, aCat, with("content-length", "x")...),
			"Connection":                   inFrames("POST", cats, aCat, with("connection", "content-type")...),
			"Upgrade":                      inFrames("POST", cats, aCat, with("upgrade", "websocket")...),
			"Proxy-Connection":             inFrames("POST", cats, aCat, with("proxy-connection", "x")...),
			"another TE":                   inFrames("POST", cats, aCat, with("te", "chunked")...),
			"two methods":                  inFrames("POST", cats, aCat, with(":method", "GET")...),
			"two paths":                    inFrames("POST", "/public", aCat, with(":path", cats)...),
			"an unknown pseudo-header":     inFrames("POST", cats, aCat, with(":x", "y")...),
			"a pseudo-header in a trailer": pseudo,
			"CONNECT":                      {fields: []string{":method", "CONNECT", ":authority", "{host}", "x-probe", "{probe}"}},
			"CONNECT with a path":          inFrames("CONNECT", cats, ""),
			"a WebSocket":                  {fields: append(inFrames("CONNECT", cats, "").fields, ":protocol", "websocket")},
			"an unfinished body":           unfinished,
			"only a head":                  onlyHead,
		} {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				o := s.sendFrames(t, f)
				for _, a := range o.Arrived {
					require.False(t, a.Broken, a.Head)
					require.NotContains(t, a.Target, "hidden")
					require.Len(t, o.Arrived, 1)
					if a.Method != "CONNECT" {
						o.judged(t)
					}
				}
			})
		}
	})
}
