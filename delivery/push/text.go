package push

import (
	"bytes"
	"net/http"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/voorpoort/voorpoort/webhook"
)

// maxText bounds what an error repeats of the receiver's words, in runes.
const maxText = 256

// minSecret is the length from which a text is looked for as a secret: to hide
// every "1" and "json" would make errors useless and protect nothing.
const minSecret = 8

const hidden = "***"

// clean makes a text fit for one line of a log.
func clean(text string) string {
	text = text[:min(len(text), maxText*utf8.UTFMax)]
	text = strings.ToValidUTF8(text, "\uFFFD")
	text = strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return ' '
		}
		return r
	}, text)
	if runes := []rune(text); len(runes) > maxText {
		text = string(runes[:maxText])
	}
	return strings.TrimSpace(text)
}

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
		}
	}
	return secrets
}

// appendSecret appends a secret, and of "Bearer <token>" the token as well.
func appendSecret(secrets []string, value string) []string {
	if len(value) < minSecret {
		return secrets
	}
	secrets = append(secrets, value)
	if _, credentials, found := strings.Cut(value, " "); found && len(credentials) >= minSecret {
		secrets = append(secrets, credentials)
	}
	return secrets
}

// redact hides secrets that a receiver has repeated. The bytes are replaced by a
// copy when there is one.
func redact(text []byte, secrets []string) []byte {
	for _, secret := range secrets {
		if s := []byte(secret); bytes.Contains(text, s) {
			text = bytes.ReplaceAll(text, s, []byte(hidden))
		}
	}
	return text
}
