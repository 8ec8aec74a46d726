package e2e_test

import (
	"bytes"
	"encoding/base64"
	"net/http"
	"strings"
	"testing"

	"github.com/andybalholm/brotli"
	"github.com/klauspost/compress/flate"
	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
	"github.com/stretchr/testify/require"
)

// encoded puts content codings on a body, the first one first.
func encoded(t *testing.T, body string, codings ...string) string {
	t.Helper()
	for _, coding := range codings {
		var b bytes.Buffer
		var w interface {
			Write(p []byte) (int, error)
			Close() error
		}
		var err error
		switch coding {
		case "gzip":
			w = gzip.NewWriter(&b)
		case "br":
			w = brotli.NewWriter(&b)
		case "zstd":
			w, err = zstd.NewWriter(&b)
		case "deflate":
			w, err = flate.NewWriter(&b, flate.BestSpeed)
		}
		require.NoError(t, err)
		_, err = w.Write([]byte(body))
		require.NoError(t, err)
		require.NoError(t, w.Close())
		body = b.String()
	}
	return body
}

func TestACodedBodyIsJudgedAndForwardedPlain(t *testing.T) {
	t.Parallel()
	s := besiege(t, "")
	for _, test := range []struct {
		name    string
		fields  []string
		codings []string
	}{
		{"gzip", []string{"Content-Encoding: gzip"}, []string{"gzip"}},
		{"gzip by its old name", []string{"Content-Encoding: x-gzip"}, []string{"gzip"}},
		{"gzip in capitals", []string{"content-encoding:   GZIP "}, []string{"gzip"}},
		{"zstd", []string{"Content-Encoding: zstd"}, []string{"zstd"}},
		{"br", []string{"Content-Encoding: br"}, []string{"br"}},
		{"identity", []string{"Content-Encoding: identity"}, nil},
		{"an empty field", []string{"Content-Encoding: "}, nil},
		{"gzip among nothing", []string{"Content-Encoding: , identity,gzip,,"}, []string{"gzip"}},
		{"two", []string{"Content-Encoding: gzip, zstd"}, []string{"gzip", "zstd"}},
		{"the same twice", []string{"Content-Encoding: gzip,gzip"}, []string{"gzip", "gzip"}},
		{"two in two fields", []string{"Content-Encoding: br", "Content-Encoding: gzip"}, []string{"br", "gzip"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			for _, body := range []string{aCat, `{"a":1e400,"b":"` + strings.Repeat("x", 100_000) + `"}`} {
				bytes := encoded(t, body, test.codings...)
				_, a := s.send(t, message("POST", cats, bytes, append(test.fields, asJSON)...)).judged(t)
				require.Equal(t, body, a.Body)
				chunked := "POST " + cats + " HTTP/1.1\r\nHost: {host}\r\nX-Probe: {probe}\r\nTransfer-Encoding: chunked\r\n" + asJSON + "\r\n" +
					strings.Join(test.fields, "\r\n") + "\r\n\r\n" + inChunks(bytes, 1000)
				_, a = s.send(t, chunked).judged(t)
				require.Equal(t, body, a.Body)
			}
		})
	}
	t.Run("a form", func(t *testing.T) {
		t.Parallel()
		_, a := s.send(t, message("POST", cats, encoded(t, "name=Minoes&colour=black", "gzip"), asForm, "Content-Encoding: gzip")).judged(t)
		require.Equal(t, "name=Minoes&colour=black", a.Body)
	})
	t.Run("two members of gzip", func(t *testing.T) {
		t.Parallel()
		bytes := encoded(t, `{"name":`, "gzip") + encoded(t, `"Minoes"}`, "gzip")
		_, a := s.send(t, message("POST", cats, bytes, asJSON, "Content-Encoding: gzip")).judged(t)
		require.Equal(t, aCat, a.Body)
	})
	t.Run("nothing", func(t *testing.T) {
		t.Parallel()
		for _, bytes := range []string{"", encoded(t, "", "gzip")} {
			_, a := s.send(t, message("POST", cats, bytes, asJSON, "Content-Encoding: gzip")).judged(t)
			require.Empty(t, a.Body)
		}
	})
}

