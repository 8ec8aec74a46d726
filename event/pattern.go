package event

import (
	"fmt"
	"strings"
)

// maxParams is the number of parameters that one path pattern may have; a match keeps their places in a fixed array.
const maxParams = 8

// maxSegments is the number of segments of a pattern; no API comes near it, and it bounds the depth of a search.
const maxSegments = 32

// segmentKind says what a segment of a pattern takes.
type segmentKind uint8

const (
	literalSegment segmentKind = iota // itself
	paramSegment                      // one segment, whatever it is
	restSegment                       // all that follows, at least one character
)

// segment is one part of a pattern. For a literal, text is folded; otherwise it is the parameter's name.
type segment struct {
	kind segmentKind
	text string
}

// pattern is a compiled path pattern.
type pattern struct {
	segments []segment
	params   []string // names in the order of the path
}

// parsePattern compiles a path pattern. The error says what is wrong and what is allowed.
func parsePattern(text string) (pattern, error) {
	if !strings.HasPrefix(text, "/") {
		return pattern{}, fmt.Errorf("%q must begin with a slash", text)
	}
	var p pattern
	trimmed := strings.TrimSuffix(text[1:], "/")
	if trimmed == "" {
		return p, nil
	}
	parts := strings.Split(trimmed, "/")
	if len(parts) > maxSegments {
		return pattern{}, fmt.Errorf("has %d segments, at most %d are allowed", len(parts), maxSegments)
	}
	for i, part := range parts {
		s, err := parseSegment(part)
		if err != nil {
			return pattern{}, err
		}
		if s.kind == restSegment && i != len(parts)-1 {
			return pattern{}, fmt.Errorf("%q must be the last segment", part)
		}
		if err := p.add(s); err != nil {
			return pattern{}, err
		}
	}
	return p, nil
}

// add appends a segment and, for a parameter, its name.
func (p *pattern) add(s segment) error {
	p.segments = append(p.segments, s)
	if s.kind == literalSegment {
		return nil
	}
	for _, name := range p.params {
		if name == s.text {
			return fmt.Errorf("parameter {%s} occurs twice", name)
		}
	}
	if len(p.params) == maxParams {
		return fmt.Errorf("has more than %d parameters", maxParams)
	}
	p.params = append(p.params, s.text)
	return nil
}

// parseSegment compiles the text between two slashes.
func parseSegment(text string) (segment, error) {
	if !strings.ContainsAny(text, "{}") {
		return parseLiteral(text)
	}
	if text[0] != '{' || text[len(text)-1] != '}' || strings.Count(text, "{") != 1 || strings.Count(text, "}") != 1 {
		return segment{}, fmt.Errorf("%q: a parameter takes a whole segment, as in /{id}/", text)
	}
	name, rest := strings.CutSuffix(text[1:len(text)-1], "...")
	if err := checkParamName(name); err != nil {
		return segment{}, err
	}
	if rest {
		return segment{kind: restSegment, text: name}, nil
	}
	return segment{kind: paramSegment, text: name}, nil
}

// checkParamName accepts what CEL can name too: a letter, then letters, digits and underscores.
func checkParamName(name string) error {
	if strings.Contains(name, ".") {
		return fmt.Errorf("parameter {%s} has a dot: Caddy has probably replaced a placeholder shorthand such as {path} or {host} "+
			"by its long form; choose another name for the parameter, such as {%s_name}", name, name[strings.LastIndexByte(name, '.')+1:])
	}
	for i, c := range []byte(name) {
		letter := 'a' <= lower(c) && lower(c) <= 'z' || c == '_'
		if !letter && (i == 0 || c < '0' || c > '9') {
			return fmt.Errorf("parameter {%s}: a name is a letter followed by letters, digits and underscores", name)
		}
	}
	if name == "" || len(name) > 64 {
		return fmt.Errorf("parameter {%s}: a name has 1 to 64 characters", name)
	}
	return nil
}

// parseLiteral folds a fixed segment and refuses what no request can match.
func parseLiteral(text string) (segment, error) {
	if text == "" {
		return segment{}, fmt.Errorf("an empty segment (two slashes) matches no request")
	}
	if text == "." || text == ".." {
		return segment{}, fmt.Errorf("a dot segment %q matches no request", text)
	}
	if i := strings.IndexFunc(text, func(r rune) bool { return r <= ' ' || r == '?' || r == '#' || r == 0x7f }); i >= 0 {
		return segment{}, fmt.Errorf("segment %q: character %q must be percent-encoded in a path", text, text[i])
	}
	var buf [maxLiteral]byte
	name, ok := folded(&buf, text)
	if !ok {
		return segment{}, fmt.Errorf("segment %.20q... is longer than %d bytes", text, maxLiteral)
	}
	return segment{kind: literalSegment, text: string(name)}, nil
}
