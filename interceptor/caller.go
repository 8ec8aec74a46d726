package interceptor

import (
	"bytes"
	"context"
	"io"
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
		client:    newClient(h, config.Guard),
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
	if !h.ProcessResponse {
		return c, nil
	}
	plan, err := apply.Compile(apply.Strategy(h.Strategy), fields(h.Mapping))
	c.plan = plan
	return c, err
}

func fields(mapping []webhook.Mapping) []apply.Field {
	fields := make([]apply.Field, len(mapping))
	for i, m := range mapping {
		fields[i] = apply.Field(m)
	}
	return fields
}

// header makes the headers of one call. The webhook's own come from the
// operator; nothing of the client's request is in them.
func (c *caller) header(e *event.Event, at time.Time, payload []byte) http.Header {
	header := make(http.Header, 8)
	header["Content-Type"] = c.contentType
	header["Accept"] = acceptJSON
	header["User-Agent"] = c.userAgent
	c.hook.Sign(header, e.ID, at, payload)
	return header
}

var acceptJSON = []string{"application/json"}

// request makes the request of one call. The event id stays the same for every
// try of the same call, so the client may repeat it on a stale connection.
func (c *caller) request(ctx context.Context, header http.Header, event []byte) *http.Request {
	r := c.prototype.WithContext(ctx)
	r.Header = header
	r.Body = newPayload(event)
	r.ContentLength = int64(len(event))
	r.GetBody = func() (io.ReadCloser, error) { return newPayload(event), nil }
	return r
}

// payload is an event as the body of a request. Its Len tells the transport
// that it is in memory.
type payload struct{ bytes.Reader }

func newPayload(event []byte) *payload {
	p := &payload{}
	p.Reset(event)
	return p
}

// Close does nothing: there is nothing to give back.
func (*payload) Close() error { return nil }
