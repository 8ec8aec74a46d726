package catalogue

import (
	"crypto/sha256"
	"encoding/binary"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/voorpoort/voorpoort/webhook"
)

// Entry is one webhook of the catalogue.
type Entry struct {
	// Number counts stored webhooks from 1, and is never used again. That of a
	// webhook of the configuration is [FixedNumber] of its name.
	Number uint64

	// UUID is never empty, in lower case: the webhook's own, or one that is made
	// of the name of a webhook of the configuration that has none.
	UUID string

	// Webhook is what was written, secrets included. It is only ever shown through
	// its MarshalJSON, which masks them. That of a document that cannot be read
	// has nothing but the UUID.
	Webhook webhook.Webhook

	// Hook is what is in force; nil when Fault is set. When Sealed is set it is
	// what was in force before, if there was something.
	Hook *webhook.Hook

	// Sealed: the document is there and cannot be decrypted with the keys that
	// this gateway has. It can be deleted, but not changed.
	Sealed bool

	Fixed    bool   // of the configuration: only that changes it
	Revision uint64 // changes with each change; 0 when Fixed
	Created  time.Time
	Updated  time.Time

	// Fault is why this gateway cannot use a stored webhook, which does not keep
	// it from using the others. It shows no secret.
	Fault string
}

// Fixed is a webhook of the configuration.
type Fixed struct {
	Webhook webhook.Webhook // with its placeholders replaced
	Hook    *webhook.Hook
}

// Numbers of webhooks of the configuration begin at firstFixed and are exact in
// the numbers of JSON that JavaScript can hold (RFC 8259 section 6).
const (
	firstFixed = 1 << 32
	fixedRange = 1 << 52
)

// FixedNumber is the number of a webhook of the configuration: at least 1<<32,
// less than 1<<53, and always the same for a name.
func FixedNumber(name string) uint64 {
	digest := sha256.Sum256([]byte(name))
	return firstFixed + binary.BigEndian.Uint64(digest[:])%fixedRange
}

// names is the namespace of the UUIDs that are made of names (RFC 9562 section 5.5).
var names = uuid.MustParse("6e3ba2f0-9d0c-5a0e-9f5e-2f7a3a8c41d7")

// newFixed makes the entry of a webhook of the configuration.
func newFixed(f Fixed) Entry {
	id := strings.ToLower(f.Webhook.UUID)
	if id == "" {
		id = uuid.NewSHA1(names, []byte(f.Webhook.Name)).String()
	}
	return Entry{Number: FixedNumber(f.Webhook.Name), UUID: id, Webhook: f.Webhook, Hook: f.Hook, Fixed: true}
}
