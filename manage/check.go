package manage

import (
	"bytes"
	"encoding/json"
	"net/http"
	"strings"

	"github.com/voorpoort/voorpoort/strictjson"
)

// CheckRequest is a request that somebody wonders about: would it become an
// event, and which webhooks would be asked and told?
type CheckRequest struct {
	Method  string            `json:"method"`
	Path    string            `json:"path"` // with its query, as the gateway gets it
	Headers map[string]string `json:"headers,omitempty"`

	// Body is a JSON value; a text stands for the body as it is written, so that
	// one can be pasted.
	Body json.RawMessage `json:"body,omitempty"`

	Event json.RawMessage `json:"event,omitempty"` // instead of the request: a CloudEvent
}

// Document gives the body of the request as bytes.
func (c *CheckRequest) Document() []byte {
	if text, ok := strictjson.Unquote(c.Body); ok {
		return []byte(text)
	}
	if bytes.Equal(c.Body, []byte("null")) {
		return nil
	}
	return c.Body
}

// CheckReport is the answer: the event, the rule that made it, and for each
// webhook whether it matches and why not. Nothing is sent.
type CheckReport struct {
	Event    json.RawMessage `json:"event"`    // before the write, or the one that was asked about; null for none
	Rule     string          `json:"rule"`     // that recognised the request; "" for none
	Types    []string        `json:"types"`    // of the events that there would be
	Webhooks []CheckWebhook  `json:"webhooks"` // those that match first
}

// CheckWebhook says of one webhook whether it would be called.
type CheckWebhook struct {
	ID      uint64        `json:"webhookId"`
	UUID    string        `json:"webhook"`
	Name    string        `json:"name"`
	Phase   string        `json:"phase"` // before: it would be asked; after: it would be told
	Matches bool          `json:"matches"`
	Why     []CheckReason `json:"why"` // why not; empty if it matches
}

// CheckReason is one thing that keeps the event back.
type CheckReason struct {
	Pointer string `json:"pointer"` // into the webhook's JSON
	Detail  string `json:"detail"`
}

// check is POST /check.
func (h *Handler) check(w http.ResponseWriter, r *http.Request) error {
	body, err := readDocument[CheckRequest](w, r)
	if err != nil {
		return err
	}
	if err := body.validate(); err != nil {
		return err
	}
	var report CheckReport
	if len(body.Event) > 0 {
		report, err = h.checkEvent(body.Event) //nolint:contextcheck // conditions are bounded by their cost
	} else {
		report, err = h.config.Check(r.Context(), body)
	}
	if err != nil {
		return err
	}
	return answer(w, http.StatusOK, report)
}

func (c *CheckRequest) validate() error {
	if bytes.Equal(c.Event, []byte("null")) {
		c.Event = nil
	}
	if len(c.Event) > 0 {
		return nil
	}
	var faults []fault
	if c.Method == "" {
		faults = append(faults, fault{"/method", "is required, unless there is an event"})
	}
	if !strings.HasPrefix(c.Path, "/") {
		faults = append(faults, fault{"/path", "is required, unless there is an event, and begins with a slash"})
	}
	if len(faults) > 0 {
		return invalid(faults...)
	}
	return nil
}

// checkEvent says which webhooks would be told of an event that somebody posts.
func (h *Handler) checkEvent(raw []byte) (CheckReport, error) {
	e, err := readEvent(raw, "/event")
	if err != nil {
		return CheckReport{}, err
	}
	return CheckReport{
		Event: e.AppendJSON(nil, nil), Types: []string{e.Type.Name},
		Webhooks: CheckHooks(h.config.Webhooks.List(), e, e.Request.Body),
	}, nil
}
