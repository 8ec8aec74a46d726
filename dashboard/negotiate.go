package dashboard

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
)

// acceptsGzip says whether the client takes gzip (RFC 9110 section 12.5.3).
// "*" alone is not enough: such clients are seldom browsers.
func acceptsGzip(h http.Header) bool {
	for _, line := range h.Values("Accept-Encoding") {
		for coding := range strings.SplitSeq(line, ",") {
			name, parameter, _ := strings.Cut(strings.TrimSpace(coding), ";")
			if strings.EqualFold(strings.TrimSpace(name), "gzip") {
				return weight(parameter) > 0
			}
		}
	}
	return false
}

// weight reads "q=0.5"; without one it is 1, and one that cannot be read is 0.
func weight(parameter string) float64 {
	name, value, given := strings.Cut(strings.TrimSpace(parameter), "=")
	if !given {
		return 1
	}
	q, err := strconv.ParseFloat(strings.TrimSpace(value), 64)
	if err != nil || !strings.EqualFold(strings.TrimSpace(name), "q") {
		return 0
	}
	return q
}

// holds says whether If-None-Match names the tag, compared weakly (RFC 9110
// section 13.1.2): proxies that compress turn strong tags into weak ones.
func holds(header, tag string) bool {
	for one := range strings.SplitSeq(header, ",") {
		one = strings.TrimPrefix(strings.TrimSpace(one), "W/")
		if one == tag || one == "*" {
			return true
		}
	}
	return false
}

// escapeSegment writes the last segment of a path for a Location.
func escapeSegment(segment string) string { return url.PathEscape(segment) }
