package caddymodule

import (
	"net/http"
	"strings"

	"github.com/voorpoort/voorpoort/interceptor"
)

// flagHeader marks a request that went on although a webhook failed under the
// policy flag. A client's own is always removed first: it could otherwise pass
// for ours. The name is in canonical form, so that it can be a map key.
const flagHeader = "Voorpoort-Flag"

// flagText writes flags as a structured field (RFC 9651): a list of strings
// with the reason as a parameter.
func flagText(flags []interceptor.Flag) string {
	var text strings.Builder
	for i, flag := range flags {
		if i > 0 {
			text.WriteString(", ")
		}
		text.WriteString(quoteHeader(ascii(flag.Webhook)))
		text.WriteString(";reason=" + string(flag.Reason))
	}
	return text.String()
}

// warningHeader repeats the webhooks' warnings to the client. RFC 9111 made
// the field obsolete for caches; Kubernetes made it the custom for this.
const warningHeader = "Warning"

func addWarnings(header http.Header, warnings []interceptor.Warning) {
	for _, warning := range warnings {
		header.Add(warningHeader, "299 - "+quoteHeader(warning.Webhook+": "+warning.Text))
	}
}

// quoteHeader writes a quoted-string (RFC 9110 section 5.6.4). Bytes above
// ASCII may stand in one and stay as they are, in UTF-8.
func quoteHeader(text string) string {
	quoted := make([]byte, 0, len(text)+2)
	quoted = append(quoted, '"')
	for i := range len(text) {
		switch c := text[i]; {
		case c == '"' || c == '\\':
			quoted = append(quoted, '\\', c)
		case c < ' ' || c == 0x7f:
			quoted = append(quoted, ' ')
		default:
			quoted = append(quoted, c)
		}
	}
	return string(append(quoted, '"'))
}

// ascii replaces what a structured field's string cannot hold.
func ascii(text string) string {
	return strings.Map(func(r rune) rune {
		if r > 0x7e {
			return '?'
		}
		return r
	}, text)
}
