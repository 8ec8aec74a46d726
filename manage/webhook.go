package manage

import (
	"cmp"
	"encoding/json"
	"strings"
	"time"

	"github.com/voorpoort/voorpoort/catalogue"
	"github.com/voorpoort/voorpoort/delivery"
	"github.com/voorpoort/voorpoort/strictjson"
	"github.com/voorpoort/voorpoort/webhook"
)

// webhookDocument is a webhook as the API shows it: OpenRegister's members in
// OpenRegister's order, each always there; then the gateway's own definition,
// where optional members are there only if they say something; then how the
// webhook is doing.
type webhookDocument struct {
	ID              uint64          `json:"id"`
	UUID            string          `json:"uuid"`
	Name            string          `json:"name"`
	URL             string          `json:"url"`
	Method          string          `json:"method"`
	Events          []string        `json:"events"`
	Headers         json.RawMessage `json:"headers" shape:"object"`
	Secret          *string         `json:"secret"`
	Enabled         bool            `json:"enabled"`
	Organisation    *string         `json:"organisation"`
	Filters         json.RawMessage `json:"filters" shape:"object"`
	RetryPolicy     string          `json:"retryPolicy"`
	MaxRetries      int             `json:"maxRetries"`
	Timeout         json.RawMessage `json:"timeout" shape:"duration"`
	LastTriggeredAt *time.Time      `json:"lastTriggeredAt"`
	LastSuccessAt   *time.Time      `json:"lastSuccessAt"`
	LastFailureAt   *time.Time      `json:"lastFailureAt"`
	Total           uint64          `json:"totalDeliveries"`
	Successful      uint64          `json:"successfulDeliveries"`
	Failed          uint64          `json:"failedDeliveries"`
	Created         *time.Time      `json:"created"`
	Updated         *time.Time      `json:"updated"`
	Configuration   json.RawMessage `json:"configuration" shape:"object"`
	Mapping         *int            `json:"mapping"`

	Signature []webhook.Scheme `json:"signature"`
	Format    webhook.Format   `json:"format"`
	Ordered   bool             `json:"ordered"`
	webhookOptions

	ReadOnly    bool       `json:"readOnly"`
	State       string     `json:"state"` // see stateOf
	StateUntil  *time.Time `json:"stateUntil"`
	Fault       *string    `json:"fault"`
	Pending     uint64     `json:"pending"`
	Retrying    uint64     `json:"retrying"`
	DeadLetters uint64     `json:"deadLetters"`
	Skipped     uint64     `json:"skipped"`
}

// webhookOptions are the members of a definition that are shown when they are
// set.
type webhookOptions struct {
	Source       json.RawMessage `json:"source,omitempty" shape:"string"`
	EventFilters json.RawMessage `json:"eventFilters,omitempty" shape:"array"`
	Style        json.RawMessage `json:"style,omitempty" shape:"string"`
	When         json.RawMessage `json:"when,omitempty" shape:"string"`
	ContentType  json.RawMessage `json:"contentType,omitempty" shape:"string"`
	Client       json.RawMessage `json:"client,omitempty" shape:"string"`
	Proxy        json.RawMessage `json:"proxy,omitempty" shape:"string"`
	TLS          json.RawMessage `json:"tls,omitempty" shape:"object"`
	BatchSize    json.RawMessage `json:"batchSize,omitempty" shape:"integer"`
	NoRetryOn    json.RawMessage `json:"noRetryOn,omitempty" shape:"array"`
	OrderPolicy  json.RawMessage `json:"orderPolicy,omitempty" shape:"string"`
	SkipAfter    json.RawMessage `json:"skipAfter,omitempty" shape:"integer"`
	Concurrency  json.RawMessage `json:"concurrency,omitempty" shape:"integer"`
	OAuth2       json.RawMessage `json:"oauth2,omitempty" shape:"object"`
	ZGWJWT       json.RawMessage `json:"zgwJwt,omitempty" shape:"object"`
}

