package webhook

import (
	"errors"
	"strings"
	"unicode/utf8"
)

var (
	errPatternEmpty  = errors.New("is empty; to get every event, give no pattern at all")
	errPatternLong   = errors.New("is longer than 255 bytes")
	errSetUnclosed   = errors.New(`has a "[" without its "]"`)
	errSetReversed   = errors.New(`has a range in "[..]" whose end comes before its beginning`)
	errSetNamedClass = errors.New(`has a named class such as "[:alpha:]"; write the characters`)
)

// pattern is a compiled event pattern. Three signs have a meaning: * is any run
// of characters, ? is one character, [abc], [a-z] and [!abc] are one character
// of a set or not of it. Everything else, the backslash included, stands for
// itself. A pattern covers the whole name, and case matters.
type pattern struct {
	text   string
	tokens []token
}

type token struct {
	kind tokenKind
	char rune   // of oneChar
	set  []span // of inSet and notInSet
}

type tokenKind uint8

const (
	anyRun tokenKind = iota
	anyChar
	oneChar
	inSet
	notInSet
)

// span is a range of characters, both ends included.
type span struct{ first, last rune }

// parsePattern compiles a pattern. A doubled backslash is taken for a single
// one: it comes from class names that were escaped once more than JSON needs,
// and no name has two in a row.
func parsePattern(text string) (*pattern, error) {
	switch {
	case text == "":
		return nil, errPatternEmpty
	case len(text) > maxPattern:
		return nil, errPatternLong
	}
	p := &pattern{text: text}
	rest := strings.ReplaceAll(text, `\\`, `\`)
	for rest != "" {
		char, size := utf8.DecodeRuneInString(rest)
		switch char {
		case '*':
			if n := len(p.tokens); n == 0 || p.tokens[n-1].kind != anyRun {
				p.tokens = append(p.tokens, token{kind: anyRun})
			}
		case '?':
			p.tokens = append(p.tokens, token{kind: anyChar})
		case '[':
			set, length, err := parseSet(rest)
			if err != nil {
				return nil, err
			}
			p.tokens = append(p.tokens, set)
			size = length
		default:
			p.tokens = append(p.tokens, token{kind: oneChar, char: char})
		}
		rest = rest[size:]
	}
	return p, nil
}

// parseSet reads the set at the beginning of text and gives its length. A "]"
// that comes first, and a "-" that comes first or last, stand for themselves
// (POSIX.1-2017 section 2.13.1).
func parseSet(text string) (token, int, error) {
	set := token{kind: inSet}
	i := 1
	if strings.HasPrefix(text[i:], "!") {
		set.kind = notInSet
		i++
	}
	for first := true; ; first = false {
		if i >= len(text) {
			return token{}, 0, errSetUnclosed
		}
		if text[i] == ']' && !first {
			return set, i + 1, nil
		}
		if strings.HasPrefix(text[i:], "[:") {
			return token{}, 0, errSetNamedClass
		}
		low, size := utf8.DecodeRuneInString(text[i:])
		i += size
		high := low
		if len(text) > i+1 && text[i] == '-' && text[i+1] != ']' {
			high, size = utf8.DecodeRuneInString(text[i+1:])
			i += 1 + size
		}
		if high < low {
			return token{}, 0, errSetReversed
		}
		set.set = append(set.set, span{low, high})
	}
}

// literal gives the one name that the pattern stands for, when it has no wildcard.
func (p *pattern) literal() (string, bool) {
	var name strings.Builder
	for _, t := range p.tokens {
		if t.kind != oneChar {
			return "", false
		}
		name.WriteRune(t.char)
	}
	return name.String(), true
}

// everything tells whether the pattern is just *.
func (p *pattern) everything() bool {
	return len(p.tokens) == 1 && p.tokens[0].kind == anyRun
}

// matches tells whether the pattern covers name. Only the latest * is ever
// tried again, one character further, so the work is at most the product of
// both lengths, whatever the pattern.
func (p *pattern) matches(name string) bool {
	next, retryToken, retryName := 0, -1, 0
	for i := 0; i < len(name); {
		char, size := utf8.DecodeRuneInString(name[i:])
		switch {
		case next < len(p.tokens) && p.tokens[next].kind == anyRun:
			retryToken, retryName = next, i
			next++
		case next < len(p.tokens) && p.tokens[next].takes(char):
			next++
			i += size
		case retryToken >= 0:
			_, skipped := utf8.DecodeRuneInString(name[retryName:])
			retryName += skipped
			next, i = retryToken+1, retryName
		default:
			return false
		}
	}
	for next < len(p.tokens) && p.tokens[next].kind == anyRun {
		next++
	}
	return next == len(p.tokens)
}

// takes tells whether a token other than anyRun stands for char.
func (t token) takes(char rune) bool {
	switch t.kind {
	case anyChar:
		return true
	case oneChar:
		return t.char == char
	case inSet, notInSet:
		for _, s := range t.set {
			if s.first <= char && char <= s.last {
				return t.kind == inSet
			}
		}
		return t.kind == notInSet
	case anyRun:
	}
	return false
}
