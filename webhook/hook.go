package webhook

import (
	"crypto/tls"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/url"
	"slices"
	"time"

	"github.com/voorpoort/voorpoort/event"
)

// Hook is a compiled webhook. It is immutable and safe for use by many
// goroutines: its fields are there to be read, never to be changed.
type Hook struct {
	UUID string // "" when none was given
	Name string

	URL         *url.URL // empty with Pull; may hold a secret in its query: never log it, log Address
	Address     Address  // the same, fit to be shown
	Method      string   // POST, PUT, PATCH, DELETE or GET
	ContentType string   // of an interceptor's calls; that of a delivery follows EventFormat
	Client      Client
	Proxy       *url.URL    // nil: none, whatever the environment says
	TLS         *tls.Config // nil: the system's trust and no client certificate

	Disabled bool
	Mode     Mode
	Order    int

	Timeout   time.Duration // always positive
	MaxAnswer int64         // bytes; 0: the gateway's own limit
	Breaker   Breaker       // Failures 0: no breaker

	// One of these is set; see role.go.
	Intercepts bool // asked before the write, which waits
	Async      bool // told of the event before the write
	Subscribes bool // told of the event after the write

	Pull bool // with Async or Subscribes: nobody is called, the subscriber fetches its events

	OnFailure, OnTimeout, OnUnreachable Policy // "" unless Intercepts

	ProcessResponse bool      // the answer may change the body
	Strategy        Strategy  // set when ProcessResponse is
	Mapping         []Mapping // for Custom, in the order written

	// Deliveries.
	EventFormat       Format
	CloudEventSource  string // with FormatOpenRegisterCloudEvent; "": the default
	CloudEventSubject string // with FormatOpenRegisterCloudEvent; "": none
	BatchSize         int    // events in one call: 1 unless EventFormat is FormatBatch
	Retry             Retry
	NoRetry           []int // statuses, ascending, after which nothing is tried again
	Ordered           bool
	OrderPolicy       OrderPolicy // "" unless Ordered
	SkipAfter         int         // attempts, with OrderSkip
	Concurrency       int         // calls at the same time, at least 1
	OAuth2            *OAuth2     // nil: none; Style is set
	ZGW               *ZGWJWT     // nil: none

	lane       string
	patterns   []*pattern // empty: every event
	filters    []*filter
	attributes []attributeFilter // the first is the source, if source is true
	source     bool
	condition  *event.Condition // nil: always

	// Pointers, so that nothing of these shows when a Hook is printed from
	// where its own Format cannot be called.
	headers *headers
	signer  *signer
}

// Matches tells whether all filters and the condition let an event through,
// with body as the request body as it is now: JSON that has passed
// strictjson.Check, or empty. After the write that is what the register got;
// object, before and response are the event's own. An error says that the condition could not be evaluated for this
// event; filters have no errors.
func (h *Hook) Matches(e *event.Event, body []byte) (bool, error) {
	for _, f := range h.filters {
		if !f.holds(e, body) {
			return false, nil
		}
	}
	if !holdAll(h.attributes, e) {
		return false, nil
	}
	if h.condition == nil {
		return true, nil
	}
	holds, err := h.condition.Eval(e, body)
	if err != nil {
		return false, err
	}
	return holds, nil
}

// NeedsBefore tells whether a filter or the condition of a subscriber looks at
// the thing as it was before the write, so that it must be got first.
func (h *Hook) NeedsBefore() bool {
	return h.Subscribes && (h.looksAt(rootBefore) || h.condition != nil && h.condition.NeedsBefore())
}

// NeedsObject tells whether a filter of a subscriber looks at the object. When
// the write deletes it, it must be got first.
func (h *Hook) NeedsObject() bool { return h.Subscribes && h.looksAt(rootObject) }

func (h *Hook) looksAt(place root) bool {
	return slices.ContainsFunc(h.filters, func(f *filter) bool { return f.path.root == place })
}

// String gives name, method and address, and no secret.
func (h Hook) String() string { return describe(h.Name, h.Method, h.Address) }

// Format writes the same as String whatever the verb and flags.
func (h Hook) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, h.String()) }

// LogValue logs name, method and address.
func (h Hook) LogValue() slog.Value { return logged(h.Name, h.Method, h.Address) }

// MarshalJSON writes what identifies the hook; the webhook it was made from is
// the document.
func (h Hook) MarshalJSON() ([]byte, error) {
	return json.Marshal(struct {
		Name    string  `json:"name"`
		UUID    string  `json:"uuid,omitempty"`
		URL     Address `json:"url"`
		Method  string  `json:"method"`
		Mode    Mode    `json:"mode"`
		Enabled bool    `json:"enabled"`
	}{h.Name, h.UUID, h.Address, h.Method, h.Mode, !h.Disabled})
}

// describe is how a webhook is printed.
func describe(name, method string, address Address) string {
	return fmt.Sprintf("webhook %q (%s %s)", name, method, address)
}

func logged(name, method string, address Address) slog.Value {
	return slog.GroupValue(slog.String("name", name), slog.String("method", method), slog.Any("url", address))
}

// Defaults are what the gateway's own configuration says for webhooks that
// say nothing. Zero fields mean this package's defaults.
type Defaults struct {
	Timeout   time.Duration // instead of DefaultTimeout
	OnFailure Policy        // instead of Reject
}
