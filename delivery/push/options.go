package push

import (
	"crypto/tls"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/voorpoort/voorpoort/delivery"
	"github.com/voorpoort/voorpoort/webhook"
)

// Options say how a lane's messages are sent, beside what its webhook says.
type Options struct {
	Format Format // default CloudEvents

	// Sequence adds the extension `sequence` to CloudEvents: the message's
	// position as 20 digits. It is for lanes that keep an order.
	Sequence bool

	// At most one of OAuth2 and ZGW is set. Their Authorization replaces one
	// of the webhook's own header fields.
	OAuth2 *OAuth2
	ZGW    *ZGW

	// Guard, when set, is asked about the addresses of the receiver and of the
	// token endpoint.
	Guard Guard

	UserAgent string // default DefaultUserAgent; a custom header field of the webhook wins

	// Origin, when set, is sent as WebHook-Request-Origin (CloudEvents, HTTP
	// 1.1 Web Hooks for Event Delivery, section 2.1): the DNS name of the
	// sending system.
	Origin string

	// MaxResponse is how many bytes of an answer are kept; default and most
	// delivery.MaxResponseText. Negative: none.
	MaxResponse int

	// Client, when set, is used instead of the webhook's.
	Client webhook.Client

	// Now is the clock; default time.Now. Timeouts do not follow it.
	Now func() time.Time
}

// DefaultUserAgent names the gateway to receivers.
const DefaultUserAgent = "Voorpoort"

// maxRead is how much of an answer is read, in bytes, to keep the connection; a
// longer one costs the receiver its connection and us nothing.
const maxRead = 64 << 10

// Errors of New.
var (
	errAuth   = errors.New("oauth2 and zgw exclude each other")
	errMethod = errors.New("method GET has no body, which only the format openregister can do without")
)

func (o Options) withDefaults(h *webhook.Hook) (Options, error) {
	if o.Format == "" {
		o.Format = CloudEvents
	}
	if o.UserAgent == "" {
		o.UserAgent = DefaultUserAgent
	}
	if o.MaxResponse == 0 || o.MaxResponse > delivery.MaxResponseText {
		o.MaxResponse = delivery.MaxResponseText
	}
	if o.Client == "" {
		o.Client = h.Client
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	switch {
	case !slices.Contains(Formats(), o.Format):
		return o, fmt.Errorf("format %q is not known", o.Format)
	case o.OAuth2 != nil && o.ZGW != nil:
		return o, errAuth
	case h.Method == http.MethodGet && o.Format != OpenRegister:
		return o, errMethod
	}
	return o, nil
}

// Formats gives the formats that New takes.
func Formats() []Format {
	return []Format{CloudEvents, CloudEventsBinary, CloudEventsBatch, OpenRegister, OpenRegisterCloudEvent}
}

// newAuthorizer makes what gives Authorization.
func newAuthorizer(h *webhook.Hook, o Options) (authorizer, error) {
	switch {
	case o.ZGW != nil:
		return o.ZGW, nil
	case o.OAuth2 == nil:
		return open{}, nil
	}
	// The webhook's certificates count for the token endpoint too, but the
	// name to verify is the endpoint's own.
	var config *tls.Config
	if h.TLS != nil {
		config = h.TLS.Clone()
		config.ServerName = ""
	}
	c := newClient(o.Client, h.Proxy, config, o.Guard)
	endpoint, err := newTokenEndpoint(o.OAuth2, c, h.Timeout, o.Now)
	if err != nil {
		return nil, err
	}
	return &granted{endpoint: endpoint, cache: tokenCache{fetch: endpoint.fetch, now: o.Now}}, nil
}
