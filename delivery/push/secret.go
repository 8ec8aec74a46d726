package push

import (
	"bytes"
	"net/http"
	"net/url"
	"strings"

	"github.com/voorpoort/voorpoort/webhook"
)

// minSecret is the length from which a text is looked for as a secret: to hide
// every "1" and "json" would make errors useless and protect nothing.
const minSecret = 8

const hidden = "***"

// maxNesting is how often escapes are undone in search of a secret: services
// put the answers of others, which are JSON, into texts of JSON.
const maxNesting = 3

// secretsOf gives the texts of a webhook that must not come back out of an
// answer: values of custom header fields, and of its URL's query.
func secretsOf(h *webhook.Hook, custom http.Header) []string {
	var secrets []string
	for _, values := range custom {
		for _, value := range values {
			secrets = appendSecret(secrets, value)
		}
	}
	for _, values := range h.URL.Query() {
		for _, value := range values {
			secrets = appendSecret(secrets, value)
			for _, written := range []string{url.QueryEscape(value), url.PathEscape(value)} {
				if written != value {
					secrets = appendSecret(secrets, written)
				}
			}
		}
	}
	for parameter := range strings.SplitSeq(h.URL.RawQuery, "&") { // as the webhook writes it
		_, value, _ := strings.Cut(parameter, "=")
		secrets = appendSecret(secrets, value)
	}
	return secrets
}

// appendSecret appends a secret, and of "Bearer <token>" the token as well.
func appendSecret(secrets []string, value string) []string {
	value = strings.TrimSpace(value) // a field's value begins and ends without any
	if len(value) < minSecret {
		return secrets
	}
	secrets = append(secrets, value)
	if _, credentials, found := strings.Cut(value, " "); found && len(credentials) >= minSecret {
		secrets = append(secrets, credentials)
	}
	return secrets
}

// redact hides secrets that a receiver has repeated, however a text of JSON may
// write them (RFC 8259 section 7), also in an answer that breaks off or is no
// JSON, and as [delivery.Line] would show them. The bytes are replaced by a copy
// when there is one.
func redact(text []byte, secrets []string) []byte {
	for _, secret := range secrets {
		if s := []byte(secret); bytes.Contains(text, s) {
			text = bytes.ReplaceAll(text, s, []byte(hidden))
		}
	}
	if len(secrets) == 0 {
		return text
	}
	if bytes.ContainsFunc(text, unprintable) {
		text = unescape(text, 0).hide(text, secrets)
	}
	for depth := 1; depth <= maxNesting && bytes.IndexByte(text, '\\') >= 0; depth++ {
		meant := unescape(text, depth)
		if meant == nil {
			break
		}
		text = meant.hide(text, secrets)
	}
	return text
}
