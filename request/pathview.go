package request

import (
	"slices"
	"strings"
)

// views collects the readings of one path. Each is percent-encoded in the one
// spelling that canonical gives, so that two readings are the same path exactly
// when they are the same string.
type views struct {
	relax Relax
	paths []string
	bytes int      // of all paths
	kinds []string // what is odd about the path, for the client
}

// reading is one thing that a lenient register might do to a path.
type reading struct {
	kind    string
	relaxed func(Relax) bool
	read    func(string) string // returns its argument when there is nothing to do
}

// readings are all of them. A register may do any of them, in any order and
// more than once: see close.
var readings = [...]reading{
	{"an encoded slash", func(r Relax) bool { return r.EncodedSlash }, readSlash},
	{"a backslash", func(r Relax) bool { return r.Backslash }, readBackslash},
	{"path parameters", func(r Relax) bool { return r.PathParameters }, cutParameters},
	{"an encoded question mark or number sign", func(r Relax) bool { return r.EncodedDelimiters }, cutDelimiters},
	{"an encoded question mark or number sign", func(r Relax) bool { return r.EncodedDelimiters }, cutSegmentsAtDelimiters},
	{"a control character", func(r Relax) bool { return r.ControlCharacters }, cutNUL},
	{"a control character", func(r Relax) bool { return r.ControlCharacters }, cutSegmentsAtNUL},
	{"a control character", func(r Relax) bool { return r.ControlCharacters }, dropControls},
	{"a double encoding", func(r Relax) bool { return r.DoubleEncoding }, decodeAgain},
	{"a look-alike character", func(r Relax) bool { return r.LookAlikes }, foldLookAlikes},
	{"an empty segment", func(r Relax) bool { return r.EmptySegments }, mergeSlashes},
	{"dot segments", func(r Relax) bool { return r.DotSegments }, resolveDots},
}

// close adds every reading of every path until nothing new comes up. It gives
// false for a path with more readings than an honest one can have.
func (v *views) close() bool {
	for i := 0; i < len(v.paths); i++ {
		for _, reading := range readings {
			if reading.relaxed(v.relax) {
				continue
			}
			read := reading.read(v.paths[i])
			if read == v.paths[i] {
				continue
			}
			if !slices.Contains(v.kinds, reading.kind) {
				v.kinds = append(v.kinds, reading.kind)
			}
			v.add(read)
		}
		if len(v.paths) > maxViews || v.bytes > maxViewBytes {
			return false
		}
	}
	return true
}

// add adds a path, which begins with a slash from here on.
func (v *views) add(path string) {
	if !strings.HasPrefix(path, "/") {
		path = "/" + path
	}
	if !slices.Contains(v.paths, path) {
		v.paths = append(v.paths, path)
		v.bytes += len(path)
	}
}

// oddities names the kinds for the client.
func (v *views) oddities() string {
	if len(v.kinds) == 0 {
		return "two spellings that differ"
	}
	return strings.Join(v.kinds, ", ")
}

const upperHex = "0123456789ABCDEF"

// canonical writes a path in one spelling: plain characters and semicolons as
// they are, everything else percent-encoded with upper-case digits. Which
// segment a character is in does not change.
func canonical(path string) string {
	var b strings.Builder
	b.Grow(len(path))
	for i := 0; i < len(path); i++ {
		c := path[i]
		if c == '/' {
			b.WriteByte(c)
			continue
		}
		if c == '%' && i+2 < len(path) && isHex(path[i+1]) && isHex(path[i+2]) {
			c = unhex(path[i+1])<<4 | unhex(path[i+2])
			i += 2
		}
		if plainByte[c] || c == ';' {
			b.WriteByte(c)
			continue
		}
		b.WriteByte('%')
		b.WriteByte(upperHex[c>>4])
		b.WriteByte(upperHex[c&15])
	}
	return b.String()
}

func isHex(c byte) bool {
	return '0' <= c && c <= '9' || 'a' <= c && c <= 'f' || 'A' <= c && c <= 'F'
}

func unhex(c byte) byte {
	switch {
	case c >= 'a':
		return c - 'a' + 10
	case c >= 'A':
		return c - 'A' + 10
	}
	return c - '0'
}

// Below, path is canonical: a percent sign is always the first byte of an
// escape, so searching for an escape finds nothing else.

func readSlash(path string) string     { return strings.ReplaceAll(path, "%2F", "/") }
func readBackslash(path string) string { return strings.ReplaceAll(path, "%5C", "/") }

// cutParameters drops what follows a semicolon in each segment, as servlet
// containers do (RFC 3986 section 3.3 leaves it to them).
func cutParameters(path string) string { return cutSegments(path, ";") }

// cutSegments ends each segment at an end that only some registers see.
func cutSegments(path, end string) string {
	if !strings.Contains(path, end) {
		return path
	}
	segments := strings.Split(path, "/")
	for i, segment := range segments {
		segments[i], _, _ = strings.Cut(segment, end)
	}
	return strings.Join(segments, "/")
}

// cutDelimiters ends the path where a register that decodes before it splits
// the target sees a query or a fragment.
func cutDelimiters(path string) string {
	path, _, _ = strings.Cut(path, "%3F")
	path, _, _ = strings.Cut(path, "%23")
	return path
}

// cutSegmentsAtDelimiters is the same for one that splits into segments first.
func cutSegmentsAtDelimiters(path string) string {
	return cutSegments(cutSegments(path, "%3F"), "%23")
}

// cutNUL ends the path where a C string ends, cutSegmentsAtNUL each segment.
func cutNUL(path string) string {
	path, _, _ = strings.Cut(path, "%00")
	return path
}

func cutSegmentsAtNUL(path string) string { return cutSegments(path, "%00") }

// dropControls leaves control characters out, as browsers' URL parsers do with
// tabs and newlines.
func dropControls(path string) string {
	if !strings.Contains(path, "%0") && !strings.Contains(path, "%1") && !strings.Contains(path, "%7F") {
		return path
	}
	var b strings.Builder
	for i := 0; i < len(path); i++ {
		if path[i] == '%' && (path[i+1] <= '1' || path[i+1:i+3] == "7F") {
			i += 2
			continue
		}
		b.WriteByte(path[i])
	}
	return b.String()
}

// decodeAgain reads %2541 as %41.
func decodeAgain(path string) string {
	if !strings.Contains(path, "%25") {
		return path
	}
	var b strings.Builder
	for i := 0; i < len(path); i++ {
		b.WriteByte(path[i])
		if strings.HasPrefix(path[i:], "%25") && i+4 < len(path) && isHex(path[i+3]) && isHex(path[i+4]) {
			i += 2
		}
	}
	return canonical(b.String())
}

func mergeSlashes(path string) string {
	for strings.Contains(path, "//") {
		path = strings.ReplaceAll(path, "//", "/")
	}
	return path
}

// resolveDots removes dot segments (RFC 3986 section 5.2.4). An empty segment
// counts as one that .. removes.
func resolveDots(path string) string {
	if !strings.Contains(path, "/.") {
		return path
	}
	segments := strings.Split(path[1:], "/")
	kept := segments[:0]
	for _, segment := range segments {
		switch segment {
		case ".":
		case "..":
			if len(kept) > 0 {
				kept = kept[:len(kept)-1]
			}
		default:
			kept = append(kept, segment)
		}
	}
	return "/" + strings.Join(kept, "/")
}
