package request

import (
	"net/http"
	"net/url"
	"strings"
)

// Lookup tells whether a path is one that some rule names, for any method. The
// path is percent-encoded, as it would be forwarded.
type Lookup interface {
	Knows(path string) bool
}

// Bounds on the work that one odd path can cause: a few milliseconds.
const (
	maxOddPath   = 8 << 10   // bytes
	maxViews     = 512       // readings of one path
	maxViewBytes = 256 << 10 // of all readings together
)

// CheckPath refuses a path that a lenient register might read in another way
// than the rules do, when it is a known path in one of those readings. Other
// routes keep working with whatever paths they use.
//
// The reading of the rules is ForwardedPath(u), decoded once, segment by
// segment: the very path that reverse_proxy forwards. A percent-encoded
// ordinary character, such as %20 or %C3%A9, is no oddity. A path that was
// changed to contradict u.RawPath is odd: both count. So is a target without a
// path at all ("POST http:objects"), which no rule could see but a proxy would
// forward: it is always refused. A path that does not begin with a slash
// ("POST *") is read as if it did.
//
// A plain path costs one look at each byte and no allocation.
func CheckPath(u *url.URL, relax Relax, known Lookup) *Problem {
	if u.Opaque == "" && isPlainURL(u) {
		return nil
	}
	return checkOddPath(u, relax, known)
}

// ForwardedPath gives the path that a proxy sends for a URL: percent-encoded, and
// a slash when there is none, as in "POST http://register.example" (RFC 9112
// section 3.2.1). It is the path for the rules.
func ForwardedPath(u *url.URL) string {
	if path := u.EscapedPath(); path != "" {
		return path
	}
	return "/"
}

// isPlainURL tells whether the path has one reading only: its own bytes.
func isPlainURL(u *url.URL) bool {
	if u.RawPath != "" && u.RawPath != u.Path {
		return false
	}
	return isPlain(u.Path)
}

// plainByte has the bytes that mean themselves everywhere in a path: the pchar
// of RFC 3986 section 3.3 without the percent sign and the semicolon.
var plainByte = func() (table [256]bool) {
	const plain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~!$&'()*+,=:@"
	for i := range len(plain) {
		table[plain[i]] = true
	}
	return table
}()

func isPlain(path string) bool {
	if path == "" || path == "/" {
		return true
	}
	if path[0] != '/' {
		return false
	}
	slash := false // the byte before is a slash
	for i := range len(path) {
		c := path[i]
		switch {
		case c == '/':
			if slash {
				return false
			}
			slash = true
		case !plainByte[c], c == '.' && slash:
			return false
		default:
			slash = false
		}
	}
	return !slash
}

func checkOddPath(u *url.URL, relax Relax, known Lookup) *Problem {
	if u.Opaque != "" {
		return pathProblem(http.StatusBadRequest, "The request target has a scheme but no path that begins with a slash.")
	}
	escaped := u.EscapedPath()
	if len(escaped) > maxOddPath || len(u.RawPath) > maxOddPath {
		return pathProblem(http.StatusRequestURITooLong, "The path has unusual characters and is too long to check for its other readings.")
	}
	v := views{relax: relax}
	strict := canonical(escaped)
	v.add(strict)
	if u.RawPath != "" {
		v.add(canonical(u.RawPath))
	}
	if !v.close() {
		return pathProblem(http.StatusBadRequest, "The path can be read in too many ways.")
	}
	if !strings.HasPrefix(escaped, "/") {
		v.kinds = append(v.kinds, "no slash at its beginning")
	} else if len(v.paths) == 1 {
		return checkTrailingSlash(strict, relax, known)
	}
	for _, path := range v.paths {
		if known.Knows(path) || known.Knows(trimSlash(path)) {
			return pathProblem(http.StatusBadRequest, "The path can be read in more than one way: it has "+v.oddities()+".")
		}
	}
	return nil
}

// checkTrailingSlash refuses a slash at the end that takes a path out of the
// rules' sight while many registers route it as if it were not there. Rules
// that know the path with its slash have it in sight.
func checkTrailingSlash(path string, relax Relax, known Lookup) *Problem {
	trimmed := trimSlash(path)
	if relax.TrailingSlash || trimmed == path || known.Knows(path) || !known.Knows(trimmed) {
		return nil
	}
	return pathProblem(http.StatusBadRequest, "The path has a slash at its end that does not belong there.")
}

func trimSlash(path string) string {
	if trimmed := strings.TrimRight(path, "/"); trimmed != "" {
		return trimmed
	}
	return path
}

func pathProblem(status int, detail string) *Problem {
	return &Problem{
		Status: status,
		Reason: ReasonAmbiguousPath,
		Title:  "Ambiguous path",
		Detail: detail,
	}
}
