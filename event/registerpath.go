package event

import (
	"errors"
	"net/url"
	"strings"
)

// maxRegisterPath is the length in bytes of a path with query that an expression may give: what RFC 9110 section 4.1 asks of
// everybody who takes a URI.
const maxRegisterPath = 8000

// checkRegisterPath refuses a path with query that could lead anywhere else than its expression says, because values in it
// may come from clients.
func checkRegisterPath(path string) error {
	if len(path) > maxRegisterPath {
		return errors.New("the path is longer than 8000 bytes")
	}
	for i := range len(path) {
		if c := path[i]; c <= ' ' || c >= 0x7f || c == '#' || c == '\\' {
			return errors.New("the path has a character that must be percent-encoded")
		}
	}
	plain, _, _ := strings.Cut(path, "?")
	if !strings.HasPrefix(path, "/") || strings.Contains(plain, "//") {
		return errors.New("the path does not begin with one slash, or has an empty segment")
	}
	for segment := range strings.SplitSeq(plain, "/") {
		if text := decodeSegment(segment); text == "." || text == ".." || strings.ContainsAny(text, "/\\") {
			return errors.New("the path has a segment that registers take for more than one")
		}
	}
	if _, err := url.ParseRequestURI(path); err != nil {
		return errors.New("the path has a percent sign that begins no escape")
	}
	return nil
}
