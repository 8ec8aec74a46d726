package request

import "net/url"

// Lookup tells whether a path is one that some rule names, for any method. The
// path is percent-encoded, as it would be forwarded.
type Lookup interface {
	Knows(path string) bool
}

// Relax lets one kind of odd path each through. A register that takes such a
// path for what it literally says, a `%2F` for a slash in a name, does not need
// the check; for any other register the setting opens a way round the gate.
type Relax struct {
	EncodedSlash      bool // %2F as part of a name
	Backslash         bool // \ and %5C as part of a name
	DotSegments       bool // segments . and .., %2E too
	EmptySegments     bool // //
	TrailingSlash     bool // a slash at the end of a path that is known without it
	PathParameters    bool // ;name=value in a segment, %3B too
	EncodedDelimiters bool // %3F and %23 as part of a name
	ControlCharacters bool // %00 to %1F and %7F
	DoubleEncoding    bool // %25 before two hexadecimal digits
	LookAlikes        bool // full-width and other look-alikes of ASCII, overlong UTF-8
}

// CheckPath refuses a path that a lenient register might read in another way
// than the rules do, when it is a known path in one of those readings. Other
// routes keep working with whatever paths they use.
//
// The reading of the rules is u.EscapedPath(), decoded once, segment by
// segment: the very path that reverse_proxy forwards. A percent-encoded
// ordinary character, such as %20 or %C3%A9, is no oddity.
//
// A plain path costs one look at each byte and no allocation.
func CheckPath(u *url.URL, relax Relax, known Lookup) *Problem {
	return nil
}
