package transport

import (
	"bufio"
	"bytes"
	"io"
	"net/http"
	"net/textproto"
	"strings"

	"golang.org/x/net/http/httpguts"
)

// plainAnswer is the answer that nearly every server gives nearly always: an
// HTTP/1.1 status, tidy fields, and a body of known length or none (RFC 9112
// section 6.2). Its parts are allocated as one.
type plainAnswer struct {
	http.Response
	body fixedBody
}

// Length of the parts of a status line (RFC 9112 section 4).
const (
	plainVersion = "HTTP/1.1 "
	codeLength   = 3
)

// parsePlain reads a head that lies in memory as a whole, its empty line
// included. It returns nil for whatever is not certain to mean to everybody
// what it means here, which is then for http.ReadResponse to judge; what it
// returns is what http.ReadResponse would. The body is read from br once the
// head has been discarded there.
func parsePlain(raw []byte, req *http.Request, br *bufio.Reader) *http.Response {
	if req.Method == http.MethodHead || !bytes.HasPrefix(raw, []byte(plainVersion)) {
		return nil
	}
	// One string holds all texts of the head.
	status, fields, _ := strings.Cut(string(raw[len(plainVersion):len(raw)-len("\r\n")]), "\r\n")
	code := plainCode(status)
	if code == 0 || !plainText(status) {
		return nil
	}
	header := plainFields(fields)
	if header == nil {
		return nil
	}
	length, ok := plainLength(header, code)
	if !ok {
		return nil
	}
	a := &plainAnswer{
		Response: http.Response{
			Status: status, StatusCode: code,
			Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
			Header: header, ContentLength: length, Body: http.NoBody, Request: req,
		},
		body: fixedBody{br: br, left: length},
	}
	if length > 0 {
		a.Body = &a.body
	}

	return &a.Response
}

// plainCode returns the final status code that a status line begins with, or
// 0. Not modified (304) may describe a body that does not come: it is left out.
func plainCode(status string) int {
	if len(status) < codeLength || len(status) > codeLength && status[codeLength] != ' ' {
		return 0
	}
	code, ok := digits(status[:codeLength])
	if !ok || code < http.StatusOK || code == http.StatusNotModified {
		return 0
	}

	return int(code)
}

// plainFields parses lines that each end in CR LF. It returns nil if one of
// them is no plain field: a valid name, a colon, and text.
func plainFields(lines string) http.Header {
	count := strings.Count(lines, "\n")
	header := make(http.Header, count)
	values := make([]string, count) // cut up below, so that each field needs no slice of its own
	for i := range values {
		line, rest, found := strings.Cut(lines, "\r\n")
		name, value, colon := strings.Cut(line, ":")
		if !found || !colon || !plainName(name) || !plainText(value) {
			return nil
		}
		lines, name, values[i] = rest, textproto.CanonicalMIMEHeaderKey(name), textproto.TrimString(value)
		if earlier, ok := header[name]; ok {
			header[name] = append(earlier, values[i])
		} else {
			header[name] = values[i : i+1 : i+1]
		}
	}
	if lines != "" {
		return nil
	}

	return header
}

// plainLength returns the length of the body if the fields leave no doubt
// about it. Fields that have a say in framing, or that http.ReadResponse
// rewrites, are not for us.
func plainLength(header http.Header, code int) (length int64, ok bool) {
	for _, name := range [...]string{"Transfer-Encoding", "Trailer", "Pragma"} {
		if _, ok := header[name]; ok {
			return 0, false
		}
	}
	if connection, ok := header["Connection"]; ok && (len(connection) > 1 || !strings.EqualFold(connection[0], "keep-alive")) {
		return 0, false
	}
	given := header["Content-Length"]
	if code == http.StatusNoContent {
		return 0, given == nil
	}
	if len(given) != 1 {
		return 0, false
	}

	return digits(given[0])
}

// digits reads a number without a sign that is far from overflowing.
func digits(s string) (n int64, ok bool) {
	const most = 18
	if s == "" || len(s) > most {
		return 0, false
	}
	for i := range len(s) {
		d := s[i] - '0'
		if d > 9 {
			return 0, false
		}
		n = n*10 + int64(d)
	}

	return n, true
}

// tokens are the bytes that a name may have (RFC 9110 section 5.6.2).
var tokens = func() (table [256]bool) {
	for b := range table {
		table[b] = httpguts.IsTokenRune(rune(b))
	}

	return table
}()

func plainName(name string) bool {
	for i := range len(name) {
		if !tokens[name[i]] {
			return false
		}
	}

	return name != ""
}

// plainText says whether a text has no control characters but tabs.
func plainText(text string) bool {
	for i := range len(text) {
		if b := text[i]; b < ' ' && b != '\t' || b == 0x7f {
			return false
		}
	}

	return true
}

// fixedBody is a body of known length. Like the body of http.ReadResponse it
// gives io.EOF together with its last bytes.
type fixedBody struct {
	br   *bufio.Reader
	left int64
}

func (b *fixedBody) Read(p []byte) (int, error) {
	if b.left == 0 {
		return 0, io.EOF
	}
	n, err := b.br.Read(p[:min(int64(len(p)), b.left)])
	b.left -= int64(n)
	switch {
	case b.left == 0:
		return n, io.EOF
	case err == io.EOF:
		return n, io.ErrUnexpectedEOF
	}

	return n, err
}

// Close does nothing: the exchange decides about what is left.
func (b *fixedBody) Close() error { return nil }
