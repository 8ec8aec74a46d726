package interceptor

import (
	"context"
	"net/http"
	"time"

	"github.com/voorpoort/voorpoort/event"
	"github.com/voorpoort/voorpoort/interceptor/apply"
	"github.com/voorpoort/voorpoort/webhook"
)

// caller is all that is needed to call one webhook: its client with the
// connections kept open, its breaker, and how its answers change a body.
type caller struct {
	hook      *webhook.Hook
	client    client
	plan      *apply.Plan // nil for a webhook that only approves or blocks
	breaker   breaker
	maxAnswer int64

	prototype              *http.Request // what all calls have in common
	contentType, userAgent []string      // header values, shared by all calls
}

func newCaller(h *webhook.Hook, config Config) (*caller, error) {
	c := &caller{
		hook:      h,
		client:    newClient(h, config.guard(h)),
		maxAnswer: config.MaxAnswer,
		prototype: &http.Request{
			Method:     h.Method,
			URL:        h.URL,
			Host:       h.URL.Host,
			Proto:      "HTTP/1.1",
			ProtoMajor: 1,
			ProtoMinor: 1,
		},
		contentType: []string{h.ContentType},
		userAgent:   []string{config.UserAgent},
		breaker: breaker{
			threshold: h.Breaker.Failures,
			pause:     h.Breaker.Pause,
			maxPause:  h.Breaker.MaxPause,
			now:       time.Now,
		},
	}
	if h.MaxAnswer > 0 {
		c.maxAnswer = h.MaxAnswer
	}
	var err error
	c.plan, err = planOf(h)
	return c, err
}

// planOf is how answers change a body; nil when they do not.
func planOf(h *webhook.Hook) (*apply.Plan, error) {
	if !h.ProcessResponse {
		return nil, nil
	}
	return apply.Compile(apply.Strategy(h.Strategy), fields(h.Mapping))
}

// Check says what of a webhook [New] and [Gate.Renew] would refuse.
func Check(h *webhook.Hook) error {
	_, err := planOf(h)
	return err
}

func fields(mapping []webhook.Mapping) []apply.Field {
	fields := make([]apply.Field, len(mapping))
	for i, m := range mapping {
		fields[i] = apply.Field(m)
	}
	return fields
}

// fill sets the headers of one call. The webhook's own come from the operator;
// nothing of the client's request is in them.
func (c *caller) fill(header http.Header, e *event.Event, at time.Time, payload []byte) {
	header["Content-Type"] = c.contentType
	header["Accept"] = acceptJSON
	header["User-Agent"] = c.userAgent
	c.hook.Sign(header, e.ID, at, payload)
}

var acceptJSON = []string{"application/json"}

// request makes the request of one call. The event id stays the same for every
// try of the same call, so the client may repeat it on a stale connection.
func (c *caller) request(ctx context.Context, p *parcel, event []byte) *http.Request {
	r := c.prototype.WithContext(ctx)
	r.Header = p.header
	r.Body, r.GetBody = p.body(event), p.again
	r.ContentLength = int64(len(event))
	return r
}
