package webhook

import (
	"fmt"
	"slices"
	"strings"

	"github.com/voorpoort/voorpoort/event"
)

// Warnings says what is allowed but probably not meant, in sentences for the
// operator's log. before and after are the types of events that the configured
// rules can produce before and after the write, and params the path parameters
// of those rules.
func (h *Hook) Warnings(before, after []event.Type, params []string) []string {
	var warnings []string
	note := func(format string, args ...any) { warnings = append(warnings, fmt.Sprintf(format, args...)) }
	h.doubtPatterns(before, after, note)
	h.doubtFilters(params, note)
	if h.EventFormat != FormatCloudEvents && !h.Delivers() {
		note("format: %q is for deliveries; an interceptor is always sent a structured CloudEvent", h.EventFormat)
	}
	if h.OAuth2 != nil && strings.HasPrefix(strings.ToLower(h.OAuth2.TokenURL.Reveal()), "http:") {
		note("oauth2: tokenUrl is not https; anyone on the way can read the client secret")
	}
	if h.TLS != nil && h.TLS.InsecureSkipVerify {
		note("tls: insecureSkipVerify is on; anyone on the way to the webhook can read and change its answers")
	}
	return warnings
}

// doubtPatterns notes patterns that no event of this webhook's role can fit.
func (h *Hook) doubtPatterns(before, after []event.Type, note func(string, ...any)) {
	wanted, others := before, after
	why := "fits only events after the write, about which nobody can be asked; without intercept the webhook is told of them"
	if h.Subscribes {
		wanted, others = after, before
		why = "fits only events before the write, and this webhook is told of those after it; intercept to be asked about them"
	}
	for _, p := range h.patterns {
		switch {
		case slices.ContainsFunc(wanted, p.mayCover):
		case slices.ContainsFunc(others, p.mayCover):
			note("events: %q %s", p.text, why)
		default:
			note("events: %q fits none of the events that the configured rules can produce", p.text)
		}
	}
}

// doubtFilters notes filters that look where nothing is.
func (h *Hook) doubtFilters(params []string, note func(string, ...any)) {
	for _, f := range h.filters {
		word := f.path.all[0]
		switch {
		case f.path.root == rootBefore && !h.Subscribes:
			note("filters: %q looks at the object before the request, which only subscribers are told of; no value ever equals it", word)
		case (f.path.root == rootStatus || f.path.root == rootAnswerHeader || f.path.root == rootAnswer) && !h.Subscribes:
			note("filters: %q is of the register's answer, which only subscribers are told of; it is looked up in the request body", strings.Join(f.path.all, "."))
		case f.path.root == rootNothing:
			note("filters: %q is none of request.method, request.path, request.query.<name>, request.headers.<Name> and request.body; no value ever equals it", strings.Join(f.path.all, "."))
		case f.path.root == rootNamed && !isAttribute(f.path.name) && !slices.Contains(params, word):
			note("filters: %q is no path parameter of the configured rules; it is looked up in the request body", word)
		}
	}
}

// mayCover tells whether the pattern covers some name of a type. A path
// parameter in a type's name ("{collection}.creating") may be anything.
func (p *pattern) mayCover(t event.Type) bool {
	return overlap(p.tokens, templateTokens(t.Name)) || t.Class != "" && overlap(p.tokens, templateTokens(t.Class))
}

// templateTokens reads a type's name as a pattern in which a parameter is any
// run of characters and nothing else is a wildcard.
func templateTokens(name string) []token {
	var tokens []token
	for name != "" {
		fixed, rest, found := strings.Cut(name, "{")
		for _, char := range fixed {
			tokens = append(tokens, token{kind: oneChar, char: char})
		}
		if !found {
			break
		}
		tokens = append(tokens, token{kind: anyRun})
		_, name, _ = strings.Cut(rest, "}")
	}
	return tokens
}

// overlap tells whether some text fits both a and b, where b has only single
// characters and runs. It fills one row per token of a: row[j] says whether
// the tokens of a so far and the first j tokens of b have a text in common.
func overlap(a, b []token) bool {
	row := make([]bool, len(b)+1)
	row[0] = true
	for j := range b {
		row[j+1] = row[j] && b[j].kind == anyRun
	}
	for _, t := range a {
		next := make([]bool, len(b)+1)
		next[0] = row[0] && t.kind == anyRun
		for j, u := range b {
			if t.kind == anyRun || u.kind == anyRun {
				next[j+1] = row[j+1] || next[j] // the run takes nothing more, or one token more
				continue
			}
			next[j+1] = row[j] && t.takes(u.char)
		}
		row = next
	}
	return row[len(b)]
}
