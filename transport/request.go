package transport

import (
	"errors"
	"net/http"
	"net/textproto"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/net/http/httpguts"
)

// userAgent is what net/http sends for a request that names none.
const userAgent = "Go-http-client/1.1"

// appendHead appends the head that http.Request.Write sends for a plain
// request, byte for byte.
func appendHead(dst []byte, req *http.Request, length int64, closing bool) ([]byte, error) {
	host, err := hostField(req)
	if err != nil {
		return dst, err
	}
	uri := req.URL.RequestURI()
	if hasControl(uri) {
		return dst, errRequestURI
	}
	method := req.Method
	if method == "" {
		method = http.MethodGet
	}
	dst = append(append(dst, method...), ' ')
	dst = append(append(dst, uri...), " HTTP/1.1\r\n"...)
	dst = appendField(dst, "Host", host)
	agent := userAgent
	if given, ok := req.Header["User-Agent"]; ok {
		agent = ""
		if len(given) > 0 {
			agent = given[0]
		}
	}
	if agent != "" {
		dst = appendField(dst, "User-Agent", agent)
	}
	if closing {
		dst = append(dst, "Connection: close\r\n"...)
	}
	if length > 0 || method == http.MethodPost || method == http.MethodPut || method == http.MethodPatch {
		dst = append(dst, "Content-Length: "...)
		dst = append(strconv.AppendInt(dst, length, 10), "\r\n"...)
	}
	dst = appendFields(dst, req.Header)

	return append(dst, "\r\n"...), nil
}

func appendField(dst []byte, name, value string) []byte {
	dst = append(append(dst, name...), ": "...)

	return append(append(dst, textproto.TrimString(value)...), "\r\n"...)
}

// appendFields appends the fields in order of their names, without those that
// follow from the request itself.
func appendFields(dst []byte, header http.Header) []byte {
	var few [24]string // stays on the stack
	names := few[:0]
	for name := range header {
		switch name {
		case "Host", "User-Agent", "Content-Length", "Transfer-Encoding", "Trailer":
		default:
			names = append(names, name)
		}
	}
	slices.Sort(names)
	for _, name := range names {
		for _, v := range header[name] {
			dst = appendField(dst, name, v)
		}
	}

	return dst
}

// hostField returns the value of the Host field: without an IPv6 zone (RFC
// 6874 section 4), empty when it would not be a valid field.
func hostField(req *http.Request) (string, error) {
	host := req.Host
	if host == "" {
		host = req.URL.Host
	}
	host, err := httpguts.PunycodeHostPort(host)
	if err != nil {
		return "", errors.New("host name is not valid")
	}
	if !httpguts.ValidHostHeader(host) {
		return "", nil
	}

	return withoutZone(host), nil
}

func withoutZone(host string) string {
	if !strings.HasPrefix(host, "[") {
		return host
	}
	end := strings.LastIndexByte(host, ']')
	if end < 0 {
		return host
	}
	zone := strings.LastIndexByte(host[:end], '%')
	if zone < 0 {
		return host
	}

	return host[:zone] + host[end:]
}

func hasControl(s string) bool {
	for i := range len(s) {
		if s[i] < ' ' || s[i] == 0x7f {
			return true
		}
	}

	return false
}
