package webhook

import (
	"errors"
	"unicode"
	"unicode/utf8"
)

var (
	errNameMissing = errors.New("is required")
	errNameLong    = errors.New("is longer than 255 characters")
	errNameControl = errors.New("holds a control character; it is shown in logs, metrics and answers")
)

// checkName tells what is wrong with a webhook's name.
func checkName(name string) error {
	switch {
	case name == "":
		return errNameMissing
	case utf8.RuneCountInString(name) > maxName:
		return errNameLong
	case !utf8.ValidString(name):
		return errNameControl
	}
	for _, r := range name {
		if unicode.IsControl(r) {
			return errNameControl
		}
	}
	return nil
}
