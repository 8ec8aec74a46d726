package delivery

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/voorpoort/voorpoort/strictjson"
)

// maxLine bounds a text of others, in runes.
const maxLine = 256

// Line makes a text of others fit for one line of a log: printable characters, at
// most 256 of them.
func Line(text string) string {
	text = text[:min(len(text), maxLine*utf8.UTFMax)]
	text = strings.ToValidUTF8(text, "\uFFFD")
	text = strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return ' '
		}
		return r
	}, text)
	if runes := []rune(text); len(runes) > maxLine {
		text = string(runes[:maxLine])
	}
	return strings.TrimSpace(text)
}

// wordPaths are where services put a readable reason, in the order in which
// they are tried: OpenRegister's two, and RFC 9457 section 3.1.
var wordPaths = [][]string{{"message"}, {"error"}, {"error", "message"}, {"detail"}, {"title"}}

// Words gives the sentence with which a receiver says in its answer what was
// wrong, as one [Line]; "" when the answer is not JSON or has none. They are the
// receiver's and may tell of persons: [Attempt.Error] and [Outcome.Reason] do not
// have them, and only those who may read bodies see them.
func Words(answer []byte) string {
	if strictjson.Check(answer, 0) != nil {
		return ""
	}
	for _, path := range wordPaths {
		token, found := strictjson.Get(answer, path...)
		if text, ok := strictjson.Unquote(token); found && ok && text != "" {
			return Line(text)
		}
	}
	return ""
}

// Told is the error of an attempt with the receiver's words behind it, such as
// "server_error: status 500: boom". The answer is what may be shown of
// [Attempt.Response].
func (a *Attempt) Told(answer []byte) string {
	if a.Success || a.Reason == ReasonRedirect { // of which it is known what is wrong
		return a.Error
	}
	switch words := Words(answer); {
	case words == "":
		return a.Error
	case a.Error == "":
		return words
	default:
		return a.Error + ": " + words
	}
}
