package push

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxText bounds what an error repeats of the receiver's words, in runes.
const maxText = 256

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
