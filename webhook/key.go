package webhook

import (
	"bytes"
	"crypto/ed25519"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"hash"
	"strings"
	"sync"
)

// Prefixes of Standard Webhooks secrets: a symmetric key of 24 to 64 bytes and
// an ed25519 private key, both in base64.
const (
	symmetricPrefix  = "whsec_"
	asymmetricPrefix = "whsk_"
	minSymmetricKey  = 24
	maxSymmetricKey  = 64
)

var (
	errSymmetricKey  = errors.New(`is not a Standard Webhooks secret: "whsec_" (may be left out) and the base64 of 24 to 64 bytes; for a secret that is plain text choose signature "openregister" or "sha256"`)
	errAsymmetricKey = errors.New(`is not an ed25519 key: "whsk_" and the base64 of 32 bytes (seed) or 64 bytes (seed and public key that belong together)`)
)

// isPrefixed tells whether a secret says by itself that it is a Standard
// Webhooks secret.
func isPrefixed(secret string) bool {
	return strings.HasPrefix(secret, symmetricPrefix) || strings.HasPrefix(secret, asymmetricPrefix)
}

// standardKey makes one signature of a webhook-signature header. prefix is
// "<id>.<timestamp>."; the content signed is prefix and body joined.
type standardKey interface {
	appendSignature(dst, prefix, body []byte) []byte
}

// newStandardKey decodes a Standard Webhooks secret.
func newStandardKey(secret string) (standardKey, error) {
	if text, ok := strings.CutPrefix(secret, asymmetricPrefix); ok {
		return newEd25519Key(text)
	}
	key, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(secret, symmetricPrefix))
	if err != nil || len(key) < minSymmetricKey || len(key) > maxSymmetricKey {
		return nil, errSymmetricKey
	}
	return newHMACKey(key), nil
}

// hmacKey is an HMAC-SHA256 key with its states kept ready: a state that has
// absorbed the key once is reset in a fraction of the time that a new one takes.
type hmacKey struct{ states sync.Pool }

type hmacState struct {
	hash hash.Hash
	sum  [sha256.Size]byte
}

func newHMACKey(key []byte) *hmacKey {
	key = bytes.Clone(key)
	return &hmacKey{states: sync.Pool{New: func() any {
		return &hmacState{hash: hmac.New(sha256.New, key)}
	}}}
}

// sum gives a state that holds the MAC of prefix and body joined. The caller
// gives it back to k.states.
func (k *hmacKey) sum(prefix, body []byte) *hmacState {
	state := k.states.Get().(*hmacState)
	state.hash.Reset()
	state.hash.Write(prefix)
	state.hash.Write(body)
	state.hash.Sum(state.sum[:0])
	return state
}

func (k *hmacKey) appendSignature(dst, prefix, body []byte) []byte {
	state := k.sum(prefix, body)
	dst = append(dst, "v1,"...)
	dst = base64.StdEncoding.AppendEncode(dst, state.sum[:])
	k.states.Put(state)
	return dst
}

// ed25519Key signs as v1a.
type ed25519Key struct{ private ed25519.PrivateKey }

func newEd25519Key(text string) (*ed25519Key, error) {
	raw, err := base64.StdEncoding.DecodeString(text)
	if err != nil || (len(raw) != ed25519.SeedSize && len(raw) != ed25519.PrivateKeySize) {
		return nil, errAsymmetricKey
	}
	private := ed25519.NewKeyFromSeed(raw[:ed25519.SeedSize])
	if len(raw) == ed25519.PrivateKeySize && !bytes.Equal(private, raw) {
		return nil, errAsymmetricKey
	}
	return &ed25519Key{private: private}, nil
}

func (k *ed25519Key) appendSignature(dst, prefix, body []byte) []byte {
	content := make([]byte, 0, len(prefix)+len(body))
	content = append(append(content, prefix...), body...)
	dst = append(dst, "v1a,"...)
	return base64.StdEncoding.AppendEncode(dst, ed25519.Sign(k.private, content))
}
