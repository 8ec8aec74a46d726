package webhook

import (
	"cmp"
	"slices"
	"strings"
)

// OAuth2 gets the access token of a delivery with the client credentials grant
// (RFC 6749 section 4.4).
type OAuth2 struct {
	TokenURL     Address    // tokenUrl: required, as strict as the webhook's url
	ClientID     string     // clientId: required
	ClientSecret Secret     // clientSecret: required
	Scopes       []string   // scopes: at most 100
	Audience     string     // audience: a parameter that some servers want
	Style        TokenStyle // style: default basic
}

// TokenStyle is how a client shows its secret to the token server.
type TokenStyle string

// The token styles (RFC 6749 section 2.3.1).
const (
	TokenBasic TokenStyle = "basic" // in the header Authorization; the default
	TokenPost  TokenStyle = "post"  // in the form
)

var tokenStyles = []TokenStyle{TokenBasic, TokenPost}

// ZGWJWT makes the token of a delivery as the Dutch APIs for case management
// (ZGW) want it: a JWT signed with HMAC-SHA256, made anew for each attempt.
type ZGWJWT struct {
	ClientID           string // clientId: required; the claims iss and client_id
	Secret             Secret // secret: required
	UserID             string // userId: the claim user_id
	UserRepresentation string // userRepresentation: the claim user_representation
}

const (
	maxCredential = 1024 // bytes of an id, a scope or a claim
	maxScopes     = 100
)

// compileCredentials takes over `oauth2` and `zgwJwt`. A call has one
// Authorization header, so at most one of three may set it.
func (h *Hook) compileCredentials(w *Webhook, f *faults) {
	h.OAuth2, h.ZGW = compileOAuth2(w.OAuth2, f), compileZGW(w.ZGWJWT, f)
	var setters []string
	note := func(pointer string, given bool) {
		if given {
			setters = append(setters, pointer)
		}
	}
	note("/oauth2", w.OAuth2 != nil)
	note("/zgwJwt", w.ZGWJWT != nil)
	for _, header := range w.Headers {
		note(child("/headers", header.Name), strings.EqualFold(header.Name, "Authorization"))
	}
	if len(setters) > 1 {
		f.add(setters[0], "and %s both set the header Authorization; leave one of them out", setters[1])
	}
	if len(setters) > 0 && h.Intercepts && !strings.HasPrefix(setters[0], "/headers") {
		f.add(setters[0], "is for deliveries; while a request waits no token can be asked for. Give interceptors a header Authorization")
	}
}

func compileOAuth2(given *OAuth2, f *faults) *OAuth2 {
	if given == nil {
		return nil
	}
	o := *given
	parseURL(o.TokenURL, "/oauth2/tokenUrl", f)
	checkID(o.ClientID, "/oauth2/clientId", f)
	checkKey(o.ClientSecret, "/oauth2/clientSecret", f)
	checkClaim(o.Audience, "/oauth2/audience", f)
	o.Style = oneOf(cmp.Or(o.Style, TokenBasic), tokenStyles, "/oauth2/style", f)
	o.Scopes = slices.Clone(o.Scopes)
	if len(o.Scopes) > maxScopes {
		f.add("/oauth2/scopes", "has %d entries; at most %d are allowed", len(o.Scopes), maxScopes)
		return &o
	}
	for i, scope := range o.Scopes {
		if !isScope(scope) {
			f.add(element("/oauth2/scopes", i), "is not a scope (RFC 6749 section 3.3): visible ASCII without spaces, quotes and backslashes")
		}
	}
	return &o
}

func compileZGW(given *ZGWJWT, f *faults) *ZGWJWT {
	if given == nil {
		return nil
	}
	z := *given
	checkID(z.ClientID, "/zgwJwt/clientId", f)
	checkKey(z.Secret, "/zgwJwt/secret", f)
	checkClaim(z.UserID, "/zgwJwt/userId", f)
	checkClaim(z.UserRepresentation, "/zgwJwt/userRepresentation", f)
	return &z
}

// isScope tells whether a text is a scope-token.
func isScope(text string) bool {
	forbidden := func(r rune) bool { return r <= ' ' || r >= 0x7f || r == '"' || r == '\\' }
	return text != "" && len(text) <= maxCredential && !strings.ContainsFunc(text, forbidden)
}

func checkID(text, pointer string, f *faults) {
	if text == "" {
		f.add(pointer, "is required")
	}
	checkClaim(text, pointer, f)
}

func checkClaim(text, pointer string, f *faults) {
	if len(text) > maxCredential || !isVisible(text) {
		f.add(pointer, "must be a text of at most %d bytes without control characters", maxCredential)
	}
}

// checkKey checks a secret that must be there.
func checkKey(secret Secret, pointer string, f *faults) {
	if secret.Reveal() == "" {
		f.add(pointer, "is required")
		return
	}
	checkSecret(secret, pointer, f)
}
