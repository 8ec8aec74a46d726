package webhook

import (
	"slices"
	"strings"
)

// Scheme is a way to sign a call.
type Scheme string

// The signature schemes. Without `signature`, a webhook whose secrets start
// with whsec_ or whsk_ signs as Standard Webhooks says, and one with any other
// text as OpenRegister documents.
const (
	// StandardWebhooks sets webhook-id, webhook-timestamp and
	// webhook-signature (Standard Webhooks 1.0.0), with one signature for each
	// secret: v1 (HMAC-SHA256) or v1a (ed25519).
	StandardWebhooks Scheme = "standard-webhooks"

	// OpenRegister sets X-Webhook-Signature: lower-case hex HMAC-SHA256 of the
	// body, keyed with the secret's text (seed 002). It has no place for a
	// second signature: the first secret signs.
	OpenRegister Scheme = "openregister"

	// SHA256 sets X-Signature: "sha256=" and the same hex (seed 003).
	SHA256 Scheme = "sha256"
)

// schemesByName are the values that `signature` may have.
var schemesByName = []Scheme{StandardWebhooks, OpenRegister, SHA256}

// signatureSchemes gives the schemes of a webhook: those it names, or the one
// that its secrets speak for.
func signatureSchemes(w *Webhook, f *faults) []Scheme {
	for i, scheme := range w.Signatures {
		if !slices.Contains(schemesByName, scheme) {
			f.add(signaturePointer(w, i), "is %q; allowed are %s", scheme, quotedList(schemesByName))
		}
	}
	switch {
	case len(w.Signatures) > 0 && len(w.Secrets) == 0:
		f.add("/signature", "needs a secret to sign with")
	case len(w.Signatures) == 0 && len(w.Secrets) > 0:
		return defaultSchemes(w, f)
	}
	return w.Signatures
}

func defaultSchemes(w *Webhook, f *faults) []Scheme {
	prefixed := 0
	for _, secret := range w.Secrets {
		if isPrefixed(secret.Reveal()) {
			prefixed++
		}
	}
	switch prefixed {
	case len(w.Secrets):
		return []Scheme{StandardWebhooks}
	case 0:
		return []Scheme{OpenRegister}
	}
	f.add("/signature", "is required, because some secrets are Standard Webhooks secrets and some are not; allowed are %s", quotedList(schemesByName))
	return nil
}

// checkSecrets refuses what no scheme could use.
func checkSecrets(w *Webhook, f *faults) {
	if len(w.Secrets) > maxSecrets {
		f.add("/secret", "has %d entries; at most %d are allowed", len(w.Secrets), maxSecrets)
	}
	for i, secret := range w.Secrets {
		if secret.Reveal() == "" {
			f.add(secretPointer(w, i), "is empty; leave it out for calls without a signature")
		}
		checkSecret(secret, secretPointer(w, i), f)
	}
}

// checkSecret refuses what is surely not the secret that was meant.
func checkSecret(secret Secret, pointer string, f *faults) {
	switch text := secret.Reveal(); {
	case text == masked:
		f.add(pointer, "is the mask that stands for a secret, not a secret")
	case strings.ContainsAny(text, "\r\n"):
		f.add(pointer, "holds a line break, which is usually the end of the file it was read from")
	}
}

// secretPointer is where a secret was written: `secret` may be a text or a list.
func secretPointer(w *Webhook, index int) string {
	if len(w.Secrets) == 1 {
		return "/secret"
	}
	return element("/secret", index)
}

func signaturePointer(w *Webhook, index int) string {
	if len(w.Signatures) == 1 {
		return "/signature"
	}
	return element("/signature", index)
}

// newSigner decodes the secrets for the schemes. Faults of secrets are named
// by their position, never by their text.
func newSigner(w *Webhook, f *faults) *signer {
	checkSecrets(w, f)
	schemes := signatureSchemes(w, f)
	if len(w.Secrets) == 0 || len(schemes) == 0 {
		return nil
	}
	s := new(signer)
	for _, scheme := range schemes {
		switch scheme {
		case StandardWebhooks:
			s.addStandard(w, f)
		case OpenRegister:
			s.openRegister = true
		case SHA256:
			s.sha256 = true
		}
	}
	if s.openRegister || s.sha256 {
		first := w.Secrets[0].Reveal()
		if strings.HasPrefix(first, asymmetricPrefix) {
			f.add(secretPointer(w, 0), `is an ed25519 key, which only signature %q can use`, StandardWebhooks)
		}
		s.text = newHMACKey([]byte(first))
	}
	return s
}

func (s *signer) addStandard(w *Webhook, f *faults) {
	for i, secret := range w.Secrets {
		key, err := newStandardKey(secret.Reveal())
		if err != nil {
			f.add(secretPointer(w, i), "%v", err)
			continue
		}
		s.standard = append(s.standard, key)
	}
}
