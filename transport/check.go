package transport

import (
	"errors"
	"fmt"
	"net/http"
	"strings"

	"golang.org/x/net/http/httpguts"
)

// Errors of requests that cannot be sent. They carry no value of the request,
// since header fields hold secrets.
var (
	errNoURL       = errors.New("request has no URL")
	errNoHost      = errors.New("request has no host")
	errScheme      = errors.New("scheme of the request is neither http nor https")
	errMethod      = errors.New("method of the request is not valid")
	errRequestURI  = errors.New("request target has a control character")
	errHeaderValue = errors.New("value of a header field is not valid")
)

// check refuses requests that are not well-formed, as http.Transport does.
func check(req *http.Request) error {
	if req.URL == nil {
		return errNoURL
	}
	if req.URL.Scheme != "http" && req.URL.Scheme != "https" {
		return errScheme
	}
	if req.URL.Host == "" {
		return errNoHost
	}
	if req.Method != "" && !httpguts.ValidHeaderFieldName(req.Method) { // a token, as field names are
		return errMethod
	}
	if err := checkFields(req.Header); err != nil {
		return err
	}

	return checkFields(req.Trailer)
}

func checkFields(fields http.Header) error {
	for name, values := range fields {
		if !httpguts.ValidHeaderFieldName(name) {
			return errors.New("name of a header field is not valid")
		}
		for _, v := range values {
			if !httpguts.ValidHeaderFieldValue(v) {
				return fmt.Errorf("%s: %w", name, errHeaderValue)
			}
		}
	}

	return nil
}

// unsupported names what a request needs that this transport does not do.
func unsupported(req *http.Request) string {
	if req.Method == http.MethodConnect {
		return "CONNECT"
	}
	if len(req.Header["Upgrade"]) > 0 && httpguts.HeaderValuesContainsToken(req.Header["Connection"], "upgrade") {
		return "upgrade"
	}
	if expect := req.Header["Expect"]; len(expect) > 0 &&
		strings.EqualFold(strings.TrimSpace(expect[0]), "100-continue") && req.Body != nil && req.Body != http.NoBody {
		return "expecting 100 Continue"
	}

	return ""
}

// fallback hands the request on.
func (t *Transport) fallback(req *http.Request, feature string) (*http.Response, error) {
	if t.opt.Fallback == nil {
		closeBody(req)

		return nil, fmt.Errorf("%s: %w", feature, ErrUnsupported)
	}

	return t.opt.Fallback.RoundTrip(req)
}

// wantsClose says whether the request asks for the connection to be closed.
func wantsClose(req *http.Request) bool {
	return req.Close || httpguts.HeaderValuesContainsToken(req.Header["Connection"], "close")
}

func closeBody(req *http.Request) {
	if req.Body != nil {
		_ = req.Body.Close() // its error has no taker once the request failed or was sent
	}
}