func TestACodedBodyThatHidesSomethingIsRefused(t *testing.T) {
	t.Parallel()
	s := besiege(t, "max_body 64KiB")
	whole := encoded(t, aCat, "gzip")
	bomb := strings.Repeat(" ", 4<<20)
	for _, test := range []struct {
		name, coding, bytes string
		status              int
		reason              string
	}{
		{"deflate", "deflate", encoded(t, aCat, "deflate"), 415, "unsupported_encoding"},
		{"compress", "compress", aCat, 415, "unsupported_encoding"},
		{"aws-chunked", "aws-chunked", aCat, 415, "unsupported_encoding"},
		{"an unknown one", "rot13", aCat, 415, "unsupported_encoding"},
		{"an unknown one inside", "rot13, gzip", whole, 415, "unsupported_encoding"},
		{"a parameter", "gzip;q=1", whole, 415, "unsupported_encoding"},
		{"quotes", `"gzip"`, whole, 415, "unsupported_encoding"},
		{"three", "gzip, br, gzip", encoded(t, aCat, "gzip", "br", "gzip"), 415, "unsupported_encoding"},
		{"not coded at all", "gzip", aCat, 400, "invalid_encoding"},
		{"another coding", "zstd", whole, 400, "invalid_encoding"},
		{"another coding, br", "br", aCat, 400, "invalid_encoding"},
		{"the wrong order", "zstd, gzip", encoded(t, aCat, "gzip", "zstd"), 400, "invalid_encoding"},
		{"truncated", "gzip", whole[:len(whole)-1], 400, "invalid_encoding"},
		{"without its checksum", "gzip", whole[:len(whole)-8], 400, "invalid_encoding"},
		{"truncated zstd", "zstd", encoded(t, aCat, "zstd")[:10], 400, "invalid_encoding"},
		{"truncated br", "br", encoded(t, aCat, "br")[:10], 400, "invalid_encoding"},
		{"a wrong checksum", "gzip", whole[:len(whole)-8] + "\x00\x00\x00\x00" + whole[len(whole)-4:], 400, "invalid_encoding"},
		{"bytes behind gzip", "gzip", whole + aCat, 400, "invalid_encoding"},
		{"bytes behind zstd", "zstd", encoded(t, aCat, "zstd") + aCat, 400, "invalid_encoding"},
		{"bytes behind br", "br", encoded(t, aCat, "br") + aCat, 400, "invalid_encoding"},
		{"a second document behind", "gzip", whole + whole, 400, "invalid_json"},
		{"a name twice inside", "gzip", encoded(t, `{"a":1,"a":2}`, "gzip"), 400, "invalid_json"},
		{"coded once more", "gzip", encoded(t, aCat, "gzip", "gzip"), 400, "invalid_json"},
		{"a bomb of gzip", "gzip", encoded(t, bomb, "gzip"), 413, "body_too_large"},
		{"a bomb of zstd", "zstd", encoded(t, bomb, "zstd"), 413, "body_too_large"},
		{"a bomb of br", "br", encoded(t, bomb, "br"), 413, "body_too_large"},
		{"a bomb of two", "gzip, gzip", encoded(t, bomb, "gzip", "gzip"), 413, "body_too_large"},
		{"a bomb of two kinds", "gzip, zstd", encoded(t, encoded(t, bomb, "gzip"), "zstd"), 413, "body_too_large"},
		{"a bomb between", "gzip, zstd", encoded(t, strings.Repeat(encoded(t, "", "gzip"), 50_000)+whole, "zstd"), 413, "body_too_large"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			o := s.send(t, message("POST", cats, test.bytes, asJSON, "Content-Encoding: "+test.coding))
			if p := o.refused(t, test.status, test.reason); test.reason == "invalid_json" {
				require.NotNil(t, p.Offset, "the place in the decoded body")
			}
			if test.status == http.StatusUnsupportedMediaType {
				require.Equal(t, "gzip, zstd, br, identity", o.Header.Get("Accept-Encoding")) // RFC 9110 section 12.5.3
			}
			s.send(t, message("POST", cats, test.bytes, "Content-Type: text/plain", "Content-Encoding: "+test.coding)).closed(t)
		})
	}
}

