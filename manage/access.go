package manage

import (
	"cmp"
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
)

// Access knows who may use the API. It is safe for concurrent use.
type Access struct {
	tokens []Token
	brake  *brake
	now    func() time.Time
}

// Token is something that a caller knows, by its SHA-256.
type Token struct {
	Name   string // what the log calls its owner; "" stands for "token" and its number, from 1
	Hash   [sha256.Size]byte
	Scopes Scopes
}

// maxTokenName is the length of a token's name, in bytes.
const maxTokenName = 64

// ParseToken reads a token of the configuration: its scopes with commas between
// them, its SHA-256 in hexadecimal, and its name, which may be empty.
func ParseToken(scopes, hash, name string) (Token, error) {
	s, err := ParseScopes(scopes)
	if err != nil {
		return Token{}, err
	}
	if len(name) > maxTokenName || strings.ContainsFunc(name, func(r rune) bool { return !unicode.IsPrint(r) }) {
		return Token{}, fmt.Errorf("a token's name is at most %d bytes of text that can be printed", maxTokenName)
	}
	t := Token{Name: name, Scopes: s}
	raw, err := hex.DecodeString(hash)
	if err != nil || len(raw) != len(t.Hash) {
		return Token{}, errors.New("a token is given by its SHA-256: 64 hexadecimal digits")
	}
	copy(t.Hash[:], raw)
	return t, nil
}

// NewAccess admits those who know one of the tokens and, with users, those whom
// [WithUser] names. It is an error if that is nobody.
func NewAccess(tokens []Token, users bool) (*Access, error) {
	if len(tokens) == 0 && !users {
		return nil, errors.New("nobody could use the API: it needs a token or a user")
	}
	tokens = slices.Clone(tokens)
	for i := range tokens {
		tokens[i].Name = cmp.Or(tokens[i].Name, "token "+strconv.Itoa(i+1))
	}
	return &Access{tokens: tokens, brake: newBrake(), now: time.Now}, nil
}

type (
	callerKey struct{}
	clientKey struct{}
)

// caller is who sends a request.
type caller struct {
	name   string
	token  bool // else a user
	scopes Scopes
}

// WithUser says who sends a request, for callers that have found it out
// already, such as an authentication handler in front. What the request itself
// brings along to prove it is then not looked at.
func WithUser(ctx context.Context, user string, scopes Scopes) context.Context {
	return context.WithValue(ctx, callerKey{}, caller{name: user, scopes: scopes})
}

// WithClientAddress says which address a request comes from, for gateways
// behind a proxy; else it is that of the connection.
func WithClientAddress(ctx context.Context, address string) context.Context {
	return context.WithValue(ctx, clientKey{}, address)
}

// scopesOf gives what the sender of an admitted request may do.
func scopesOf(ctx context.Context) Scopes {
	c, _ := ctx.Value(callerKey{}).(caller)
	return c.scopes
}

// admit finds out who sends a request, and whether that suffices. The request
// that it gives back knows.
func (a *Access) admit(r *http.Request, need Scopes) (*http.Request, error) {
	if need == 0 {
		return r, nil
	}
	c, known := r.Context().Value(callerKey{}).(caller)
	if !known {
		var err error
		if c, err = a.identify(r); err != nil {
			return r, err
		}
		r = r.WithContext(context.WithValue(r.Context(), callerKey{}, c))
	}
	if !c.scopes.Has(need) {
		return r, refusef(http.StatusForbidden, "this needs the scope %s", need).
			with("WWW-Authenticate", fmt.Sprintf(`Bearer error="insufficient_scope", scope=%q`, need.String()))
	}
	return r, nil
}

// identify finds the token of a request among those that are known. An address
// that has guessed too often is not answered for a while, not even when it
// guesses right: the answer must not tell.
func (a *Access) identify(r *http.Request) (caller, error) {
	header := r.Header.Values("Authorization")
	if len(header) == 0 {
		return caller{}, unauthorized("a token is needed", "Bearer")
	}
	client, now := clientOf(r), a.now()
	if wait := a.brake.wait(client, now); wait > 0 {
		seconds := int((wait + time.Second - 1) / time.Second)
		return caller{}, refuse(http.StatusTooManyRequests, "too many wrong tokens from this address").with("Retry-After", strconv.Itoa(seconds))
	}
	if token, ok := parseAuthorization(header); ok {
		if c, known := a.lookup(token); known {
			return c, nil
		}
	}
	a.brake.failed(client, now)
	return caller{}, unauthorized("the token is not known", `Bearer error="invalid_token"`)
}

func unauthorized(detail, challenge string) *Problem {
	return refuse(http.StatusUnauthorized, detail).with("WWW-Authenticate", challenge)
}

// lookup compares with every token there is, whichever it is, in the same time.
// Of several that are the same the last one names the caller.
func (a *Access) lookup(token string) (c caller, known bool) {
	hash := sha256.Sum256([]byte(token))
	for i := range a.tokens {
		if t := &a.tokens[i]; subtle.ConstantTimeCompare(hash[:], t.Hash[:]) == 1 {
			c, known = caller{name: t.Name, token: true, scopes: c.scopes | t.Scopes}, true
		}
	}
	return c, known
}

// parseAuthorization reads the one header Authorization: Bearer (RFC 6750), or
// Basic (RFC 7617) with the token as the password and any user, which is what
// programs made for OpenRegister send.
func parseAuthorization(header []string) (token string, ok bool) {
	if len(header) != 1 {
		return "", false
	}
	scheme, rest, _ := strings.Cut(header[0], " ")
	rest = strings.TrimSpace(rest)
	switch {
	case strings.EqualFold(scheme, "Bearer"):
		token = rest
	case strings.EqualFold(scheme, "Basic"):
		raw, err := base64.StdEncoding.DecodeString(rest)
		if err != nil {
			return "", false
		}
		_, token, _ = strings.Cut(string(raw), ":")
	}
	return token, token != ""
}
