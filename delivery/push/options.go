package push

import (
	"errors"
	"net/http"
	"time"

	"github.com/voorpoort/voorpoort/delivery"
	"github.com/voorpoort/voorpoort/webhook"
)

// Options say how messages are sent, beside what the webhook says.
type Options struct {
	// Guard, when set, is asked about the addresses of the receiver and of the
	// token endpoint.
	Guard Guard

	// Tracer, when set, is told of each call.
	Tracer Tracer

	UserAgent string // default DefaultUserAgent; a custom header field of the webhook wins

	// Origin, when set, is sent as WebHook-Request-Origin (CloudEvents, HTTP
	// 1.1 Web Hooks for Event Delivery, section 2.1): the DNS name of the
	// sending system.
	Origin string

	// MaxResponse is how many bytes of an answer are kept; default and most
	// delivery.MaxResponseText. Negative: none.
	MaxResponse int

	// Now is the clock; default time.Now. Timeouts do not follow it.
	Now func() time.Time
}

// DefaultUserAgent names the gateway to receivers.
const DefaultUserAgent = "Voorpoort"

// maxRead is how much of an answer is read, in bytes, to keep the connection; a
// longer one costs the receiver its connection and us nothing.
const maxRead = 64 << 10

var errMethod = errors.New("method GET has no body, which only the format openregister can do without")

func (o Options) withDefaults() Options {
	if o.UserAgent == "" {
		o.UserAgent = DefaultUserAgent
	}
	if o.MaxResponse == 0 || o.MaxResponse > delivery.MaxResponseText {
		o.MaxResponse = delivery.MaxResponseText
	}
	if o.Tracer == nil {
		o.Tracer = untraced{}
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	return o
}

// checkMethod refuses what webhook.Compile would not have let through.
func checkMethod(h *webhook.Hook) error {
	if h.Method == http.MethodGet && h.EventFormat != webhook.FormatOpenRegister {
		return errMethod
	}
	return nil
}
