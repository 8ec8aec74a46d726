package push

import (
	"crypto/sha256"
	"encoding/hex"

	"github.com/voorpoort/voorpoort/delivery"
)

// maxSafeID bounds what an event's id adds to a header field, in bytes.
const maxSafeID = 200

// callID is what the webhook-id of a call is made of, the same for every attempt
// to deliver the same messages (Standard Webhooks 1.0.0).
func callID(leases []delivery.Lease) string {
	if len(leases) == 1 {
		return safeID(leases[0].Message.ID)
	}
	digest := sha256.New()
	for _, lease := range leases {
		id := sha256.Sum256([]byte(lease.Message.ID)) // so that no two lists of ids are the same bytes
		digest.Write(id[:])
	}
	return "~batch-" + hex.EncodeToString(digest.Sum(nil))
}

// safeID writes an event's id without the dot that separates the parts of what
// is signed, and without what a header field cannot hold. Different ids stay
// different: a byte that is not safe becomes ~ and its two hex digits.
func safeID(id string) string {
	safe := 0
	for safe < len(id) && isSafe(id[safe]) {
		safe++
	}
	switch {
	case len(id) > maxSafeID:
		digest := sha256.Sum256([]byte(id))
		return "~sha256-" + hex.EncodeToString(digest[:])
	case safe == len(id):
		return id
	}
	text := append(make([]byte, 0, 3*len(id)), id[:safe]...)
	for i := safe; i < len(id); i++ {
		if c := id[i]; isSafe(c) {
			text = append(text, c)
		} else {
			text = append(text, '~', upperHex[c>>4], upperHex[c&15])
		}
	}
	return string(text)
}

func isSafe(c byte) bool { return c > ' ' && c < '~' && c != '.' && c != ',' && c != '"' }
