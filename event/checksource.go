package event

import (
	"regexp"
	"slices"
	"strings"
)

var (
	oinPattern = regexp.MustCompile(`^[0-9]{8}[0-9A-Z]{12}$`)
	kvkPattern = regexp.MustCompile(`^[0-9]{8}$`)
)

// oinPrefixes say which register an organisation number is from (Digikoppeling, identification and authentication).
var oinPrefixes = []string{
	"00000001", "00000002", "00000003", "00000004", "00000006", "00000007", "00000008", "00000009", "00000010",
	"00000099", // for tests
}

// registers are first parts of urn:nld that are followed by a number in a register.
var registers = []string{"oin", "kvknr", "rsin", "hr"}

// source checks the attribute source.
func (r *review) source() {
	source, _ := r.text("source")
	if source == "" || checkSource(source) != nil {
		r.fail("NLV-10", "source", "is missing or not a URI-reference")
		return
	}
	if dataref, _ := r.text("dataref"); dataref == source {
		r.fail("NLV-16", "source", "is the place of the data; that is what dataref is for")
	}
	rest, ok := cutPrefixFold(source, "urn:nld:")
	if !ok {
		r.shall("NLV-11", "source", "does not begin with urn:nld:")
		return
	}
	r.organisation(rest)
}

// organisation checks what follows urn:nld:.
func (r *review) organisation(rest string) {
	parts := strings.FieldsFunc(rest, func(c rune) bool { return c == ':' || c == '.' })
	needed := 2
	if len(parts) > 0 && slices.Contains(registers, parts[0]) {
		needed = 3
	}
	if len(parts) < needed {
		r.warn("NLV-12", "source", "does not name both the organisation and the system")
	}
	if strings.Contains(rest, ".") {
		r.add(Finding{
			Code: "NLV-17", Attribute: "source", Severity: SeverityHint,
			Message: "has a dot between its parts, which a coming version replaces by a colon",
		})
	}
	if len(parts) < 2 {
		return
	}
	switch parts[0] {
	case "oin":
		r.oin(parts[1])
	case "kvknr":
		if !kvkPattern.MatchString(parts[1]) {
			r.warn("NLV-15", "source", "has a KvK number that is not 8 digits")
		}
	}
}

// oin checks an organisation number.
func (r *review) oin(number string) {
	switch {
	case !oinPattern.MatchString(number):
		r.shall("NLV-13", "source", "has an OIN that is not 20 positions")
	case !slices.Contains(oinPrefixes, number[:8]):
		r.add(Finding{Code: "NLV-14", Attribute: "source", Severity: SeverityHint, Message: "has an OIN with an unknown prefix"})
	}
}

// cutPrefixFold is strings.CutPrefix without regard to case, as URNs compare (RFC 8141 section 3.1).
func cutPrefixFold(s, prefix string) (string, bool) {
	if len(s) < len(prefix) || !strings.EqualFold(s[:len(prefix)], prefix) {
		return s, false
	}
	return s[len(prefix):], true
}
