package manage

import (
	"encoding/json"
	"strings"
	"time"

	"github.com/voorpoort/voorpoort/catalogue"
	"github.com/voorpoort/voorpoort/webhook"
)

// subscriptionView is a webhook that is told of events, in OpenConnector's shape
// and in the words of the CloudEvents Subscriptions API (draft).
type subscriptionView struct {
	ID               uint64            `json:"id"`
	UUID             string            `json:"uuid"`
	Reference        string            `json:"reference"` // the webhook's name
	Version          string            `json:"version"`
	Source           *string           `json:"source"`
	Types            []string          `json:"types"` // empty for all
	Config           subscriptionSetup `json:"config"`
	Filters          []json.RawMessage `json:"filters"`
	Sink             *string           `json:"sink"` // null with style pull
	Protocol         string            `json:"protocol"`
	ProtocolSettings protocolSettings  `json:"protocolSettings"`
	Style            webhook.Style     `json:"style"`
	Status           string            `json:"status"` // active or paused
	UserID           *string           `json:"userId"`
	Created          *time.Time        `json:"created"` // null of those of the configuration
	Updated          *time.Time        `json:"updated"`
	ReadOnly         bool              `json:"readOnly"`
}

// subscriptionSetup is what of a webhook's settings a subscription may have.
type subscriptionSetup struct {
	RetryPolicy webhook.RetryPolicy `json:"retryPolicy,omitempty"`
	MaxRetries  *int                `json:"maxRetries,omitempty"`
	Timeout     string              `json:"timeout,omitempty"`
	Ordered     bool                `json:"ordered,omitempty"`
}

type protocolSettings struct {
	Headers map[string]string `json:"headers"` // values masked
	Method  string            `json:"method"`
}

// subscribes tells whether a webhook is told of events, and not asked.
func subscribes(e *catalogue.Entry) bool { return !e.Webhook.Configuration.InterceptRequests }

func newSubscriptionView(e *catalogue.Entry) subscriptionView {
	w := &e.Webhook
	view := subscriptionView{
		ID: e.Number, UUID: e.UUID, Reference: w.Name, Version: "0.0.0", Source: optional(w.Source),
		Types: append([]string{}, w.Events...), Filters: append([]json.RawMessage{}, w.EventFilters...),
		Config:   subscriptionSetup{RetryPolicy: w.RetryPolicy, MaxRetries: w.MaxRetries, Ordered: w.Ordered},
		Protocol: "HTTP", ProtocolSettings: protocolSettings{Headers: map[string]string{}, Method: w.Method},
		Style: w.Style, Status: "active", Created: moment(e.Created), Updated: moment(e.Updated), ReadOnly: e.Fixed,
	}
	if view.Style == "" {
		view.Style = webhook.StylePush
	}
	if view.Style == webhook.StylePush {
		view.Sink = optional(w.URL.String())
	}
	if view.ProtocolSettings.Method == "" {
		view.ProtocolSettings.Method = "POST"
	}
	for _, header := range w.Headers {
		view.ProtocolSettings.Headers[header.Name] = header.Value.String()
	}
	if w.Timeout > 0 {
		view.Config.Timeout = w.Timeout.String()
	}
	if w.Disabled {
		view.Status = "paused"
	}
	return view
}

// subscriptionInput is what a client says of a subscription. What is absent or
// null stays as it is. What only the gateway sets is accepted and without
// effect, so that an answer can be sent back.
type subscriptionInput struct {
	Reference        *string            `json:"reference"`
	Source           *string            `json:"source"`
	Types            *[]string          `json:"types"`
	Config           json.RawMessage    `json:"config"`
	Filters          *[]json.RawMessage `json:"filters"`
	Sink             *string            `json:"sink"`
	Protocol         *string            `json:"protocol"`
	ProtocolSettings *protocolInput     `json:"protocolSettings"`
	Style            *webhook.Style     `json:"style"`
	Status           *string            `json:"status"`

	ID         any `json:"id"`
	UUID       any `json:"uuid"`
	Version    any `json:"version"`
	UserID     any `json:"userId"`
	ConsumerID any `json:"consumerId"`
	Created    any `json:"created"`
	Updated    any `json:"updated"`
	ReadOnly   any `json:"readOnly"`
}

type protocolInput struct {
	Headers *map[string]string `json:"headers"`
	Method  *string            `json:"method"`
}

// set puts a value where there is one.
func set[T any](dst *T, value *T) {
	if value != nil {
		*dst = *value
	}
}

