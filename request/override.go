package request

import (
	"fmt"
	"net/http"
	"strings"
)

// Override says what happens to a method override: a header field, a query
// parameter or a body field by which a client asks the register to treat a
// POST as another method. None of them is ever left for the register alone to
// see.
type Override uint8

// The policies for method overrides.
const (
	// StripOverride removes them: the method on the wire counts, for the rules
	// and for the register.
	StripOverride Override = iota
	// HonourOverride makes the named method the method of the request, and
	// removes the override. Only a POST can become something else, and only
	// PUT, PATCH, DELETE or POST.
	HonourOverride
	// RejectOverride refuses the request with 400.
	RejectOverride
)

var overrideNames = [...]string{StripOverride: "strip", HonourOverride: "honour", RejectOverride: "reject"}

// ParseOverride reads a policy by its name in a configuration: strip, honour or
// reject. The empty string is strip.
func ParseOverride(name string) (Override, error) {
	if name == "" {
		return StripOverride, nil
	}
	for policy, known := range overrideNames {
		if name == known {
			return Override(policy), nil
		}
	}
	return 0, fmt.Errorf("unknown method override policy %q: one of strip, honour, reject", name)
}

// String gives the name in a configuration.
func (o Override) String() string { return overrideNames[o] }

// ApplyMethodOverride deals with the header fields X-HTTP-Method-Override,
// X-HTTP-Method and X-Method-Override (also spelled with underscores or dots,
// which CGI cannot tell apart) and with the query parameter _method (in any
// case, percent-encoded or not, in the spellings that PHP takes for it). It
// gives the method that counts from here on, which is also r.Method. The rest
// of the query stays byte for byte. Overrides that contradict each other are
// refused under every policy.
//
// It is meant for every request whose path some rule names. A request without
// an override costs no allocation.
func ApplyMethodOverride(r *http.Request, policy Override) (effective string, problem *Problem) {
	header, query := hasOverrideHeader(r.Header), hasOverrideParameter(r.URL.RawQuery)
	if !header && !query {
		return r.Method, nil
	}
	var found overrides
	if header {
		found.takeHeaders(r.Header)
	}
	if query {
		r.URL.RawQuery = found.takeParameters(r.URL.RawQuery)
		r.RequestURI = r.URL.RequestURI()
	}
	effective, problem = found.settle(r.Method, policy)
	if problem == nil {
		r.Method = effective
	}
	return effective, problem
}

// MayOverride tells whether the body of a request may hold a method override,
// so that the body must be read before it is known that no rule matches: a POST
// with a body.
func MayOverride(r *http.Request) bool {
	return isPost(r.Method) && r.Body != nil && r.Body != http.NoBody
}

// isPost does not look at case: the register may not either.
func isPost(method string) bool { return strings.EqualFold(method, http.MethodPost) }

// overrides are the methods that a request asks to be treated as.
type overrides struct {
	named []string // upper case, as found
}

// settle gives the method that counts, of a request that came as wire.
func (o *overrides) settle(wire string, policy Override) (string, *Problem) {
	if policy == RejectOverride {
		return wire, overrideProblem("This request asks to be treated as another method. Send it with that method.")
	}
	for _, method := range o.named {
		if method != o.named[0] {
			return wire, overrideProblem("This request names more than one method to be treated as.")
		}
	}
	if policy == StripOverride || strings.EqualFold(o.named[0], wire) {
		return wire, nil
	}
	if !isPost(wire) || !canBecome(o.named[0]) {
		return wire, overrideProblem("Only a POST can be treated as another method, and only as PUT, PATCH or DELETE.")
	}
	return o.named[0], nil
}

func canBecome(method string) bool {
	switch method {
	case http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodPost:
		return true
	}
	return false
}

func overrideProblem(detail string) *Problem {
	return &Problem{
		Status: http.StatusBadRequest,
		Reason: ReasonMethodOverride,
		Title:  "Method override refused",
		Detail: detail,
	}
}

// isOverrideHeader compares without regard to case, and with underscores and
// dots as hyphens: a CGI variable has the same name for all of them (RFC 3875
// section 4.1.18).
func isOverrideHeader(name string) bool {
	switch len(name) {
	case len("X-HTTP-Method"):
		return equalHeader(name, "x-http-method")
	case len("X-Method-Override"):
		return equalHeader(name, "x-method-override")
	case len("X-HTTP-Method-Override"):
		return equalHeader(name, "x-http-method-override")
	}
	return false
}

func equalHeader(name, lower string) bool {
	for i := range len(lower) {
		c := name[i]
		switch {
		case 'A' <= c && c <= 'Z':
			c += 'a' - 'A'
		case c == '_', c == '.':
			c = '-'
		}
		if c != lower[i] {
			return false
		}
	}
	return true
}

func hasOverrideHeader(header http.Header) bool {
	for name := range header {
		if isOverrideHeader(name) {
			return true
		}
	}
	return false
}

func (o *overrides) takeHeaders(header http.Header) {
	for name, values := range header {
		if !isOverrideHeader(name) {
			continue
		}
		for _, value := range values {
			o.named = append(o.named, normalMethod(value))
		}
		if len(values) == 0 {
			o.named = append(o.named, "")
		}
		delete(header, name)
	}
}

func normalMethod(value string) string { return strings.ToUpper(strings.TrimSpace(value)) }
