package manage

import (
	"net/url"
	"strings"

	"github.com/voorpoort/voorpoort/webhook"
)

// movedAdvice is what is said of a credential that would go somewhere else.
const movedAdvice = "would be sent to another server than the one it was given for: give it again, in full, together with the new address"

// stolen says which credentials of a webhook would be sent to another server than
// before without having been given again. Whoever may change webhooks is not shown
// what is stored, and must not get it by pointing the webhook at a server of his
// own. given tells whether the client's document has a value at a pointer that
// does not stand for the stored one. What only signs, and a client's key, is never
// sent, and may stay.
func stolen(before, after *webhook.Webhook, given func(pointer string) bool) (faults []webhook.FieldError) {
	if before.UUID == "" {
		return nil // there is nothing stored
	}
	demand := func(pointer string, kept bool) {
		if kept && !given(pointer) {
			faults = append(faults, webhook.FieldError{Pointer: pointer, Detail: movedAdvice})
		}
	}
	proxied := !sameServer(before.Proxy, after.Proxy)
	moved := proxied || !sameServer(before.URL, after.URL)
	if moved {
		for _, h := range after.Headers {
			demand("/headers"+pointerTo(h.Name), keeps(before.Headers, h))
		}
		demand("/zgwJwt/secret", before.ZGWJWT != nil && after.ZGWJWT != nil && same(before.ZGWJWT.Secret, after.ZGWJWT.Secret))
	}
	if b, a := before.OAuth2, after.OAuth2; b != nil && a != nil && same(b.ClientSecret, a.ClientSecret) {
		demand("/oauth2/clientSecret", moved || !sameServer(b.TokenURL, a.TokenURL))
	}
	return faults
}

func same(a, b webhook.Secret) bool { return a.Reveal() == b.Reveal() }

// keeps tells whether a header has the value that it had.
func keeps(before []webhook.Header, h webhook.Header) bool {
	for _, old := range before {
		if strings.EqualFold(old.Name, h.Name) && same(old.Value, h.Value) {
			return true
		}
	}
	return false
}

// sameServer compares scheme, host and port (RFC 6454 section 4). Two that are not
// set are the same.
func sameServer(a, b webhook.Address) bool {
	return originOf(a) == originOf(b)
}

func originOf(address webhook.Address) string {
	u, err := url.Parse(address.Reveal())
	if err != nil {
		return address.Reveal()
	}
	scheme, port := strings.ToLower(u.Scheme), u.Port()
	if port == "" {
		port = map[string]string{"http": "80", "https": "443"}[scheme]
	}
	return scheme + "://" + strings.ToLower(u.Hostname()) + ":" + port
}
