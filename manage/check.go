package manage

import "encoding/json"

// CheckRequest is a request that somebody wonders about: would it become an
// event, and which webhooks would be asked and told?
type CheckRequest struct {
	Method  string            `json:"method"`
	Path    string            `json:"path"` // with its query
	Headers map[string]string `json:"headers,omitempty"`
	Body    json.RawMessage   `json:"body,omitempty"`
	Event   json.RawMessage   `json:"event,omitempty"` // instead of the request: a CloudEvent
}

// CheckReport is the answer: the event, the rule that made it, and for each
// webhook whether it matches and why.
type CheckReport struct {
	Event    json.RawMessage `json:"event"` // null: the request is none of the gateway's
	Rule     string          `json:"rule"`
	Webhooks []CheckWebhook  `json:"webhooks"`
}

// CheckWebhook says of one webhook whether it would be called.
type CheckWebhook struct {
	Name    string        `json:"name"`
	Matches bool          `json:"matches"`
	Why     []CheckReason `json:"why"`
}

// CheckReason is one thing that lets the event through or keeps it back.
type CheckReason struct {
	Pointer string `json:"pointer,omitempty"` // into the webhook's JSON
	Filter  string `json:"filter,omitempty"`
	Detail  string `json:"detail"`
}
