package webhook

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
