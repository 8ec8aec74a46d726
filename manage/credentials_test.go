package manage

import (
	"crypto/sha256"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"
)

// fullToken may do everything.
const fullToken = "a token of the tests"

// authorize lets a request in.
func authorize(r *http.Request) { r.Header.Set("Authorization", "Bearer "+fullToken) }

// officeAccess knows fullToken, and a token for each scope that has its name.
func officeAccess(t *testing.T) *Access {
	t.Helper()
	tokens := []Token{{"", sha256.Sum256([]byte(fullToken)), Read | Write | Replay | ReadPayload}}
	for _, scope := range []Scopes{Read, Write, Replay, ReadPayload} {
		tokens = append(tokens, Token{"", sha256.Sum256([]byte(scope.String())), scope})
	}
	access, err := NewAccess(tokens, false)
	require.NoError(t, err)
	return access
}

// routeOf is the route of a request, nil if there is none.
func (h *Handler) routeOf(r *http.Request) *route {
	found := locate(h.routes, r.URL)
	for _, t := range found.routes {
		if t.Method == r.Method {
			return t
		}
	}
	return nil
}