// apply changes a webhook into what the client wants.
func (in *subscriptionInput) apply(w webhook.Webhook) (webhook.Webhook, error) {
	var faults []fault
	before := w
	set(&w.Name, in.Reference)
	set(&w.Source, in.Source)
	set(&w.Events, in.Types)
	set(&w.EventFilters, in.Filters)
	set(&w.Style, in.Style)
	if in.Sink != nil && *in.Sink != w.URL.String() { // what was shown lacks the query, which may be a secret
		w.URL = webhook.NewAddress(*in.Sink)
	}
	if w.Style == webhook.StylePull && in.Sink == nil {
		w.URL = webhook.Address{}
	}
	if in.Protocol != nil && *in.Protocol != "HTTP" {
		faults = append(faults, fault{"/protocol", `must be "HTTP"`})
	}
	if p := in.ProtocolSettings; p != nil {
		set(&w.Method, p.Method)
		if p.Headers != nil {
			w.Headers = mergeHeaders(w.Headers, *p.Headers, &faults)
		}
	}
	in.applyStatus(&w, &faults)
	in.applyConfig(&w, &faults)
	for _, f := range stolen(&before, &w, in.given) {
		faults = append(faults, fault{strings.Replace(f.Pointer, "/headers/", "/protocolSettings/headers/", 1), f.Detail})
	}
	if len(faults) > 0 {
		return w, invalid(faults...)
	}
	return w, nil
}

// given tells whether the client has said a credential.
func (in *subscriptionInput) given(pointer string) bool {
	name, isHeader := strings.CutPrefix(pointer, "/headers/")
	if !isHeader || in.ProtocolSettings == nil || in.ProtocolSettings.Headers == nil {
		return false
	}
	value, ok := (*in.ProtocolSettings.Headers)[pointerUnescaper.Replace(name)]
	return ok && value != masked
}

func (in *subscriptionInput) applyStatus(w *webhook.Webhook, faults *[]fault) {
	if in.Status == nil {
		return
	}
	switch *in.Status {
	case "active":
		w.Disabled = false
	case "paused", "inactive", "disabled":
		w.Disabled = true
	default:
		*faults = append(*faults, fault{"/status", "must be active or paused"})
	}
}

// applyConfig reads config with the reader of webhooks, whose words it has.
func (in *subscriptionInput) applyConfig(w *webhook.Webhook, faults *[]fault) {
	if len(in.Config) == 0 || string(in.Config) == "null" {
		return
	}
	var allowed map[string]json.RawMessage
	if json.Unmarshal(in.Config, &allowed) != nil {
		if string(in.Config) != "[]" { // how PHP writes an empty object
			*faults = append(*faults, fault{"/config", "must be an object"})
		}
		return
	}
	for name := range allowed {
		switch name {
		case "retryPolicy", "maxRetries", "timeout", "ordered":
		default:
			*faults = append(*faults, fault{"/config/" + pointerEscaper.Replace(name), "is unknown; known are retryPolicy, maxRetries, timeout and ordered"})
			return
		}
	}
	parsed, err := webhook.Parse(in.Config)
	if err != nil {
		*faults = append(*faults, webhookFaults(err, "/config")...)
		return
	}
	for name := range allowed { // the others stay
		switch name {
		case "retryPolicy":
			w.RetryPolicy = parsed.RetryPolicy
		case "maxRetries":
			w.MaxRetries = parsed.MaxRetries
		case "timeout":
			w.Timeout = parsed.Timeout
		case "ordered":
			w.Ordered = parsed.Ordered
		}
	}
}

// mergeHeaders gives the headers that a client wants; a value that is masked
// stays as it is, however the name is written.
func mergeHeaders(old []webhook.Header, wanted map[string]string, faults *[]fault) []webhook.Header {
	kept := make(map[string]webhook.Secret, len(old))
	for _, header := range old {
		kept[strings.ToLower(header.Name)] = header.Value
	}
	merged := make([]webhook.Header, 0, len(wanted))
	for _, name := range sortedKeys(wanted) {
		value := webhook.NewSecret(wanted[name])
		before, ok := kept[strings.ToLower(name)]
		switch {
		case ok && wanted[name] == before.String():
			value = before
		case wanted[name] == masked:
			*faults = append(*faults, fault{"/protocolSettings/headers" + pointerTo(name), `is "***", which stands for what is stored; nothing is`})
		}
		merged = append(merged, webhook.Header{Name: name, Value: value})
	}
	return merged
}
