package interceptor

import (
	"mime"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/voorpoort/voorpoort/strictjson"
)

// Bounds on what a webhook may make the gateway repeat to a client. They stop
// one webhook from turning every refusal into a megabyte, or from writing
// control characters into a terminal or a header.
const (
	maxMessage      = 1024 // runes of a message
	maxErrors       = 64 << 10
	maxWarning      = 256  // runes of one warning, as Kubernetes allows
	maxWarnings     = 16   // warnings of one webhook
	maxWarningBytes = 4096 // of all warnings of one webhook
)

// messageMembers are where services put a readable reason, in the order in
// which they are tried.
var messageMembers = [...]string{"message", "detail", "error", "title"}

// readMessage finds the sentence for the client in a JSON answer: the first of
// message, detail, error and title that is a text (or an object with a
// message), else the message of the first entry of errors.
func readMessage(document []byte) string {
	for _, name := range messageMembers {
		if text := messageOf(document, name); text != "" {
			return text
		}
		if text := messageOf(document, name, "message"); text != "" {
			return text
		}
	}
	if text := messageOf(document, "errors", "0", "message"); text != "" {
		return text
	}
	return messageOf(document, "errors", "0")
}

func messageOf(document []byte, path ...string) string {
	raw, ok := strictjson.Get(document, path...)
	if !ok || strictjson.KindOf(raw) != strictjson.String {
		return ""
	}
	text, _ := strictjson.Unquote(raw)
	return clean(text, maxMessage)
}

// readErrors gives the array `errors` as it stands, or nil when there is none
// or it is larger than a client should be sent.
func readErrors(document []byte) []byte {
	raw, ok := strictjson.Get(document, "errors")
	if !ok || strictjson.KindOf(raw) != strictjson.Array || len(raw) > maxErrors {
		return nil
	}
	return raw
}

// text is the message of a refusal that is not JSON. Only plain text is
// repeated: an HTML page is for a browser, not for an API client.
func (r reply) text() string {
	media, _, err := mime.ParseMediaType(r.contentType)
	if (err != nil && r.contentType != "") || (media != "" && media != "text/plain") || !utf8.Valid(r.body) {
		return ""
	}
	return clean(string(r.body[:min(len(r.body), maxMessage*utf8.UTFMax)]), maxMessage)
}

// readWarnings gives the texts of `warnings`: strings, or objects with a
// message. Whatever is not a text is passed over.
func readWarnings(document []byte) []string {
	raw, ok := strictjson.Get(document, "warnings")
	if !ok || strictjson.KindOf(raw) != strictjson.Array {
		return nil
	}
	var warnings []string
	total := 0
	for element := range strictjson.Elements(raw) {
		text := warningOf(element)
		if text == "" {
			continue
		}
		total += len(text)
		if len(warnings) == maxWarnings || total > maxWarningBytes {
			break
		}
		warnings = append(warnings, text)
	}
	return warnings
}

func warningOf(element []byte) string {
	if message, ok := strictjson.Get(element, "message"); ok {
		element = message
	}
	text, ok := strictjson.Unquote(element)
	if !ok {
		return ""
	}
	return clean(text, maxWarning)
}

// clean makes a text safe to repeat: one line, printable, at most limit runes.
func clean(text string, limit int) string {
	text = strings.Map(printable, text)
	text = strings.Join(strings.Fields(text), " ")
	if utf8.RuneCountInString(text) <= limit {
		return text
	}
	runes := []rune(text)
	return string(runes[:limit-1]) + "…"
}

func printable(r rune) rune {
	switch {
	case unicode.IsSpace(r):
		return ' '
	case r == utf8.RuneError, unicode.IsControl(r), unicode.Is(unicode.Cf, r):
		return -1
	}
	return r
}
