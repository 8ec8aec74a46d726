package strictjson

import (
	"strconv"
	"unicode/utf8"
)

// Reason says why a document was refused. The set of reasons is closed, so a reason may be used as a metric label.
type Reason string

// The reasons for which [Check] refuses a document.
const (
	ReasonUnexpectedEnd       Reason = "unexpected end"
	ReasonUnexpectedCharacter Reason = "unexpected character"
	ReasonInvalidLiteral      Reason = "invalid literal"
	ReasonInvalidNumber       Reason = "invalid number"
	ReasonInvalidEscape       Reason = "invalid escape"
	ReasonControlCharacter    Reason = "control character in string"
	ReasonInvalidUTF8         Reason = "invalid UTF-8"
	ReasonByteOrderMark       Reason = "byte order mark"
	ReasonUnpairedSurrogate   Reason = "unpaired surrogate"
	ReasonDuplicateName       Reason = "duplicate member name"
	ReasonTooDeep             Reason = "nested too deeply"
	ReasonTrailingBytes       Reason = "trailing bytes"
)

// MaxErrorName is the number of bytes of a duplicate name that an error repeats, so that a document cannot fill a log.
const MaxErrorName = 64

// Error is the error of [Check]. It never holds more of the document than the beginning of one member name.
type Error struct {
	// Offset is the position of the offending byte, counted in bytes from 0. For a duplicate name it is the position
	// of the second name's opening quote; for an unexpected end it is the length of the document.
	Offset int
	// Reason is one of the constants of this package.
	Reason Reason
	// Name is the duplicate name, unescaped and cut to MaxErrorName bytes; empty for all other reasons.
	Name string
}

// Error says reason and offset, for example `duplicate member name "a" at byte 7`.
func (e *Error) Error() string {
	text := string(e.Reason)
	if e.Reason == ReasonDuplicateName {
		text += " " + strconv.Quote(e.Name)
	}
	return text + " at byte " + strconv.Itoa(e.Offset)
}

// capName cuts a name to MaxErrorName bytes without cutting through a character.
func capName(name []byte) string {
	if len(name) <= MaxErrorName {
		return string(name)
	}
	end := MaxErrorName
	for end > 0 && !utf8.RuneStart(name[end]) {
		end--
	}
	return string(name[:end])
}
