package webhook

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const (
	oauth2Member = `"oauth2":{"tokenUrl":"https://idp.example/token","clientId":"a","clientSecret":"hunter2"}`
	zgwMember    = `"zgwJwt":{"clientId":"a","secret":"hunter2"}`
)

func TestCredentials(t *testing.T) {
	t.Parallel()
	h := compileJSON(t, subscriber(oauth2Member))
	require.Equal(t, TokenBasic, h.OAuth2.Style, "the default")
	require.Equal(t, "hunter2", h.OAuth2.ClientSecret.Reveal())
	require.Nil(t, h.ZGW)

	h = compileJSON(t, subscriber(zgwMember))
	require.Equal(t, "hunter2", h.ZGW.Secret.Reveal())
	require.Nil(t, h.OAuth2)

	h = compileJSON(t, subscriber(``))
	require.Nil(t, h.OAuth2)
	require.Nil(t, h.ZGW)
}

// TestOneCredential: a call has one Authorization header.
func TestOneCredential(t *testing.T) {
	t.Parallel()
	const header = `"headers":{"X-A":"1","authorization":"Bearer hunter2"}`
	for members, want := range map[string]string{
		oauth2Member + "," + zgwMember: `/oauth2: and /zgwJwt both set the header Authorization; leave one of them out`,
		oauth2Member + "," + header:    `/oauth2: and /headers/authorization both set the header Authorization; leave one of them out`,
		zgwMember + "," + header:       `/zgwJwt: and /headers/authorization both set the header Authorization; leave one of them out`,
	} {
		_, err := tryJSON(subscriber(members))
		require.Equal(t, []string{want}, fieldErrors(t, err), members)
	}
	compileJSON(t, subscriber(header))
	compileJSON(t, header)

	for name, member := range map[string]string{"/oauth2": oauth2Member, "/zgwJwt": zgwMember} {
		_, err := tryJSON(member)
		require.Equal(t, []string{name + ": is for deliveries; while a request waits no token can be asked for. Give interceptors a header Authorization"}, fieldErrors(t, err))
	}
	compileJSON(t, zgwMember+`,"configuration":{"interceptRequests":true,"async":true}`)
}

func TestCredentialFaults(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", maxCredential+1)
	for members, want := range map[string][]string{
		`"oauth2":{}`: {"/oauth2/tokenUrl: is required", "/oauth2/clientId: is required", "/oauth2/clientSecret: is required"},
		`"zgwJwt":[]`: {"/zgwJwt/clientId: is required", "/zgwJwt/secret: is required"},
		`"oauth2":{"tokenUrl":"https://hunter2@idp.example/","clientId":"a","clientSecret":"b"}`: {
			"/oauth2/tokenUrl: must not hold a user name or password; use a header such as Authorization",
		},
		`"oauth2":{"tokenUrl":"idp.example","clientId":"a\u0000","clientSecret":"hunter2\n","audience":"` + long + `","style":"jwt","scopes":["a b","","a\"","ok"]}`: {
			"/oauth2/tokenUrl: must be an absolute URL that begins with http:// or https://",
			"/oauth2/clientId: must be a text of at most 1024 bytes without control characters",
			"/oauth2/clientSecret: holds a line break, which is usually the end of the file it was read from",
			"/oauth2/audience: must be a text of at most 1024 bytes without control characters",
			`/oauth2/style: is "jwt"; allowed are "basic", "post"`,
			"/oauth2/scopes/0: is not a scope (RFC 6749 section 3.3): visible ASCII without spaces, quotes and backslashes",
			"/oauth2/scopes/1: is not a scope (RFC 6749 section 3.3): visible ASCII without spaces, quotes and backslashes",
			"/oauth2/scopes/2: is not a scope (RFC 6749 section 3.3): visible ASCII without spaces, quotes and backslashes",
		},
		`"zgwJwt":{"clientId":"a","secret":"***","userId":"\n","userRepresentation":"` + long + `"}`: {
			"/zgwJwt/secret: is the mask that stands for a secret, not a secret",
			"/zgwJwt/userId: must be a text of at most 1024 bytes without control characters",
			"/zgwJwt/userRepresentation: must be a text of at most 1024 bytes without control characters",
		},
		`"oauth2":{"tokenUrl":"https://idp.example/","clientId":"a","clientSecret":"b","scopes":["s"` + strings.Repeat(`,"s"`, maxScopes) + `]}`: {
			"/oauth2/scopes: has 101 entries; at most 100 are allowed",
		},
	} {
		_, err := tryJSON(subscriber(members))
		require.Equal(t, want, fieldErrors(t, err), members)
		require.NotContains(t, err.Error(), "hunter2")
	}
}

// TestCredentialsStayHidden from every way of printing.
func TestCredentialsStayHidden(t *testing.T) {
	t.Parallel()
	for _, member := range []string{oauth2Member, zgwMember} {
		h := compileJSON(t, subscriber(member))
		w := Webhook{Name: "n", OAuth2: h.OAuth2, ZGWJWT: h.ZGW}
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q"} {
			text := fmt.Sprintf(strings.Repeat(verb, 5), h, *h, w, h.OAuth2, h.ZGW)
			require.NotContains(t, text, "hunter2", verb)
		}
	}
}