// A digest of bytes that the register never sees would be a lie; one of those
// that it does see is kept.
func TestDigestsGoWithTheBytesTheyAreOf(t *testing.T) {
	t.Parallel()
	s := besiege(t, "")
	fields := []string{"Content-Digest: sha-256=:AAAA:", "Repr-Digest: sha-256=:AAAA:", "Digest: sha-256=AAAA", "Content-MD5: AAAA", asJSON}
	_, a := s.send(t, message("POST", cats, aCat, fields...)).judged(t)
	require.Contains(t, a.Head, "Content-Digest")
	_, a = s.send(t, message("POST", cats, encoded(t, aCat, "gzip"), append(fields, "Content-Encoding: gzip")...)).judged(t)
	for _, name := range []string{"Content-Digest", "Repr-Digest", "Digest", "Content-Md5"} {
		require.Empty(t, a.values(name))
	}
}

// No type hides a document that some register would parse all the same.
func TestTypesOfBodies(t *testing.T) {
	t.Parallel()
	s := besiege(t, "")
	const typ = "Content-Type: "
	multipart := "--b\r\nContent-Disposition: form-data; name=\"name\"\r\n\r\nFelix\r\n--b--\r\n"
	for _, test := range []struct {
		name, body string
		fields     []string
		reason     string // "" when it is judged
	}{
		{"JSON", aCat, []string{asJSON}, ""},
		{"JSON in capitals", aCat, []string{"CONTENT-TYPE: Application/JSON"}, ""},
		{"JSON with a charset", aCat, []string{asJSON + "; charset=utf-8"}, ""},
		{"JSON with a quoted charset", aCat, []string{asJSON + `;charset="UTF-8"`}, ""},
		{"JSON with a parameter", aCat, []string{asJSON + "; profile=x"}, ""},
		{"a suffix", aCat, []string{typ + "application/ld+json"}, ""},
		{"merge patch", aCat, []string{typ + "application/merge-patch+json"}, ""},
		{"text/json", aCat, []string{typ + "text/json"}, ""},
		{"no type", aCat, []string{"X-No: type"}, ""},
		{"an empty type", aCat, []string{typ}, ""},
		{"text", aCat, []string{typ + "text/plain"}, ""},
		{"bytes", "  \n" + aCat, []string{typ + "application/octet-stream"}, ""},
		{"an unknown type", aCat, []string{typ + "x/y"}, ""},
		{"XML that is JSON", aCat, []string{typ + "application/xml"}, ""},
		{"a number as text", "1", []string{typ + "text/plain"}, ""},
		{"multipart that is JSON", aCat, []string{typ + "multipart/form-data; boundary=b"}, ""},
		{"a form that is JSON", aCat, []string{asForm}, ""},

		{"JSON in UTF-16", aCat, []string{asJSON + "; charset=utf-16"}, "unsupported_charset"},
		{"JSON in UTF-7", aCat, []string{asJSON + "; charset=utf-7"}, "unsupported_charset"},
		{"JSON in Latin 1", aCat, []string{typ + "text/json;charset=ISO-8859-1"}, "unsupported_charset"},
		{"text in UTF-16", aCat, []string{typ + "text/plain; charset=utf-16"}, "unsupported_charset"},
		{"a form in UTF-16", "a=b", []string{asForm + ";charset=utf-16"}, "unsupported_charset"},
		{"two charsets", aCat, []string{asJSON + "; charset=utf-8; charset=utf-16"}, "unsupported_type"},
		{"two types", aCat, []string{asJSON, asJSON}, "unsupported_type"},
		{"two different types", "name=Felix", []string{asJSON, asForm}, "unsupported_type"},
		{"two types in one", aCat, []string{asJSON + ", text/plain"}, "unsupported_type"},
		{"no slash", aCat, []string{typ + "json"}, "unsupported_type"},
		{"only a parameter", aCat, []string{typ + "; charset=utf-8"}, "unsupported_type"},
		{"a broken parameter", aCat, []string{asJSON + `; x="`}, "unsupported_type"},
		{"text that is text", "Minoes is a cat", []string{typ + "text/plain"}, "unsupported_type"},
		{"text that is a form", "name=Felix", []string{typ + "text/plain"}, "unsupported_type"},
		{"XML", "<cat/>", []string{typ + "application/xml"}, "unsupported_type"},
		{"YAML", "name: Felix", []string{typ + "application/yaml"}, "unsupported_type"},
		{"multipart", multipart, []string{typ + "multipart/form-data; boundary=b"}, "unsupported_type"},
		{"related", multipart, []string{typ + "multipart/related; boundary=b"}, "unsupported_type"},
		{"bytes that are bytes", "\x89PNG\r\n", []string{typ + "image/png"}, "unsupported_type"},
		{"a form of two readings", `{"name":"Minoes&name=Felix&x="}`, []string{asForm}, "unsupported_type"},
		{"a form that says JSON", "name=Felix", []string{asJSON}, "invalid_json"},
		{"a form without a type", "name=Felix", []string{"X-No: type"}, "invalid_json"},
		{"lines of JSON", aCat + "\n" + aCat, []string{typ + "application/x-ndjson"}, "invalid_json"},
		{"a sequence of JSON", "\x1e" + aCat, []string{typ + "application/json-seq"}, "unsupported_type"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			o := s.send(t, message("POST", cats, test.body, test.fields...))
			switch test.reason {
			case "":
				_, a := o.judged(t)
				require.Equal(t, test.body, a.Body)
			case "invalid_json":
				o.refused(t, http.StatusBadRequest, test.reason)
			default:
				o.refused(t, http.StatusUnsupportedMediaType, test.reason)
			}
		})
	}
}

