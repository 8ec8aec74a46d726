package event

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"
)

// Aliases are other names of what a path parameter names: parameter to groups of names of one thing each, such as
// {"schema": [["pet-store-cat-schema", "12", "4f1c..."]]}. A request that uses one of them is found under all of them.
type Aliases map[string][][]string

// Config is everything from which a [Table] is compiled.
type Config struct {
	// Presets are names of built-in sets of rules, see [Presets].
	Presets []string `json:"presets,omitempty"`

	// Rules are the operator's own. They come before the presets' where both match with the same pattern.
	Rules []Rule `json:"rules,omitempty"`

	// Source is the CloudEvents source of all events, a URI-reference, unless a rule of the operator has its own.
	Source string `json:"source,omitempty"`

	// Aliases lets filters find a thing by any of its names.
	Aliases Aliases `json:"aliases,omitempty"`

	// Headers are the names of the header fields that are told in events. Default: [DefaultHeaders]. An empty list that
	// is not nil means none. Credentials are told only if they are listed here by name.
	Headers []string `json:"headers,omitzero"`

	// Settings change those of presets: preset to name to value.
	Settings Settings `json:"settings,omitempty"`

	// Now gives the time of an event. Default: time.Now.
	Now func() time.Time `json:"-"`

	// NewID gives the id of an event, unique for its source. Default: a UUID of version 7 (RFC 9562).
	NewID func() string `json:"-"`
}

// decodeStrict decodes one JSON value that has no members unknown to target.
func decodeStrict(raw []byte, target any) error {
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(target); err != nil {
		return err
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return fmt.Errorf("unexpected text behind the JSON value at offset %d", decoder.InputOffset())
	}
	return nil
}