// define fills in what somebody has written, with defaults, and secrets masked
// by the webhook's own MarshalJSON.
func (d *webhookDocument) define(w *webhook.Webhook) error {
	raw, err := w.MarshalJSON()
	if err != nil {
		return err //nolint:wrapcheck // never happens: a webhook's writer has no errors
	}
	members := membersOf(raw)
	d.Headers = orEmpty(members["headers"])
	d.Filters = orEmpty(members["filters"])
	d.Configuration = orEmpty(members["configuration"])
	d.UUID, d.Name, d.URL = w.UUID, w.Name, w.URL.String()
	d.Method = cmp.Or(strings.ToUpper(w.Method), "POST")
	d.Events = append([]string{}, w.Events...)
	if len(w.Secrets) > 0 {
		hidden := masked
		d.Secret = &hidden
	}
	d.Enabled, d.Ordered = !w.Disabled, w.Ordered
	d.RetryPolicy = string(cmp.Or(w.RetryPolicy, webhook.Exponential))
	d.MaxRetries = cmp.Or(w.RetryPolicy, webhook.Exponential).Length()
	if w.MaxRetries != nil {
		d.MaxRetries = *w.MaxRetries
	}
	d.Timeout = duration(cmp.Or(w.Timeout, webhook.DefaultTimeout))
	d.Signature = append([]webhook.Scheme{}, w.Signatures...)
	d.Format = formatOf(w)
	d.webhookOptions = webhookOptions{
		Source: members["source"], EventFilters: members["eventFilters"], Style: members["style"], When: members["when"],
		ContentType: members["contentType"], Client: members["client"], Proxy: members["proxy"], TLS: members["tls"],
		BatchSize: members["batchSize"], NoRetryOn: members["noRetryOn"], OrderPolicy: members["orderPolicy"],
		SkipAfter: members["skipAfter"], Concurrency: members["concurrency"], OAuth2: members["oauth2"], ZGWJWT: members["zgwJwt"],
	}
	return nil
}

// show makes the document of a webhook of the list.
func (h *Handler) show(e *catalogue.Entry, stats delivery.Stats) (*webhookDocument, error) {
	d := new(webhookDocument)
	if err := d.define(&e.Webhook); err != nil {
		return nil, err
	}
	d.ID, d.UUID, d.ReadOnly = e.Number, e.UUID, e.Fixed
	d.Created, d.Updated = moment(e.Created), moment(e.Updated)
	if e.Fault != "" {
		d.Fault = &e.Fault
	}
	d.State, d.StateUntil = h.stateOf(e)
	d.count(stats)
	return d, nil
}

func (d *webhookDocument) count(s delivery.Stats) {
	d.Total, d.Successful, d.Failed = s.Total, s.Successful, s.Failed
	d.LastTriggeredAt, d.LastSuccessAt, d.LastFailureAt = moment(s.LastAttempt), moment(s.LastSuccess), moment(s.LastFailure)
	d.Pending, d.Retrying, d.DeadLetters, d.Skipped = s.Pending, s.Retrying, s.Dead, s.Skipped
}

// stateOf tells what a webhook is doing in this gateway: fault and disabled are
// the webhook's, idle is that it has no queue here, and the others are the
// queue's.
func (h *Handler) stateOf(e *catalogue.Entry) (state string, until *time.Time) {
	switch {
	case e.Fault != "":
		return "fault", nil
	case e.Webhook.Disabled:
		return "disabled", nil
	}
	status, known := h.config.Engine.Status(lane(e))
	if !known || status.State == delivery.LaneUnknown {
		return "idle", nil
	}
	return string(status.State), moment(status.Until)
}

// formatOf is the format that a webhook's deliveries have.
func formatOf(w *webhook.Webhook) webhook.Format {
	switch cloud := w.Configuration.UseCloudEvents; {
	case w.EventFormat != "":
		return w.EventFormat
	case cloud == nil:
		return webhook.FormatCloudEvents
	case *cloud:
		return webhook.FormatOpenRegisterCloudEvent
	}
	return webhook.FormatOpenRegister
}

// duration is whole seconds, as in OpenRegister, or a text such as "1.5s".
func duration(d time.Duration) json.RawMessage {
	if d%time.Second == 0 {
		raw, _ := json.Marshal(int64(d / time.Second))
		return raw
	}
	return strictjson.AppendQuote(nil, d.String())
}

// membersOf gives the members of an object by name.
func membersOf(object []byte) map[string]json.RawMessage {
	members := make(map[string]json.RawMessage)
	for token, value := range strictjson.Members(object) {
		name, _ := strictjson.Unquote(token)
		members[name] = value
	}
	return members
}

func orEmpty(object json.RawMessage) json.RawMessage {
	if object == nil {
		return json.RawMessage("{}")
	}
	return object
}
