package caddymodule

import (
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"time"

	"github.com/caddyserver/caddy/v2"

	"github.com/voorpoort/voorpoort/delivery"
)

func init() {
	caddy.RegisterModule(AdminAPI{})
}

// AdminAPI shows, under Caddy's admin endpoint, how the gateway is: read-only,
// without bodies or secrets, for whoever is on the machine.
type AdminAPI struct{}

// CaddyModule returns the Caddy module information.
func (AdminAPI) CaddyModule() caddy.ModuleInfo {
	return caddy.ModuleInfo{ID: "admin.api.voorpoort", New: func() caddy.Module { return new(AdminAPI) }}
}

// Routes are what is added to the endpoint.
func (a *AdminAPI) Routes() []caddy.AdminRoute {
	return []caddy.AdminRoute{
		{Pattern: "GET /voorpoort/status", Handler: shown(adminStatus)},
		{Pattern: "GET /voorpoort/webhooks", Handler: shown(adminWebhooks)},
		{Pattern: "GET /voorpoort/dead-letters", Handler: shown(adminDeadLetters)},
	}
}

var (
	errNoApp  = errors.New("the configuration in force has no voorpoort")
	errNoPage = errors.New("limit must be a whole number from 1 to 1000")
)

// shown answers with what is in force at the time of the request: an app that was
// kept from before might be one of a configuration that is gone.
func shown(show func(c *cockpit, r *http.Request) (any, error)) caddy.AdminHandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) error {
		module, err := caddy.ActiveContext().AppIfConfigured(appName)
		if err != nil {
			return caddy.APIError{HTTPStatus: http.StatusNotFound, Err: errNoApp}
		}
		c, err := module.(*App).cockpit(r.Context()) //nolint:forcetypeassert // it is registered under that name
		if err != nil {
			return caddy.APIError{HTTPStatus: http.StatusServiceUnavailable, Err: err}
		}
		document, err := show(c, r)
		if err != nil {
			return err
		}
		w.Header().Set("Content-Type", "application/json")
		return json.NewEncoder(w).Encode(document)
	}
}

// adminState is how the gateway is.
type adminState struct {
	Store      string                `json:"store"`
	Failing    bool                  `json:"failing"`
	Webhooks   int                   `json:"webhooks"`
	Pending    uint64                `json:"pending"`
	Retrying   uint64                `json:"retrying"`
	Dead       uint64                `json:"deadLetters"`
	OldestHold *time.Time            `json:"oldestHoldAt"`
	Queues     map[string]adminQueue `json:"queues"` // by webhook
}

type adminQueue struct {
	State string     `json:"state"`
	Until *time.Time `json:"until,omitempty"`
	Calls int        `json:"calls"`
}

func adminStatus(c *cockpit, r *http.Request) (any, error) {
	all, err := c.store.AllStats(r.Context())
	if err != nil {
		return nil, err
	}
	holds, err := c.store.Holds(r.Context(), 1)
	if err != nil {
		return nil, err
	}
	state := adminState{Store: c.storeKind(), Failing: c.engine.Failing() != nil, Webhooks: len(c.catalogue.List()), Queues: map[string]adminQueue{}}
	for _, s := range all {
		state.Pending += s.Pending
		state.Retrying += s.Retrying
		state.Dead += s.Dead
	}
	if len(holds) > 0 {
		state.OldestHold = &holds[0].Created
	}
	for _, lane := range c.engine.Lanes() {
		queue := adminQueue{State: string(lane.State), Calls: lane.Calls}
		if !lane.Until.IsZero() {
			queue.Until = &lane.Until
		}
		if lane.Name != "" {
			state.Queues[lane.Name] = queue
		}
	}
	return state, nil
}

// adminWebhooks lists the webhooks; they mask their own secrets.
func adminWebhooks(c *cockpit, _ *http.Request) (any, error) {
	type shownWebhook struct {
		Number  uint64 `json:"id"`
		UUID    string `json:"uuid"`
		Fixed   bool   `json:"readOnly"`
		Fault   string `json:"fault,omitempty"`
		Webhook any    `json:"webhook"`
	}
	entries := c.catalogue.List()
	list := make([]shownWebhook, 0, len(entries))
	for _, e := range entries {
		list = append(list, shownWebhook{e.Number, e.UUID, e.Fixed, e.Fault, e.Webhook})
	}
	return list, nil
}

// adminDeadLetters lists dead letters, newest first.
func adminDeadLetters(c *cockpit, r *http.Request) (any, error) {
	q := delivery.DeliveryQuery{State: delivery.Dead, Newest: true}
	if text := r.URL.Query().Get("limit"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 || n > 1000 {
			return nil, caddy.APIError{HTTPStatus: http.StatusBadRequest, Err: errNoPage}
		}
		q.Limit = n
	}
	letters, err := c.store.Deliveries(r.Context(), q)
	if err != nil {
		return nil, err
	}
	type shownLetter struct {
		Lane     string    `json:"queue"`
		Seq      uint64    `json:"seq"`
		Event    string    `json:"eventId"`
		Type     string    `json:"eventType"`
		Attempts int       `json:"attempts"`
		Reason   string    `json:"reason"`
		At       time.Time `json:"deadAt"`
	}
	list := []shownLetter{}
	for i := range letters {
		l := &letters[i]
		list = append(list, shownLetter{l.Lane, l.Seq, l.Message.ID, l.Message.Type, l.Attempts, l.Reason, l.Changed})
	}
	return list, nil
}

// Interface guard.
var _ caddy.AdminRouter = (*AdminAPI)(nil)
