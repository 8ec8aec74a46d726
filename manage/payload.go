package manage

import (
	"encoding/json"
	"net/http"
)

// mayReadPayload tells whether whoever makes a request may read bodies. It is
// asked when there is one to show.
func mayReadPayload(r *http.Request) bool {
	may := scopesOf(r.Context()).Has(ReadPayload)
	if may {
		doingOf(r.Context()).bodies = true
	}
	return may
}

// payload gives an event as it may be shown: null to those who may not read
// bodies and where a page has too many of them, and without what the configuration
// hides.
func (h *Handler) payload(r *http.Request, event []byte) (shown json.RawMessage, redacted bool) {
	if len(event) == 0 {
		return nil, false
	}
	if !mayReadPayload(r) || isLeftOut(event) {
		return nil, true
	}
	return hideEvent(event, h.redact), false
}
