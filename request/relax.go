package request

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Relax lets one kind of odd path each through. A register that takes such a
// path for what it literally says, a `%2F` for a slash in a name, does not need
// the check; for any other register the setting opens a way round the gate.
//
// The JSON names are also the words of ParseRelax.
type Relax struct {
	// A %2F is part of a name.
	EncodedSlash bool `json:"encoded_slash,omitempty"`
	// A \ or %5C is part of a name.
	Backslash bool `json:"backslash,omitempty"`
	// The segments . and .., also written %2E, are names.
	DotSegments bool `json:"dot_segments,omitempty"`
	// Two slashes in a row have an empty name between them.
	EmptySegments bool `json:"empty_segments,omitempty"`
	// A path that is known only without a slash at its end is another path with it.
	TrailingSlash bool `json:"trailing_slash,omitempty"`
	// What follows a ; or %3B is part of a name.
	PathParameters bool `json:"path_parameters,omitempty"`
	// A %3F or %23 is part of a name.
	EncodedDelimiters bool `json:"encoded_delimiters,omitempty"`
	// The bytes %00 to %1F and %7F are part of a name.
	ControlCharacters bool `json:"control_characters,omitempty"`
	// A %25 before two hexadecimal digits is a percent sign before two digits.
	DoubleEncoding bool `json:"double_encoding,omitempty"`
	// Full-width and other look-alikes of ASCII, and overlong UTF-8, are just
	// other bytes.
	LookAlikes bool `json:"look_alikes,omitempty"`
}

// settings gives the fields by their words.
func (r *Relax) settings() map[string]*bool {
	return map[string]*bool{
		"encoded_slash":      &r.EncodedSlash,
		"backslash":          &r.Backslash,
		"dot_segments":       &r.DotSegments,
		"empty_segments":     &r.EmptySegments,
		"trailing_slash":     &r.TrailingSlash,
		"path_parameters":    &r.PathParameters,
		"encoded_delimiters": &r.EncodedDelimiters,
		"control_characters": &r.ControlCharacters,
		"double_encoding":    &r.DoubleEncoding,
		"look_alikes":        &r.LookAlikes,
	}
}

// Relaxations are the words of ParseRelax, sorted.
func Relaxations() []string {
	return slices.Sorted(maps.Keys(new(Relax).settings()))
}

// ParseRelax sets the fields that the words name. The error names a word that
// is not known, and those that are.
func ParseRelax(words []string) (Relax, error) {
	var r Relax
	settings := r.settings()
	for _, word := range words {
		setting, ok := settings[word]
		if !ok {
			return Relax{}, fmt.Errorf("relaxation %q is not known; it is one of: %s", word, strings.Join(Relaxations(), ", "))
		}
		*setting = true
	}
	return r, nil
}
