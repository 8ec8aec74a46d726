package manage

import (
	"context"
	"net"
	"net/http"
	"strings"

	"github.com/voorpoort/voorpoort/catalogue"
	"github.com/voorpoort/voorpoort/webhook"
)

// Deed is what somebody did with the API that must be known afterwards: a
// change, also one that was refused to a caller who is known, or a look at
// bodies. It has nothing of what was sent, changed or read.
type Deed struct {
	Change bool // else bodies were read

	Caller string // name of the token or of the user
	User   bool   // of an authentication handler in front; else of a token
	Client string // address

	Method    string
	Operation string // operationId, such as "deleteWebhook"
	Route     string // pattern behind /api, such as "/webhooks/{id}"
	Target    string // what the path has for the names in the pattern, with spaces between; 256 bytes at most

	Webhook uint64 // number of the webhook that it was about; 0: none, or none that there is
	UUID    string // of this webhook

	Status int // of the answer; 0: it broke off before there was one
}

// maxTarget bounds what a caller writes into a log with a path.
const maxTarget = 256

// doing is a deed that is being done.
type doing struct {
	deed   Deed
	known  bool // who does it
	change bool // something has changed, or was to be
	bodies bool // some were read
}

type doingKey struct{}

func doingOf(ctx context.Context) *doing {
	if d, ok := ctx.Value(doingKey{}).(*doing); ok {
		return d
	}
	return new(doing) // of which nobody is told
}

// tell ends a deed.
func (h *Handler) tell(d *doing, status int) {
	if h.config.Tell == nil || !d.known || !d.change && !d.bodies {
		return
	}
	d.deed.Change, d.deed.Status = d.change, status
	h.config.Tell(d.deed)
}

// note says who does what, once that is known.
func (h *Handler) note(r *http.Request, t *route, values []string) {
	c, known := r.Context().Value(callerKey{}).(caller)
	if !known {
		return
	}
	d := doingOf(r.Context())
	d.known, d.change = true, t.Scope&(Write|Replay) != 0
	d.deed = Deed{Caller: c.name, User: !c.token, Client: addressOf(r), Method: r.Method, Operation: t.Name, Route: t.Pattern}
	var target []string
	for i := 0; i < len(values); i += 2 {
		target = append(target, values[i+1])
		if values[i] == t.webhookIn() {
			if e, found := h.config.Webhooks.Find(values[i+1]); found {
				about(r.Context(), &e)
			}
		}
	}
	d.deed.Target = strings.Join(target, " ")
	d.deed.Target = d.deed.Target[:min(len(d.deed.Target), maxTarget)]
}

// webhookIn is the name in a pattern that stands for a webhook; "" for none.
func (t *route) webhookIn() string {
	switch {
	case strings.Contains(t.Pattern, "{webhook}"):
		return "webhook"
	case strings.HasPrefix(t.Pattern, "/webhooks/{id}"), strings.HasPrefix(t.Pattern, "/events/subscriptions/{id}"):
		return "id"
	}
	return ""
}

// about says which webhook a request is about.
func about(ctx context.Context, e *catalogue.Entry) {
	d := doingOf(ctx)
	d.deed.Webhook, d.deed.UUID = e.Number, e.UUID
}

// addressOf is the address that a request comes from.
func addressOf(r *http.Request) string {
	if address, given := r.Context().Value(clientKey{}).(string); given {
		return address
	}
	if host, _, err := net.SplitHostPort(r.RemoteAddr); err == nil {
		return host
	}
	return r.RemoteAddr
}

// witnessed are webhooks; of one that is made is noted which it is.
type witnessed struct{ Webhooks }

// Create implements [WebhookWriter].
func (w witnessed) Create(ctx context.Context, definition webhook.Webhook) (catalogue.Entry, error) {
	e, err := w.Webhooks.Create(ctx, definition)
	if err == nil {
		about(ctx, &e)
	}
	return e, err
}

// witness remembers the status of an answer.
type witness struct {
	http.ResponseWriter
	status int
}

// WriteHeader implements [http.ResponseWriter].
func (w *witness) WriteHeader(status int) {
	if w.status < http.StatusOK { // 1xx go before the answer
		w.status = status
	}
	w.ResponseWriter.WriteHeader(status)
}

// Write implements [http.ResponseWriter].
func (w *witness) Write(body []byte) (int, error) {
	w.ended()
	return w.ResponseWriter.Write(body)
}

// ended says that an answer whose status nobody has set is 200.
func (w *witness) ended() {
	if w.status == 0 {
		w.status = http.StatusOK
	}
}

// Unwrap is for [http.ResponseController].
func (w *witness) Unwrap() http.ResponseWriter { return w.ResponseWriter }
