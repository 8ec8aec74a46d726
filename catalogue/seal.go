package catalogue

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
)

// A sealed document is a byte that no JSON begins with, the mark of the key, and
// what AES-256-GCM makes of the document, its nonce in front. Kind and key of the
// document are its additional data: one cannot be passed off as another.
const (
	sealed   = 0x01
	markSize = 4
	keySize  = 32
)

// Why a document cannot be read.
var (
	errNoKey    = errors.New("it is encrypted, and this gateway has no encryption_key")
	errOtherKey = errors.New("it is encrypted with a key that is not in this gateway's encryption_key")
	errTampered = errors.New("it is not what was encrypted: it is damaged, or not in its place")
	errBadKey   = errors.New("a key must be 32 bytes in hexadecimal or base64; `openssl rand -hex 32` makes one")
)

// Sealer encrypts documents. nil leaves them as they are, and reads only such.
type Sealer struct{ keys []sealingKey }

type sealingKey struct {
	mark [markSize]byte // tells keys apart, and nothing about them
	aead cipher.AEAD
}

// NewSealer seals with the current key, and also opens what was sealed with a
// previous one. Keys are 32 bytes in hexadecimal or base64. The error repeats
// nothing of them.
func NewSealer(current string, previous ...string) (*Sealer, error) {
	s := new(Sealer)
	for _, text := range append([]string{current}, previous...) {
		key, err := newSealingKey(text)
		if err != nil {
			return nil, err
		}
		s.keys = append(s.keys, key)
	}
	return s, nil
}

func newSealingKey(text string) (sealingKey, error) {
	raw, err := decodeKey(strings.TrimSpace(text))
	if err != nil {
		return sealingKey{}, err
	}
	block, err := aes.NewCipher(raw)
	if err != nil {
		return sealingKey{}, errBadKey
	}
	key := sealingKey{}
	if key.aead, err = cipher.NewGCMWithRandomNonce(block); err != nil {
		return sealingKey{}, errBadKey
	}
	digest := sha256.Sum256(append([]byte("voorpoort sealing key\x00"), raw...))
	copy(key.mark[:], digest[:])
	return key, nil
}

func decodeKey(text string) ([]byte, error) {
	if raw, err := hex.DecodeString(text); err == nil && len(raw) == keySize {
		return raw, nil
	}
	text = strings.TrimRight(text, "=")
	for _, encoding := range []*base64.Encoding{base64.RawStdEncoding, base64.RawURLEncoding} {
		if raw, err := encoding.DecodeString(text); err == nil && len(raw) == keySize {
			return raw, nil
		}
	}
	return nil, errBadKey
}

// seal gives what is stored of a document.
func (s *Sealer) seal(kind, key string, document []byte) []byte {
	if s == nil {
		return document
	}
	with := s.keys[0]
	out := append([]byte{sealed}, with.mark[:]...)
	return with.aead.Seal(out, nil, document, additional(kind, key)) //nolint:gosec // the nonce is random: see NewGCMWithRandomNonce
}

// open gives the document. current tells whether it is stored as seal would do
// it now.
func (s *Sealer) open(kind, key string, stored []byte) (document []byte, current bool, err error) {
	if len(stored) == 0 || stored[0] != sealed {
		return stored, s == nil, nil
	}
	if s == nil {
		return nil, false, errNoKey
	}
	mark, rest := stored[1:min(1+markSize, len(stored))], stored[min(1+markSize, len(stored)):]
	for i, with := range s.keys {
		if !bytes.Equal(with.mark[:], mark) {
			continue
		}
		document, err := with.aead.Open(nil, nil, rest, additional(kind, key))
		if err != nil {
			return nil, false, errTampered
		}
		return document, i == 0, nil
	}
	return nil, false, errOtherKey
}

func additional(kind, key string) []byte { return fmt.Appendf(nil, "%s\x00%s", kind, key) }