// An operator can let other bodies in. The validator then gets their bytes.
func TestOtherBodiesCanPassAsBase64(t *testing.T) {
	t.Parallel()
	s := besiege(t, "unparsed pass-as-base64")
	multipart := "--b\r\nContent-Disposition: form-data; name=\"name\"\r\n\r\nFelix\r\n--b--\r\n"
	for name, test := range map[string][2]string{
		"multipart": {"multipart/form-data; boundary=b", multipart},
		"bytes":     {"image/png", "\x89PNG\r\n\x00\xff"},
		"text":      {"text/plain", "name=Felix"},
		"XML":       {"application/xml; charset=utf-16", "<cat/>"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, coding := range []string{"identity", "gzip"} {
				body := test[1]
				if coding == "gzip" {
					body = encoded(t, body, coding)
				}
				e, a := s.send(t, message("POST", cats, body, "Content-Type: "+test[0], "Content-Encoding: "+coding)).judged(t)
				require.Equal(t, test[1], a.Body)
				require.Equal(t, base64.StdEncoding.EncodeToString([]byte(test[1])), e.Data.BodyBase64)
				require.Equal(t, test[0], a.Header.Get("Content-Type"))
			}
		})
	}
	t.Run("JSON is still JSON", func(t *testing.T) {
		t.Parallel()
		e, _ := s.send(t, message("POST", cats, aCat, "Content-Type: image/png")).judged(t)
		require.JSONEq(t, aCat, string(e.Data.Body))
		s.send(t, message("POST", cats, `{"a":1,"a":2}`, "Content-Type: image/png")).refused(t, http.StatusBadRequest, "invalid_json")
		s.send(t, message("POST", cats, "\xff\xfe{\x00}\x00", "Content-Type: image/png")).refused(t, http.StatusBadRequest, "invalid_json")
	})
}
