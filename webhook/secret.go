package webhook

import (
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/url"
)

// masked is what stands for a hidden text, as OpenRegister's API shows it.
const masked = "***"

// Secret is a text that must not be seen: a signing secret, the value of a
// custom header, a private key. It hides itself from fmt (with any verb),
// encoding/json, log/slog and zap; only [Secret.Reveal] gives the text. The
// text is behind a pointer so that it stays hidden when a Secret sits in an
// unexported field, where fmt cannot call methods.
//
// The zero value is the empty text.
type Secret struct{ text *string }

// NewSecret hides a text.
func NewSecret(text string) Secret {
	if text == "" {
		return Secret{}
	}
	return Secret{text: &text}
}

// Reveal gives the text in the clear.
func (s Secret) Reveal() string {
	if s.text == nil {
		return ""
	}
	return *s.text
}

// String gives "***", or nothing for the empty text.
func (s Secret) String() string {
	if s.text == nil {
		return ""
	}
	return masked
}

// Format writes the same as String whatever the verb and flags.
func (s Secret) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, s.String()) }

// MarshalJSON writes "***".
func (s Secret) MarshalJSON() ([]byte, error) { return json.Marshal(s.String()) }

// LogValue logs "***".
func (s Secret) LogValue() slog.Value { return slog.StringValue(s.String()) }

// Address is a URL as it was written. It shows itself without credentials,
// query and fragment, each of which may hold a token; [Address.Reveal] gives
// all of it. The zero value is the empty address.
type Address struct{ text *string }

// NewAddress wraps a URL, or any text that should be one.
func NewAddress(text string) Address { return Address{text: NewSecret(text).text} }

// Reveal gives the whole URL.
func (a Address) Reveal() string { return Secret(a).Reveal() }

// String gives scheme, host and path.
func (a Address) String() string { return withoutCredentials(a.Reveal()) }

// Format writes the same as String whatever the verb and flags.
func (a Address) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, a.String()) }

// MarshalJSON writes scheme, host and path.
func (a Address) MarshalJSON() ([]byte, error) { return json.Marshal(a.String()) }

// LogValue logs scheme, host and path.
func (a Address) LogValue() slog.Value { return slog.StringValue(a.String()) }

// withoutCredentials cuts what may be secret out of a URL: userinfo, query and
// fragment. Of a text that is no URL it shows nothing, because then nobody can
// say which part is a password.
func withoutCredentials(raw string) string {
	if raw == "" {
		return ""
	}
	parsed, err := url.Parse(raw)
	if err != nil || parsed.Host == "" {
		return masked
	}
	return (&url.URL{Scheme: parsed.Scheme, Host: parsed.Host, Path: parsed.Path, RawPath: parsed.RawPath}).String()
}
